// new gives a pointer to a zero value; make gives a slice, map or channel that is ready for use. Neither says stack or heap.
package main

import (
	"fmt"
	"os"
	"runtime"
)

var escaped *int

//go:noinline
func local() int { p := new(int); *p = 3; return *p }

//go:noinline
func global() { escaped = new(int) }

func allocations(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 10000 {
		f()
	}
	runtime.ReadMemStats(&after)
	return (after.Mallocs - before.Mallocs) / 10000
}

func main() {
	s, m, c := make([]int, 2, 5), make(map[string]int, 10), make(chan int, 3)
	m["x"]++
	c <- 1
	var nilMap map[string]int
	inner, outer := allocations(func() { local() }), allocations(global)
	fmt.Println(len(s), cap(s), len(m), len(c), cap(c), *new(string) == "", nilMap["none"])
	fmt.Println("allocations: new that stays", inner, "- new that escapes", outer)
	if inner != 0 || outer != 1 || cap(s) != 5 || cap(c) != 3 {
		os.Exit(1)
	}
}
