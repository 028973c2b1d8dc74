// Loops without calls on every P hold up neither the collector nor other goroutines, and lose no value in registers.
package main

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

func spin() {
	for {
	}
}

// Integer and float values that live in registers across the loop.
func compute(n int) (uint64, float64) {
	a, b, c, d := uint64(1), uint64(2), uint64(3), uint64(5)
	x, y, z := 1.0, 0.5, 0.25
	for i := 0; i < n; i++ {
		a, b, c, d = a*31+d, b^a, c+b>>3, d*7+c
		x, y, z = x*0.5+y, y*0.25+z, z*0.125+1
	}
	return a ^ b ^ c ^ d, x + y + z
}

type node struct{ next *node }

func list(n int) (head *node) {
	for i := 0; i < n; i++ {
		head = &node{head}
	}
	return
}

// Pointers in registers only, while others collect.
func walk(head *node, times int) (n int) {
	for i := 0; i < times; i++ {
		for p := head; p != nil; p = p.next {
			n++
		}
	}
	return
}

func main() {
	for i := 0; i < runtime.GOMAXPROCS(0); i++ {
		go spin()
	}
	time.Sleep(time.Millisecond)
	for i := 0; i < 5; i++ {
		runtime.GC()
	}
	var stop atomic.Bool
	go func() {
		for !stop.Load() {
			runtime.GC()
			runtime.Gosched()
		}
	}()
	const n = 2000000
	i0, f0 := compute(n)
	done := make(chan bool)
	for g := 0; g < 3; g++ {
		go func() {
			same := true
			for k := 0; k < 3; k++ {
				i, f := compute(n)
				same = same && i == i0 && f == f0 && walk(list(1000), 100) == 100000
			}
			done <- same
		}()
	}
	for g := 0; g < 3; g++ {
		fmt.Println(<-done)
	}
	stop.Store(true)
}
