package runtime

import (
	"internal/runtime/atomic"
	_ "unsafe"
)

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
		clearEdge(gp, edgePanic)
		code, typ, a, b := gp.pendingCode, gp.pendingType, gp.pendingA, gp.pendingB
		gp.pendingCode, gp.pendingType, gp.pendingA, gp.pendingB = 0, nil, nil, nil
		raisePending(code, typ, a, b)
	}
	if gp.m.locks > 0 {
		return // procUnpin comes back to the rest
	}
	if gp.edge&edgeStartGC != 0 && gp.flags&gWorldStopper == 0 {
		clearEdge(gp, edgeStartGC)
		collect(0)
	}
	if gp.edge&edgePreempt != 0 {
		clearEdge(gp, edgePreempt)
		goschedguarded()
	}
	clearEdge(gp, edgeAssist|edgeMoveStack|edgeHeapSample|edgeStop)
}

// clearEdge: other threads set bits meanwhile.
func clearEdge(gp *g, bits uint32) { atomic.And(&gp.edge, ^bits) }

// sweepStep is how many spans are swept in one go, between which the goroutine may be preempted.
const sweepStep = 64

var poolCleanup func()

// worldsema is held by the goroutine that stops the world; collecting is set while one collects, so that allocation by others,
// and by the collection's own driver, starts no second collection.
var (
	worldsema  uint32 = 1
	collecting uint32
)

func semacquire(addr *uint32)
func semrelease(addr *uint32)

// stopTheWorld returns when no other goroutine runs. The caller stays on its thread until startTheWorld.
func stopTheWorld(reason int) {
	getg().flags |= gWorldStopper // whoever is to stop the world, or has, cannot collect: what asks for it stays asked for
	semacquire(&worldsema)
	gcStopWorld(reason)
}

func startTheWorld() {
	gcStartWorld()
	getg().flags &^= gWorldStopper
	semrelease(&worldsema)
}

// collect runs one garbage collection; kind 0 automatic, 1 forced.
func collect(kind int) {
	if kind == 0 && !atomic.Cas(&collecting, 0, 1) {
		return
	}
	stopTheWorld(kind)
	atomic.Store(&collecting, 1)
	if poolCleanup != nil {
		poolCleanup()
	}
	due := gcRun(kind)
	startFinalizers(due)
	atomic.Store(&collecting, 0)
	startTheWorld()
	for gcSweep(sweepStep) {
	}
}

// GC runs a garbage collection and returns when it is done.
func GC() {
	collect(1)
	Gosched() // finalizers and whoever else waits get a turn
}

// forceGC is the body of a goroutine that collects when sysmon finds that it is time.
func forceGC() {
	becomeSystem()
	for {
		forceGCWait()
		collect(0)
	}
}

func becomeSystem()
func forceGCWait()

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
