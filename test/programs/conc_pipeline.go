// A pipeline of stages that can be cancelled: numbers, squares, merge, sum.
package main

import (
	"fmt"
	"sync"
)

func numbers(done <-chan struct{}, n int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for i := 1; i <= n; i++ {
			select {
			case out <- i:
			case <-done:
				return
			}
		}
	}()
	return out
}

func square(done <-chan struct{}, in <-chan int) <-chan int {
	out := make(chan int, 4)
	go func() {
		defer close(out)
		for v := range in {
			select {
			case out <- v * v:
			case <-done:
				return
			}
		}
	}()
	return out
}

func merge(done <-chan struct{}, ins ...<-chan int) <-chan int {
	out := make(chan int)
	var group sync.WaitGroup
	for _, in := range ins {
		group.Go(func() {
			for v := range in {
				select {
				case out <- v:
				case <-done:
					return
				}
			}
		})
	}
	go func() {
		group.Wait()
		close(out)
	}()
	return out
}

func main() {
	done := make(chan struct{})
	in := numbers(done, 3000)
	sum, n := 0, 0
	for v := range merge(done, square(done, in), square(done, in), square(done, in)) {
		sum += v
		n++
	}
	fmt.Println(n, sum)

	in = numbers(done, 1<<60)
	out := merge(done, square(done, in), square(done, in))
	taken := 0
	for range out {
		if taken++; taken == 100 {
			break
		}
	}
	close(done)
	for range out { // ends, because all stages do
	}
	fmt.Println("cancelled after", taken)
}
