// A closure shares the variables it captures; only those that outlive their function go to the heap.
package main

import (
	"fmt"
	"os"
	"runtime"
)

func counter() (func() int, func() int) {
	n := 0
	return func() int { n++; return n }, func() int { return n }
}

//go:noinline
func stays(k int) int {
	sum := 0
	add := func(v int) { sum += v * k }
	add(1)
	add(2)
	return sum
}

var kept func() int

//go:noinline
func escapes(k int) { kept = func() int { k++; return k } }

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
	inc, get := counter()
	inc()
	inc()
	var each []func() int
	for i := range 3 {
		each = append(each, func() int { i *= 10; return i })
	}
	a, b := allocations(func() { stays(3) }), allocations(func() { escapes(1) })
	fmt.Println("shared:", get(), "of its turn:", each[1](), each[2](), each[1]())
	fmt.Println("allocates: a closure that stays", a > 0, "- one that escapes", b > 0)
	if get() != 2 || stays(3) != 9 || a != 0 || b == 0 {
		os.Exit(1)
	}
}
