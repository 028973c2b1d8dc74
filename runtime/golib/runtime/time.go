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
