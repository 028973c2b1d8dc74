// Deferred calls run last in, first out, also when a panic passes. Where each statement runs at most once they are code at the
// function's end, with a bit for each; in a loop they are records in a list.
package main

import (
	"fmt"
	"os"
	"runtime"
)

var log []int

func note(n int) { log = append(log, n) }

//go:noinline
func openCoded(second bool) {
	defer note(1)
	if second {
		defer note(2)
	}
	defer note(3)
}

//go:noinline
func inLoop(n int) {
	for i := range n {
		defer note(i)
	}
}

//go:noinline
func panics(second bool) (result string) {
	defer func() { result = fmt.Sprint("recovered ", recover(), " after ", log) }()
	defer note(1)
	if second {
		defer note(2)
	}
	inner()
	return "not reached"
}

//go:noinline
func inner() {
	for i := range 3 {
		defer note(10 + i)
	}
	panic("P")
}

//go:noinline
func changes() (n int) {
	defer func() { n *= 2 }()
	return 21
}

var total int

func add() { total++ }

//go:noinline
func cheap() { defer add() }

func did(f func()) string { log = nil; f(); return fmt.Sprint(log) }

func main() {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 10000 {
		cheap()
	}
	runtime.ReadMemStats(&after)
	allocated := after.Mallocs - before.Mallocs
	got := []string{did(func() { openCoded(true) }), did(func() { openCoded(false) }), did(func() { inLoop(5) })}
	log = nil
	got = append(got, panics(true))
	log = nil
	got = append(got, panics(false), fmt.Sprint(changes()), fmt.Sprint(allocated < 100, total))
	want := []string{"[3 2 1]", "[3 1]", "[4 3 2 1 0]", "recovered P after [12 11 10 2 1]", "recovered P after [12 11 10 1]", "42", "true 10000"}
	for i, w := range want {
		fmt.Println(got[i])
		if got[i] != w {
			fmt.Println("wanted", w)
			os.Exit(1)
		}
	}
}
