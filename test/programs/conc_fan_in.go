// Fan-in by select over several channels that end at different times; nil channels are never ready.
package main

import "fmt"

func source(start, n, step int) <-chan int {
	c := make(chan int)
	go func() {
		defer close(c)
		for i := range n {
			c <- start + i*step
		}
	}()
	return c
}

func main() {
	a, b, c := source(0, 500, 3), source(1, 300, 3), source(2, 700, 3)
	counts, sum := [3]int{}, 0
	for a != nil || b != nil || c != nil {
		select {
		case v, ok := <-a:
			if !ok {
				a = nil
				continue
			}
			counts[0]++
			sum += v
		case v, ok := <-b:
			if !ok {
				b = nil
				continue
			}
			counts[1]++
			sum += v
		case v, ok := <-c:
			if !ok {
				c = nil
				continue
			}
			counts[2]++
			sum += v
		}
	}
	fmt.Println(counts, sum)

	// Of two channels that are always ready, both are chosen.
	x, y := make(chan int, 1000), make(chan int, 1000)
	for range 1000 {
		x <- 1
		y <- 1
	}
	var nx, ny int
	for range 1000 {
		select {
		case <-x:
			nx++
		case <-y:
			ny++
		}
	}
	fmt.Println(nx+ny, nx > 300, ny > 300)
}
