package runtime

// Bits of g.edge (base/abi/edges.def): why a gate does not return straight to its caller.
const (
	edgePanic = 1 << iota
	edgePreempt
	edgeAssist
	edgeStartGC
	edgeMoveStack
	edgeHeapSample
	edgeStop
)

// gateslow does what C++ has asked for on the way back to Go code: only here may a gate panic, collect or give up the P.
func gateslow() {
	gp := getg()
	if gp.edge&edgePanic != 0 {
		gp.edge &^= edgePanic
		code, typ, a, b := gp.pendingCode, gp.pendingType, gp.pendingA, gp.pendingB
		gp.pendingCode, gp.pendingType, gp.pendingA, gp.pendingB = 0, nil, nil, nil
		raisePending(code, typ, a, b)
	}
	if gp.m.locks > 0 {
		return // procUnpin comes back to the rest
	}
	if gp.edge&edgeStartGC != 0 {
		gp.edge &^= edgeStartGC
		collect(0)
	}
	if gp.edge&edgePreempt != 0 {
		gp.edge &^= edgePreempt
		goschedguarded()
	}
	gp.edge &^= edgeAssist | edgeMoveStack | edgeHeapSample | edgeStop
}

var poolCleanup func()

// collecting: a collection's driver is running; the allocations that it makes start no other.
var collecting bool

// collect runs one garbage collection; kind 0 automatic, 1 forced.
func collect(kind int) {
	if collecting {
		return
	}
	collecting = true
	if poolCleanup != nil {
		poolCleanup()
	}
	gcStopWorld(kind)
	due := gcRun(kind)
	gcStartWorld()
	collecting = false
	startFinalizers(due)
}

// GC runs a garbage collection and returns when it is done.
func GC() {
	collect(1)
	Gosched() // finalizers and whoever else waits get a turn
}

const (
	sigBUS  = 7
	sigFPE  = 8
	sigSEGV = 11

	fpeIntDivide   = 1
	fpeIntOverflow = 2
)

// sigpanic is entered as if the faulting instruction had called it.
func sigpanic() {
	gp := getg()
	switch gp.sig {
	case sigBUS:
		if gp.sigcode0 == 2 && gp.sigcode1 < 0x1000 {
			panicmem()
		}
		if gp.flags&gPanicOnFault != 0 {
			panic(errorAddressString{memoryText, gp.sigcode1})
		}
		printstring("unexpected fault address ")
		printhex(uint64(gp.sigcode1))
		printnl()
		throw("fault")
	case sigSEGV:
		if (gp.sigcode0 == 0 || gp.sigcode0 == 1 || gp.sigcode0 == 2) && gp.sigcode1 < 0x1000 {
			panicmem()
		}
		if gp.flags&gPanicOnFault != 0 {
			panic(errorAddressString{memoryText, gp.sigcode1})
		}
		printstring("unexpected fault address ")
		printhex(uint64(gp.sigcode1))
		printnl()
		throw("fault")
	case sigFPE:
		switch gp.sigcode0 {
		case fpeIntDivide:
			panicdivide()
		case fpeIntOverflow:
			panicoverflow()
		}
		panic(errorString("floating point error"))
	}
	throw("unexpected signal")
}

const memoryText = "invalid memory address or nil pointer dereference"
