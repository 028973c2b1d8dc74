// Channels: unbuffered between two goroutines, buffered, and the chain of a prime sieve.
package main

import "fmt"

func main() {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for v := range ping {
			pong <- v + 1
		}
		close(pong)
	}()
	v := 0
	for range 400000 {
		ping <- v
		v = <-pong
	}
	close(ping)
	buffered := make(chan int, 128)
	go func() {
		for i := range 3000000 {
			buffered <- i
		}
		close(buffered)
	}()
	sum := 0
	for x := range buffered {
		sum += x
	}
	source := make(chan int)
	go func(out chan int) {
		for i := 2; ; i++ {
			out <- i
		}
	}(source)
	prime := 0
	for range 350 {
		prime = <-source
		next := make(chan int)
		go func(in, out chan int, p int) {
			for n := range in {
				if n%p != 0 {
					out <- n
				}
			}
		}(source, next, prime)
		source = next
	}
	fmt.Println(v, sum, prime)
}
