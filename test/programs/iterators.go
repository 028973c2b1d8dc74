// Range over functions and integers: break, continue, return and defer out of the body; composition.
package main

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer fmt.Print("[done ", n, "]")
		for i := 0; i < n; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

func filter[T any](s iter.Seq[T], keep func(T) bool) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range s {
			if keep(v) && !yield(v) {
				return
			}
		}
	}
}

func find(want int) (int, bool) {
	for i := range count(100) {
		for j := range count(100) {
			if i*j == want && i > 1 {
				return i, true
			}
			if j > i {
				break
			}
		}
	}
	return 0, false
}

func labelled() (out []string) {
outer:
	for i := range count(4) {
		for j := range count(4) {
			switch {
			case j == 1:
				continue
			case j == 3:
				continue outer
			case i == 2:
				break outer
			}
			out = append(out, fmt.Sprint(i, j))
		}
	}
	return
}

func deferred() (s string) {
	for i := range count(3) {
		defer func() { s += fmt.Sprint("d", i) }()
	}
	return "r"
}

type list[T any] struct {
	value T
	next  *list[T]
}

func (l *list[T]) All() iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		for i := 0; l != nil; i, l = i+1, l.next {
			if !yield(i, l.value) {
				return
			}
		}
	}
}

func main() {
	for i := range 3 {
		fmt.Print(i, " ")
	}
	for range count(2) {
		fmt.Print("x ")
	}
	fmt.Println()
	for v := range filter(count(20), func(i int) bool { return i%3 == 0 }) {
		if v > 10 {
			break
		}
		fmt.Print(v, " ")
	}
	fmt.Println()
	fmt.Println(find(35))
	fmt.Println(labelled())
	fmt.Println(deferred())
	l := &list[string]{"a", &list[string]{"b", &list[string]{"c", nil}}}
	for i, v := range l.All() {
		fmt.Print(i, v, " ")
	}
	fmt.Println(slices.Collect(count(5)), slices.Sorted(maps.Keys(map[string]int{"z": 1, "y": 2})))
	for part := range strings.SplitSeq("a,b,c", ",") {
		fmt.Print(part, ";")
	}
	var funcs []func() int
	for i := 0; i < 3; i++ {
		funcs = append(funcs, func() int { i *= 10; return i })
	}
	for _, f := range funcs {
		fmt.Print(f(), f(), " ")
	}
	fmt.Println()
	defer func() { fmt.Println("recovered", recover()) }()
	for i := range count(3) {
		if i == 1 {
			panic("in the body")
		}
	}
}
