// Values without size need no memory: all of them live at one address, and a million cost nothing.
package main

import (
	"fmt"
	"os"
	"runtime"
)

type empty struct{}

var keep [3]*empty
var many []*empty
var set = map[int]struct{}{}

func main() {
	for i := range keep {
		keep[i] = new(empty)
	}
	many = make([]*empty, 1000000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range many {
		many[i] = new(empty)
	}
	runtime.ReadMemStats(&after)
	n := after.Mallocs - before.Mallocs
	bytes := after.TotalAlloc - before.TotalAlloc
	fmt.Println("objects for a million new(struct{}):", n < 100, "bytes:", bytes < 10000)
	fmt.Println("one address:", keep[0] == keep[1] && keep[1] == keep[2] && many[0] == keep[0])
	s := make([]struct{}, 1<<40)
	set[1] = struct{}{}
	fmt.Println("a slice of", len(s), "of them")
	if n >= 100 || bytes >= 10000 || keep[0] != many[999999] {
		os.Exit(1)
	}
}
