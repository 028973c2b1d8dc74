// Goroutines: many short ones, a pool with a mutex, a WaitGroup and an atomic.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func main() {
	var total atomic.Int64
	var mu sync.Mutex
	counts := map[int]int{}
	for round := range 50 {
		var group sync.WaitGroup
		for i := range 5000 {
			group.Add(1)
			go func() {
				defer group.Done()
				v := fib(8 + i&3)
				total.Add(int64(v))
				if i%16 == 0 {
					mu.Lock()
					counts[(v+round)%97]++
					mu.Unlock()
				}
			}()
		}
		group.Wait()
	}
	sum := 0
	for k, v := range counts {
		sum += k * v
	}
	fmt.Println(total.Load(), len(counts), sum)
}
