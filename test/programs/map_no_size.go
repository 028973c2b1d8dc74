// Keys without size: every way to reach the one entry of such a map must find the same.
package main

import "fmt"

type none struct{}
type nested struct {
	a none
	b [0]string
	c [3]struct{}
}
type blank struct{ _ int }

func try[K comparable](label string) {
	var k K
	m := map[K]int{}
	m[k] = 1
	m[k] = 2
	m[k] += 5
	sized := make(map[K]int, 100)
	sized[k]++
	sized[k]++
	first := len(m)
	n := 0
	for range m {
		n++
	}
	v, ok := m[k]
	boxed := map[any]int{k: 1}
	boxed[any(k)]++
	delete(m, k)
	fmt.Println(label, first, n, v, ok, len(m), len(sized), sized[k], len(boxed), boxed[k])
}

func main() {
	try[none]("struct")
	try[[0]int]("array")
	try[nested]("nested")
	try[[2]nested]("array of nested")
	try[blank]("blank")
	try[struct {
		none
		x int
	}]("with a word")
}
