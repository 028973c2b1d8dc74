// Dining philosophers: forks are mutexes, taken in the order of their numbers.
package main

import (
	"fmt"
	"runtime"
	"sync"
)

const seats, meals = 7, 400

func main() {
	var forks [seats]sync.Mutex
	var inUse [seats]int // by which philosopher + 1
	var eaten [seats]int
	var group sync.WaitGroup
	for p := range seats {
		group.Go(func() {
			first, second := min(p, (p+1)%seats), max(p, (p+1)%seats)
			for range meals {
				forks[first].Lock()
				runtime.Gosched()
				forks[second].Lock()
				if inUse[first] != 0 || inUse[second] != 0 {
					panic("fork in two hands")
				}
				inUse[first], inUse[second] = p+1, p+1
				eaten[p]++
				runtime.Gosched()
				inUse[first], inUse[second] = 0, 0
				forks[second].Unlock()
				forks[first].Unlock()
			}
		})
	}
	group.Wait()
	fmt.Println(eaten)
}
