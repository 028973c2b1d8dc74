// An uncaught run-time error: text, traceback, exit code.
package main

import "fmt"

type stack struct{ items []int }

//go:noinline
func (s *stack) at(i int) int { return s.items[i] }

//go:noinline
func level(n int, s *stack) int {
	if n == 0 {
		return s.at(7)
	}
	return level(n-1, s) + 1
}

func main() {
	fmt.Println("before")
	fmt.Println(level(3, &stack{[]int{1, 2, 3}}))
}
