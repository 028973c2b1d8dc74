// Ten thousand goroutines, each of which grows its stack, waits deep down, and comes back.
package main

import (
	"fmt"
	"sync"
)

func deep(n int, gate *sync.WaitGroup, open <-chan struct{}) (sum int) {
	var frame [16]int
	for i := range frame {
		frame[i] = n + i
	}
	if n == 0 {
		gate.Done()
		<-open
		return frame[3]
	}
	sum = deep(n-1, gate, open)
	for _, v := range frame {
		sum += v
	}
	return sum
}

func main() {
	const goroutines, depth = 10000, 40
	var atBottom, done sync.WaitGroup
	open := make(chan struct{})
	results := make([]int, goroutines)
	atBottom.Add(goroutines)
	for i := range goroutines {
		done.Go(func() { results[i] = deep(depth+i%7, &atBottom, open) })
	}
	atBottom.Wait()
	close(open)
	done.Wait()
	total := 0
	for _, r := range results {
		total += r
	}
	fmt.Println(total, results[0], results[6])
}
