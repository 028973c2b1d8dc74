// An uncaught nil dereference.
package main

type tree struct {
	left, right *tree
	value       int
}

//go:noinline
func (t *tree) sum() int { return t.value + t.left.sum() }

func main() {
	t := &tree{value: 1, left: &tree{value: 2}}
	println(t.sum())
}
