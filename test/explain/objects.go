// What is allocated, and where: in the words and at the places of gc's -m.
package main

import (
	"fmt"
	"os"
)

type point struct{ x, y int }

func made() *point { return &point{1, 2} } // explain: &point{...} escapes to heap

//go:noinline
func summed() int {
	p := &point{1, 2}                // explain: &point{...} does not escape
	list := []int{p.x, len(os.Args)} // explain: []int{...} does not escape
	return list[0] + list[1]
}

//go:noinline
func numbers(n int) []int {
	return make([]int, n) // explain: make([]int, n) escapes to heap
}

//go:noinline
func counter(n int) func() int { // explain: moved to heap: n
	return func() int { // explain: func literal escapes to heap
		n++
		return n
	}
}

//go:noinline
func keep(p *int) { kept = p }

var kept *int

//go:noinline
func kinds(s string) any {
	local := new(point) // explain: new(point) does not escape
	local.x = len(s)
	moved := len(s) // explain: moved to heap: moved
	keep(&moved)
	return local.x + 1000 // explain: local.x + 1000 escapes to heap
}

//go:noinline
func steps(n int) (total int) {
	last := &point{}
	for i := range n {
		p := &point{i, last.x} // explain: &point{...} does not escape, but outlives the loop's iteration: on the heap
		total += p.y
		last = p
	}
	return total
}

type node struct{ next *node }

//go:noinline
func pushed(n *node) *node {
	return &node{next: n} // explain: &node{...} escapes to heap // explain: no write barrier: the object is new
}

//go:noinline
func linked(n *node) {
	n.next = pushed(n) // silent: no write barrier: the object is new
}

func main() {
	linked(&node{})
	p := made()                                   // explain: inlining call to made // explain: &point{...} escapes to heap
	fmt.Println(p, summed(), counter(2)())        // explain: ... argument does not escape // explain: inlining call to fmt.Println
	fmt.Println(numbers(3), kinds("a"), steps(4)) // explain: numbers(3) escapes to heap
}
