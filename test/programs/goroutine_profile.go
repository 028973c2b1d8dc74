package main

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/pprof"
	"strings"
)

// The goroutine profile has the stacks of all goroutines, the caller's first.

//go:noinline
func wait(c chan int) { <-c }

//go:noinline
func wait2(c chan int) { wait(c); runtime.Gosched() }

//go:noinline
func spin(stop *bool) int {
	n := 0
	for !*stop {
		n++
	}
	return n
}

func has(pcs []uintptr, name string) bool {
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		if f.Function == name {
			return true
		}
		if !more {
			return false
		}
	}
}

func main() {
	c := make(chan int)
	for range 10 {
		go wait2(c)
	}
	var stop bool
	go spin(&stop)
	var records []runtime.StackRecord
	waiting := 0
	for waiting != 10 { // until all have got there
		runtime.Gosched()
		n, ok := runtime.GoroutineProfile(nil)
		if ok {
			panic("room for nothing")
		}
		records = make([]runtime.StackRecord, n+10)
		if n, ok = runtime.GoroutineProfile(records); !ok {
			panic("no room")
		}
		records = records[:n]
		waiting = 0
		for _, r := range records {
			if has(r.Stack(), "main.wait") && has(r.Stack(), "main.wait2") {
				waiting++
			}
		}
	}
	fmt.Println(len(records), has(records[0].Stack(), "main.main"))
	for _, n := range []int{1, 2} {
		var text bytes.Buffer
		fmt.Println(pprof.Lookup("goroutine").WriteTo(&text, n), strings.Contains(text.String(), "main.wait2"))
		if n == 1 {
			fmt.Println(strings.Contains(text.String(), "goroutine profile: total 12"), strings.Contains(text.String(), "\n10 @ "))
		}
	}
	stop = true
	close(c)
}
