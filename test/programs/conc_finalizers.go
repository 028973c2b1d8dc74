// Finalizers, cleanups, weak pointers, KeepAlive, SetFinalizer(x, nil).
package main

import (
	"fmt"
	"runtime"
	"time"
	"weak"
)

type resource struct {
	id   int
	data [100]byte
}

//go:noinline
func abandon(n int, closed chan<- int) {
	for i := range n {
		r := &resource{id: i}
		runtime.SetFinalizer(r, func(r *resource) { closed <- r.id })
	}
}

//go:noinline
func withCleanup(done chan<- string) weak.Pointer[resource] {
	r := &resource{id: 7}
	runtime.AddCleanup(r, func(s string) { done <- s }, "cleaned")
	return weak.Make(r)
}

var kept *resource

func main() {
	closed := make(chan int, 100)
	abandon(50, closed)
	sum, n := 0, 0
	deadline := time.After(20 * time.Second)
	for n < 50 {
		runtime.GC()
		select {
		case id := <-closed:
			sum += id
			n++
		case <-deadline:
			fmt.Println("only", n, "finalizers ran")
			return
		case <-time.After(time.Millisecond):
		}
	}
	fmt.Println("finalized", n, sum)

	done := make(chan string, 1)
	w := withCleanup(done)
	for cleaned := false; !cleaned; {
		runtime.GC()
		select {
		case s := <-done:
			fmt.Println(s, w.Value() == nil)
			cleaned = true
		case <-deadline:
			fmt.Println("no cleanup")
			return
		case <-time.After(time.Millisecond):
		}
	}

	kept = &resource{id: 1}
	alive := weak.Make(kept)
	runtime.SetFinalizer(kept, func(*resource) { fmt.Println("never") })
	runtime.SetFinalizer(kept, nil)
	runtime.GC()
	fmt.Println("alive:", alive.Value() == kept, alive.Value().id)
	kept = nil
	for alive.Value() != nil {
		runtime.GC()
	}
	fmt.Println("gone")

	// A finalizer may save its object, once.
	saved := make(chan *resource, 1)
	func() {
		r := &resource{id: 9}
		runtime.SetFinalizer(r, func(r *resource) { saved <- r })
	}()
	for {
		runtime.GC()
		select {
		case r := <-saved:
			fmt.Println("saved", r.id)
			runtime.KeepAlive(r)
			return
		case <-time.After(time.Millisecond):
		}
	}
}
