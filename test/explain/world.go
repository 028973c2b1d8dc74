// What is known of the whole program: implementations of methods, variables that never change, what methods let escape.
package main

import (
	"os"
	"strconv"
)

type shape interface{ area() int }
type square struct{ side int }

func (s *square) area() int { return s.side * s.side }

//go:noinline
func total(all []shape) (sum int) {
	for _, s := range all {
		sum += s.area() // explain: devirtualizing shape.area to *square
	}
	return sum
}

type op interface{ do(int) int }
type plus struct{ by int }
type negate struct{}

func (p *plus) do(x int) int { return x + p.by }
func (negate) do(x int) int  { return -x }

//go:noinline
func apply(o op, x int) int {
	return o.do(x) // explain: devirtualizing op.do to *plus // explain: devirtualizing op.do to negate
}

type sink interface{ put(p *int) }
type one struct{ n int }
type two struct{ n int }
type three struct{ n int }

func (s *one) put(p *int)   { s.n += *p }
func (s *two) put(p *int)   { s.n -= *p }
func (s *three) put(p *int) { s.n ^= *p }

//go:noinline
func feed(s sink) {
	x := len(os.Args) // explain: x does not escape // silent: moved to heap: x
	s.put(&x)
}

type keeper interface{ keep(p *int) }
type first struct{ p *int }
type second struct{ p *int }
type third struct{ p *int }

func (k *first) keep(p *int)  {}
func (k *second) keep(p *int) {}
func (k *third) keep(p *int)  { k.p = p }

//go:noinline
func give(k keeper) {
	x := len(os.Args) // explain: moved to heap: x
	k.keep(&x)
}

var debug bool
var limit = 10
var changing = 10
var double = func(x int) int { return 2 * x }

//go:noinline
func settings(x int) int {
	if debug { // explain: never changes: main.debug
		return 0
	}
	x += limit       // explain: never changes: main.limit
	x += changing    // silent: never changes: main.changing
	return double(x) // explain: never changes: main.double
}

//go:noinline
func number(n int) int {
	var buf [20]byte // explain: buf does not escape
	return len(strconv.AppendInt(buf[:0], int64(n), 10))
}

type node struct{ left, right *node }

//go:noinline
func even(n *node, depth *int) int {
	if n == nil {
		return *depth
	}
	return odd(n.left, depth) + odd(n.right, depth)
}

//go:noinline
func odd(n *node, depth *int) int {
	if n == nil {
		return -*depth
	}
	return even(n.left, depth) + even(n.right, depth)
}

//go:noinline
func count(n *node) int {
	depth := len(os.Args) // explain: depth does not escape
	return even(n, &depth)
}

func main() {
	if len(os.Args) > 5 {
		changing = 11
	}
	println(total([]shape{&square{2}, &square{3}}), apply(&plus{1}, 2), apply(negate{}, 2))
	for _, s := range []sink{&one{}, &two{}, &three{}} {
		feed(s)
	}
	for _, k := range []keeper{&first{}, &second{}, &third{}} {
		give(k)
	}
	println(settings(1), number(12345), count(&node{left: &node{}}))
}
