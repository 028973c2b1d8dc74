// An object lives until its last use, not to the end of its variable's scope: a finalizer may run while the function is still at work.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"time"
	"weak"
)

// The name makes it no tiny object: those share their blocks (see 238), and a block lives as long as one of its objects.
type file struct {
	fd   int
	name string
}

var closed, cleaned atomic.Int32

//go:noinline
func open(fd int) *file {
	f := &file{fd, "x"}
	runtime.SetFinalizer(f, func(f *file) { closed.Store(int32(f.fd)) })
	return f
}

// Collects until the finalizer has run, or long enough to say that it does not.
func collect(rounds int) bool {
	for range rounds {
		runtime.GC()
		time.Sleep(time.Millisecond)
		if closed.Load() != 0 {
			return true
		}
	}
	return false
}

//go:noinline
func without() (early bool) {
	f := open(7)
	fd := f.fd // the last use of f
	early = collect(1000)
	return early && fd == 7
}

//go:noinline
func with() (early bool) {
	f := open(8)
	early = collect(20)
	runtime.KeepAlive(f)
	return early
}

//go:noinline
func cleanup() weak.Pointer[file] {
	f := &file{9, "x"}
	runtime.AddCleanup(f, func(fd int) { cleaned.Store(int32(fd)) }, 9)
	return weak.Make(f)
}

func main() {
	a := without()
	closed.Store(0)
	b := with()
	c := collect(1000)
	w := cleanup()
	for range 1000 {
		if runtime.GC(); cleaned.Load() != 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	fmt.Println("finalized while the function ran:", a, "- with KeepAlive:", b, "- afterwards:", c && closed.Load() == 8)
	fmt.Println("cleanup ran:", cleaned.Load() == 9, "- weak pointer cleared:", w.Value() == nil)
	if !a || b || !c || closed.Load() != 8 || cleaned.Load() != 9 || w.Value() != nil {
		os.Exit(1)
	}
}
