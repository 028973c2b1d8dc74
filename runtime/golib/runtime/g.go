// Package runtime is gale's: the Go half of its runtime system. The other half is freestanding C++ (../../), which Go code
// enters through gates (base/abi/gates.def) and which never calls Go.
package runtime

import "unsafe"

// g is the running goroutine as the C++ side lays it out (base/abi/layout.def, record G).
type g struct {
	stackLo, stackHi         uintptr
	stackguard0, stackguard1 uintptr
	panics                   *_panic
	defers                   *_defer
	m                        *m
	sched                    [6]uintptr
	syscallsp, syscallpc     uintptr
	syscallbp, stktopsp      uintptr
	param                    unsafe.Pointer
	status, lock             uint32
	goid                     uint64
	schedlink                uintptr
	waitsince                int64
	waitreason               uint8
	_                        [15]byte
	edge                     uint32
	gate, flags              uint16
	p                        uintptr
	resume, commit           uintptr
	ret                      [4]unsafe.Pointer
	pendingCode              uint32
	pendingType              unsafe.Pointer
	pendingA, pendingB       unsafe.Pointer
	assist                   int64
	labels                   unsafe.Pointer
	startpc, gopc            uintptr
	parentGoid               uint64
	racectx                  uintptr
	bubble                   unsafe.Pointer
	waiting                  unsafe.Pointer
	xstate                   uintptr
	sigcode0, sigcode1       uintptr
	sigpc                    uintptr
	sig                      uint32
	fipsIndicator            uint8
	gateArgs                 uintptr
	freeDefers               *_defer
}

// Bits of g.flags.
const (
	gPanicOnFault = 4
	gFipsBypass   = 8
	gSystem       = 16
	gWorldStopper = 64
	gCollecting   = 128
)

// m is the OS thread that runs g.
type m struct {
	g0, g0sp, curg, p uintptr
	locks             int32
}

// getg is the current goroutine: an intrinsic of the compiler.
func getg() *g
