// What the collector's parameters do: GOGC through debug.SetGCPercent, a memory limit, memory given back to the system.
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

type block struct {
	next *block
	data [4096]byte
}

var sink *block

func churn(n int) {
	for range n {
		sink = &block{}
	}
	sink = nil
}

func cycles(f func()) uint32 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.NumGC - before.NumGC
}

func keep(n int) (list *block) {
	for range n {
		list = &block{next: list}
	}
	return list
}

func main() {
	fmt.Println(debug.SetGCPercent(100), debug.SetMemoryLimit(-1) > 1<<60)
	list := keep(2000) // 8 MB
	runtime.GC()
	// About 20 and 5 cycles; a concurrent collector that gets little of the processor makes fewer, of both.
	often := cycles(func() { churn(40000) })
	debug.SetGCPercent(400)
	seldom := cycles(func() { churn(40000) })
	fmt.Println(often > 4, often > seldom, seldom > 0)
	fmt.Println(debug.SetGCPercent(-1))
	fmt.Println(cycles(func() { churn(20000) }))
	runtime.GC()
	debug.SetMemoryLimit(40 << 20)
	fmt.Println(cycles(func() { churn(40000) }) > 0)
	debug.SetMemoryLimit(1 << 62)
	runtime.GC() // ends a cycle that the limit has begun
	fmt.Println(cycles(func() { churn(1000) }), debug.SetGCPercent(100))
	n := 0
	for b := list; b != nil; b = b.next {
		n++
	}
	fmt.Println(n)
	list = nil
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Println(m.HeapIdle-m.HeapReleased < 8<<20, m.HeapAlloc < 2<<20)
}
