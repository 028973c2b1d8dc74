// A million goroutines, parked on one channel and woken.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

func main() {
	const n = 1000000
	var parked, done sync.WaitGroup
	var sum atomic.Int64
	open := make(chan struct{})
	parked.Add(n)
	done.Add(n)
	for i := range n {
		go func() {
			parked.Done()
			<-open
			sum.Add(int64(i))
			done.Done()
		}()
	}
	parked.Wait()
	fmt.Println("goroutines:", runtime.NumGoroutine() == n+1)
	close(open)
	done.Wait()
	fmt.Println(sum.Load())
}
