package runtime

import (
	"internal/runtime/sys"
	"unsafe"
)

// timerClosure is TimerCall of runtime/time/timer.cpp: the closure of a goroutine that runs a timer's function.
type timerClosure struct {
	code  uintptr
	f     func(arg any, seq uintptr, delta int64)
	arg   any
	seq   uintptr
	delta int64
	timer unsafe.Pointer
}

// timerCall is the code of such a closure.
func timerCall() {
	c := (*timerClosure)(unsafe.Pointer(sys.GetClosurePtr()))
	c.f(c.arg, c.seq, c.delta)
}

// Variables of package time, for the values that channel timers send. Programs without package time have them too, unused.

//go:linkname timeStartNano time.startNano
var timeStartNano int64

//go:linkname timeLocal time.Local
var timeLocal unsafe.Pointer

func timeVariables(startNano *int64, local *unsafe.Pointer)
