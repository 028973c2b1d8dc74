// Finalizers, cleanups, weak pointers and unique handles: what is called, how often, in which order.
package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"
	"unique"
	"weak"
)

type node struct {
	name string
	next *node
	pad  [4]int
}

func (n *node) Name() string { return n.name }

type namer interface{ Name() string }

var calls = make(chan string, 100)

// collect runs the collector until no call has come for a while.
func collect(want int) []string {
	var got []string
	for i := 0; i < 50 && len(got) < want; i++ {
		runtime.GC()
		for wait := true; wait; {
			select {
			case s := <-calls:
				got = append(got, s)
			case <-time.After(2 * time.Millisecond):
				wait = false
			}
		}
	}
	return got
}

//go:noinline
func chain() {
	a := &node{name: "a"}
	b := &node{name: "b", next: a}
	c := &node{name: "c", next: b}
	for _, n := range []*node{a, b, c} {
		runtime.SetFinalizer(n, func(n *node) {
			s := "end"
			if n.next != nil {
				s = n.next.name
			}
			calls <- n.name + "->" + s
		})
	}
}

//go:noinline
func shapes() {
	runtime.SetFinalizer(&node{name: "any"}, func(x any) { calls <- "any " + x.(*node).name })
	n := &node{name: "namer"}
	runtime.SetFinalizer(n, func(x namer) [3]string { calls <- x.Name(); return [3]string{} })
	m := &node{name: "many results"}
	runtime.SetFinalizer(m, func(x *node) (a, b, c, d, e, f, g, h, i, j, k int) {
		calls <- x.name
		return 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	})
	gone := &node{name: "taken back"}
	runtime.SetFinalizer(gone, func(x *node) { calls <- x.name })
	runtime.SetFinalizer(gone, nil)
}

var revived *node

//go:noinline
func revive() {
	n := &node{name: "phoenix"}
	runtime.SetFinalizer(n, func(x *node) { revived = x; calls <- "revived" })
}

//go:noinline
func cleanups() runtime.Cleanup {
	n := &node{name: "object"}
	runtime.AddCleanup(n, func(s string) { calls <- s }, "cleanup 1")
	runtime.AddCleanup(&n.pad[2], func(i int) { calls <- fmt.Sprint("cleanup ", i) }, 2)
	stopped := runtime.AddCleanup(n, func(s string) { calls <- s }, "stopped")
	stopped.Stop()
	small := new(int8)
	return runtime.AddCleanup(small, func(struct{}) {}, struct{}{})
}

//go:noinline
func weakly() (weak.Pointer[node], weak.Pointer[int]) {
	n := &node{name: "weak"}
	p := weak.Make(n)
	q := weak.Make(&n.pad[1])
	fmt.Println(p.Value() == n, *q.Value(), p == weak.Make(n))
	runtime.GC()
	fmt.Println(p.Value().name)
	runtime.KeepAlive(n)
	return p, q
}

func main() {
	chain()
	fmt.Println(collect(3))
	shapes()
	got := collect(3)
	fmt.Println(len(got), strings.Contains(fmt.Sprint(got), "any any"), strings.Contains(fmt.Sprint(got), "namer"), strings.Contains(fmt.Sprint(got), "many results"))
	revive()
	fmt.Println(collect(1), revived.name)
	revived = nil
	cleanups()
	got = collect(2)
	fmt.Println(len(got), strings.Contains(fmt.Sprint(got), "cleanup 1"), strings.Contains(fmt.Sprint(got), "cleanup 2"))
	p, q := weakly()
	for i := 0; i < 3; i++ {
		runtime.GC()
	}
	fmt.Println(p.Value(), q.Value())
	h1 := unique.Make(strings.Repeat("x", 20))
	runtime.GC()
	h2 := unique.Make(strings.Repeat("xx", 10))
	fmt.Println(h1 == h2, len(h1.Value()))
	count := 0
	for range 200 {
		func() {
			n := &node{name: "many"}
			runtime.SetFinalizer(n, func(*node) { calls <- "" })
			runtime.AddCleanup(n, func(int) {}, 1)
		}()
		count += len(calls)
		for len(calls) > 0 {
			<-calls
		}
		if count > 100 {
			break
		}
		if count%10 == 0 {
			runtime.GC()
			runtime.Gosched()
		}
	}
	// The goroutine that runs finalizers counts while it runs one.
	for i := 0; runtime.NumGoroutine() > 1 && i < 10000; i++ {
		for len(calls) > 0 {
			<-calls
		}
		time.Sleep(time.Millisecond)
	}
	fmt.Println(runtime.NumGoroutine())
}
