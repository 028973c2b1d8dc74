// Memory comes zeroed; a nil pointer's use is caught by the processor, and the fault becomes a panic that can be recovered.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

type record struct {
	pad   [100]int
	value int
}

var sink []*[128]int

//go:noinline
func read(r *record) int { return r.value }

func caught(f func()) (message string, where string) {
	defer func() {
		if e, ok := recover().(runtime.Error); ok {
			message = e.Error()
			b := make([]byte, 4096)
			where = string(b[:runtime.Stack(b, false)])
		}
	}()
	f()
	return
}

func main() {
	for range 20000 { // memory that was used and freed comes back zeroed
		p := new([128]int)
		for i, v := range p {
			if v != 0 {
				fmt.Println("not zero at", i)
				os.Exit(1)
			}
			p[i] = -1
		}
		if sink = append(sink, p); len(sink) > 100 {
			sink = nil
		}
	}
	message, where := caught(func() { read(nil) })
	fmt.Println(message)
	fmt.Println("the traceback names the function:", strings.Contains(where, "main.read"))
	if message != "runtime error: invalid memory address or nil pointer dereference" || !strings.Contains(where, "main.read") {
		os.Exit(1)
	}
}
