// A goroutine's stack is one piece that is copied when it is full: its variables change their addresses, pointers to them follow.
package main

import (
	"fmt"
	"os"
	"unsafe"
)

//go:noinline
func use(n int, p *int) int {
	var pad [64]int
	pad[n&63] = n
	if n == 0 {
		*p++
		return pad[0]
	}
	return use(n-1, p) + pad[n&63]
}

func main() {
	done := make(chan bool)
	go func() {
		x := 41
		before := uintptr(unsafe.Pointer(&x))
		sum := use(20000, &x) // some 10 MB of frames
		after := uintptr(unsafe.Pointer(&x))
		fmt.Println("moved:", before != after, "value:", x, "sum:", sum)
		done <- before != after && x == 42 && sum == 20000*20001/2
	}()
	if !<-done {
		os.Exit(1)
	}
}
