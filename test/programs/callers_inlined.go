package main

import (
	"fmt"
	"runtime"
)

// Callers gives each inlined call a pc, and CallersFrames one frame for each pc.

func stack() []uintptr {
	pcs := make([]uintptr, 10)
	return pcs[:runtime.Callers(1, pcs)]
}

func inner() []uintptr  { return stack() }
func middle() []uintptr { return inner() }
func outer() []uintptr  { return middle() }

//go:noinline
func show(pcs []uintptr) {
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		if f.Function == "runtime.main" {
			return
		}
		fmt.Println(f.Function, f.Line)
		if !more {
			return
		}
	}
}

func main() {
	pcs := outer()
	show(pcs)
	show(pcs[2:])
	show(pcs[1:2])
	_, _, line, ok := runtime.Caller(0)
	fmt.Println(line, ok)
}
