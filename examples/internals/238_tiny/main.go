// Objects of less than 16 bytes without pointers share blocks of 16 bytes; one that has a pointer gets a slot of its own.
package main

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"
)

const n = 8000

var bytes [n]*byte
var words [n]*uint32
var pointers [n]**byte

type figures struct{ objects, bytes, blocks int }

func measure(make func(i int) unsafe.Pointer) figures {
	seen := map[uintptr]bool{}
	addresses := [n]uintptr{}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range n {
		addresses[i] = uintptr(make(i))
	}
	runtime.ReadMemStats(&after)
	for _, a := range addresses {
		seen[a/16] = true
	}
	return figures{int(after.Mallocs - before.Mallocs), int(after.TotalAlloc - before.TotalAlloc), len(seen)}
}

func near(got, want int) bool { return got >= want*95/100 && got <= want*105/100+20 }

func main() {
	b := measure(func(i int) unsafe.Pointer { bytes[i] = new(byte); return unsafe.Pointer(bytes[i]) })
	w := measure(func(i int) unsafe.Pointer { words[i] = new(uint32); return unsafe.Pointer(words[i]) })
	p := measure(func(i int) unsafe.Pointer { pointers[i] = new(*byte); return unsafe.Pointer(pointers[i]) })
	fmt.Println("byte:   ", b)
	fmt.Println("uint32: ", w)
	fmt.Println("pointer:", p)
	fmt.Println("first bytes:", uintptr(unsafe.Pointer(bytes[101]))-uintptr(unsafe.Pointer(bytes[100])), "apart")
	if !near(b.objects, n) || !near(b.blocks, n/16) || !near(w.objects, n) || !near(w.blocks, n/4) || !near(p.objects, n) || !near(p.bytes, 8*n) {
		os.Exit(1)
	}
}
