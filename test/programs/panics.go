// Panics of every kind, recovered, and the order of deferred calls.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
)

type T struct{ x, y int }
type I interface{ M() }
type V struct{ x int }

func (V) M() {}

func try(name string, f func()) {
	defer func() {
		r := recover()
		if e, ok := r.(runtime.Error); ok {
			fmt.Printf("%s: runtime error: %v\n", name, e)
		} else {
			fmt.Printf("%s: %T %v\n", name, r, r)
		}
	}()
	f()
}

func nested() (s string) {
	defer func() { s += fmt.Sprint(" outer:", recover()) }()
	defer func() {
		defer func() { s += fmt.Sprint(" inner:", recover()) }()
		panic("second")
	}()
	panic("first")
}

func repanic() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("wrapped: %v", r)
		}
	}()
	defer func() {
		r := recover()
		panic(fmt.Sprint("again ", r))
	}()
	panic("once")
}

func order() {
	for i := 0; i < 3; i++ {
		defer func(n int) { fmt.Print("loop ", n, " ") }(i)
	}
	defer fmt.Println("first deferred runs last of these")
	if len(os.Args) > 100 {
		return
	}
	defer func() { fmt.Print("conditional ") }()
}

func result() (n int) {
	defer func() { n *= 2 }()
	return 21
}

func main() {
	zero, five, neg := 0, 5, -1
	var nilT *T
	var nilMap map[string]int
	var nilI I
	var nilF func()
	var any1 any = "str"
	s := []int{1, 2, 3}
	var arr [4]int
	try("index", func() { _ = s[five] })
	try("index negative", func() { _ = s[neg] })
	try("array", func() { arr[five]++ })
	try("slice", func() { _ = s[five:] })
	try("slice cap", func() { _ = s[:five] })
	try("slice order", func() { _ = s[2:zero] })
	try("slice3", func() { _ = s[0:1:five] })
	try("string", func() { _ = "abc"[five] })
	try("string slice", func() { _ = "abc"[five:] })
	try("divide", func() { _ = 1 / zero })
	try("remainder", func() { _ = 1 % zero })
	try("nil deref", func() { nilT.y = 1 })
	try("nil map", func() { nilMap["a"] = 1 })
	try("nil interface", func() { nilI.M() })
	try("nil func", func() { nilF() })
	try("assert", func() { _ = any1.(int) })
	try("assert interface", func() { _ = any1.(I) })
	try("assert nil", func() { _ = nilI.(V) })
	try("shift", func() { _ = 1 << neg })
	try("makeslice", func() { _ = make([]int, neg) })
	try("close nil", func() { var c chan int; close(c) })
	try("close twice", func() { c := make(chan int); close(c); close(c) })
	try("send closed", func() { c := make(chan int, 1); close(c); c <- 1 })
	try("compare", func() { var a, b any = []int{1}, []int{1}; _ = a == b })
	try("hash", func() { m := map[any]int{}; m[func() {}] = 1 })
	try("to array", func() { _ = [4]int(s) })
	try("custom", func() { panic(T{1, 2}) })
	try("error", func() { panic(errors.New("an error")) })
	try("nil", func() { panic(nil) })
	try("none", func() {})
	try("repeat", func() { strings.Repeat("x", neg) })
	fmt.Println(nested())
	fmt.Println(repanic())
	order()
	fmt.Println(result())
	defer fmt.Println("main's deferred call runs before the crash")
	defer func() {
		r := recover()
		fmt.Println("caught", r)
		panic(fmt.Errorf("final: %v", r))
	}()
	var m map[T][]int
	m[T{}] = s
}
