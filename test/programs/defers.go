// Deferred calls: open-coded, in loops, in bodies of range-over-func loops; recovery, nested panics, Goexit.
package main

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
)

type T struct{ n int }

func (t *T) close(s string) { fmt.Println("close", t.n, s) }

type closer interface{ close(s string) }

type big struct{ words [40]int }

func conditional(n int) (r int, err error) {
	defer func() {
		if e := recover(); e != nil {
			err = fmt.Errorf("recovered %v", e)
		}
	}()
	t := &T{n}
	if n == 5 {
		return 55, nil
	}
	defer t.close("x")
	if n == 0 {
		return 5, nil
	}
	if n%2 == 0 {
		defer closer(t).close("even")
	}
	defer fmt.Println("second", n)
	switch n {
	case 1:
		panic("one")
	case 2:
		var p *T
		p.n = 5
	case 3:
		var a []int
		_ = a[n]
	}
	for i := 0; i < n; i++ {
		r += i
	}
	return r, nil
}

func loop() {
	for i := 0; i < 3; i++ {
		defer fmt.Println("loop", i)
	}
}

func manySites() {
	defer fmt.Print("1\n")
	defer fmt.Print("2 ")
	defer fmt.Print("3 ")
	defer fmt.Print("4 ")
	defer fmt.Print("5 ")
	defer fmt.Print("6 ")
	defer fmt.Print("7 ")
	defer fmt.Print("8 ")
	defer fmt.Print("9 ")
}

func manyReturns(n int) (s string) {
	defer func() { s += " a" }()
	if n == 0 {
		return "0"
	}
	defer func() { s += " b" }()
	switch n {
	case 1:
		return "1"
	case 2:
		return "2"
	case 3:
		return "3"
	}
	defer func() { s += " c" }()
	switch n {
	case 4:
		return "4"
	case 5:
		return "5"
	case 6:
		return "6"
	}
	return "more"
}

func nested() (s string) {
	defer func() { s += fmt.Sprint(" outer:", recover()) }()
	defer func() {
		defer func() { s += fmt.Sprint(" inner:", recover()) }()
		panic("two")
	}()
	defer func() { panic("three") }()
	panic("one")
}

// A panic passes frames whose calls were made, and others that go on as usual.
func chain(depth int) (s string) {
	defer func() { s += fmt.Sprint(depth, " ") }()
	if depth == 3 {
		defer func() { s += fmt.Sprint(recover(), " ") }()
	}
	if depth == 6 {
		panic("bottom")
	}
	s += chain(depth + 1)
	return s
}

func repanic() (s string) {
	defer func() { s = fmt.Sprint(recover()) }()
	defer func() {
		r := recover()
		panic(fmt.Sprint(r, " again"))
	}()
	panic("first")
}

func iterate(yield func(int) bool) {
	defer fmt.Println("iterator ends")
	for i := 0; i < 3; i++ {
		if !yield(i) {
			return
		}
	}
}

func rangeFunc() (s string) {
	defer func() { s += "!" }()
	for i := range iterate {
		defer func() { s += fmt.Sprint(i) }()
		if i == 1 {
			return "r"
		}
	}
	return ""
}

func rangePanic() (s string) {
	defer func() { s += fmt.Sprint(recover()) }()
	for i := range iterate {
		defer func() { s += fmt.Sprint(i) }()
		if i == 2 {
			panic(" p")
		}
	}
	return ""
}

func exits() string {
	var b strings.Builder
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		defer func() { b.WriteString(fmt.Sprint("end ", recover(), ";")) }()
		func() {
			defer b.WriteString("inner;")
			defer func() {
				defer func() { b.WriteString(fmt.Sprint("recovered ", recover(), ";")) }()
				panic("during Goexit")
			}()
			runtime.Goexit()
		}()
		b.WriteString("not reached")
	}()
	wg.Wait()
	return b.String()
}

func results() (x big, err error) {
	defer func() {
		if recover() != nil {
			x.words[39]++
			err = errors.New("in results")
		}
	}()
	x.words[39] = 41
	var m map[string]int
	m["a"] = 1
	return
}

func grow(n int) int {
	var space [64]int
	space[n%64] = n
	if n == 0 {
		panic("deep")
	}
	return grow(n-1) + space[n%64]
}

// The stack moves while deferred calls wait, and while they run.
func moving() (r string) {
	defer func() {
		e := recover()
		func() {
			defer func() { recover() }()
			grow(2000)
		}()
		runtime.GC()
		r = fmt.Sprint(r, e)
	}()
	n := new(int)
	defer func(p *int) { *p++; r += fmt.Sprint(*p, " ") }(n)
	grow(300)
	return
}

func nilFunc() (s string) {
	defer func() { s = fmt.Sprint(recover()) }()
	var f func()
	defer f()
	return "not reached by anyone"
}

func direct() {
	defer recover()
	defer panic("by defer")
}

// A failed bounds check leaves on a cold path, whose stack pointer may differ from the body's.
func coldPath(list []int, i int) (err any) {
	defer func() { err = recover() }()
	return list[i]
}

func main() {
	fmt.Println(coldPath([]int{1, 2}, 1), coldPath([]int{1, 2}, 2))
	for i := range 7 {
		fmt.Println(conditional(i))
		fmt.Println(manyReturns(i))
	}
	loop()
	manySites()
	fmt.Println(nested())
	fmt.Println(chain(0))
	fmt.Println(repanic())
	fmt.Println(rangeFunc())
	fmt.Println(rangePanic())
	fmt.Println(exits())
	x, err := results()
	fmt.Println(x.words[39], err)
	fmt.Println(moving())
	fmt.Println(nilFunc())
	for range 3 {
		func() {
			defer func() { fmt.Println("caught", recover()) }()
			direct()
		}()
	}
	defer func() {
		fmt.Println(recover())
		loop()
		defer fmt.Println("in order")
		var p *T
		p.close("dies")
	}()
	var m map[string]int
	m["a"] = 1
}
