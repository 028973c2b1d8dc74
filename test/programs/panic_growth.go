// A failed index check in a function without a frame, just where the stack must grow: the register arguments of the runtime's panic
// function are stored in its caller's frame then, and must not overwrite the saved frame pointer or a variable.
package main

import "fmt"

//go:noinline
func element(s []int, i int) int { return s[i] }

//go:noinline
func tail(s []int, i int) []int { return s[i:] }

type node struct {
	left, right *node
	value       int
}

//go:noinline
func pick(s []int, i int) (n int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	fresh := make([]int, len(s)+i%2) // under stackstress the next check moves the stack: that of the panic function
	if i%2 == 0 {
		return element(fresh, i), nil
	}
	return len(tail(fresh, i)), nil
}

// descend comes back through frames of every size, each with pointers that must be intact.
//
//go:noinline
func descend(depth int, s []int, keep *node) int {
	mine := &node{keep, nil, depth}
	_, err := pick(s, depth+10)
	sum := len(err.Error())
	if depth > 0 {
		sum += descend(depth-1, s, mine)
	}
	if mine.value != depth || mine.left != keep {
		panic("frame was overwritten")
	}
	return sum
}

func main() {
	s := []int{1, 2, 3}
	total := 0
	for n := 1; n < 60; n += 3 {
		done := make(chan int)
		go func() { done <- descend(n, s, nil) }()
		total += <-done
	}
	fmt.Println(total)
}
