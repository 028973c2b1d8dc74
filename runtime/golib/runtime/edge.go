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
	if gp.edge&edgeStartGC != 0 && gp.flags&(gWorldStopper|gCollecting) == 0 {
		switch gcWanted() {
		case 1:
			collectNow()
		case 2:
			startCollect()
		}
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

// worldsema is held by the goroutine that stops the world, collectsema by the one that drives a cycle of the collector.
var (
	worldsema   uint32 = 1
	collectsema uint32 = 1
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

// collect drives one cycle of the collector (runtime/gc/gc.h); kind 0 automatic, 1 forced. The world is stopped at its start and its end.
func collect(kind int) {
	getg().flags |= gCollecting
	semacquire(&collectsema)
	sweep()
	if kind == 0 && !gcDue() {
		endCollect()
		return // somebody else's collection came first
	}
	beginStop(kind)
	due := gcStart(kind)
	endStop(due)
	finishCollect(due)
}

// startCollect begins a cycle, which the goroutine of forceGC then drives: the caller, whose allocation has made it due, goes on.
func startCollect() {
	if !atomic.Cas(&collectsema, 1, 0) {
		return // somebody does, or waits to
	}
	gp := getg()
	gp.flags |= gCollecting
	sweep()
	if !gcDue() {
		endCollect()
		return
	}
	beginStop(0)
	due := gcStart(0)
	endStop(due)
	if due < 0 {
		gp.flags &^= gCollecting
		gcHandOver()
		return
	}
	finishCollect(due)
}

// finishCollect waits until all is marked and ends the cycle; due >= 0: that is done.
func finishCollect(due int) {
	for due < 0 {
		gcWaitMarked()
		stopTheWorld(0)
		due = gcFinish()
		endStop(due)
	}
	endCollect()
	sweep()
}

// collectNow runs a whole cycle in one stop.
func collectNow() {
	getg().flags |= gCollecting
	semacquire(&collectsema)
	beginStop(0)
	endStop(gcRun(0))
	endCollect()
	sweep()
}

func beginStop(kind int) {
	stopTheWorld(kind)
	if poolCleanup != nil {
		poolCleanup()
	}
}

// endStop starts the world; due is what the collector has found for finalizers' goroutines, < 0: nothing yet.
func endStop(due int) {
	if due > 0 {
		startFinalizers(uint(due))
	}
	startTheWorld()
}

func endCollect() {
	semrelease(&collectsema)
	getg().flags &^= gCollecting
}

func sweep() {
	for gcSweep(sweepStep) {
	}
}

// GC runs a garbage collection and returns when it is done.
func GC() {
	collect(1)
	Gosched() // finalizers and whoever else waits get a turn
}

// forceGC is the body of the goroutine that drives the cycles which others have started, and collects when sysmon finds that it is time.
func forceGC() {
	becomeSystem()
	atomic.Store(&forceGCStarted, 1)
	for {
		if !gcAlways() {
			forceGCWait()
		}
		if gcHandedOver() {
			getg().flags |= gCollecting
			finishCollect(-1)
		} else {
			collect(0)
		}
	}
}

// From then on it is no goroutine of the program.
var forceGCStarted uint32

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
