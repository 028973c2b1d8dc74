// The prime sieve: a chain of goroutines, each of which filters the multiples of one prime.
package main

import "fmt"

func generate(out chan<- int) {
	for i := 2; ; i++ {
		out <- i
	}
}

func filter(in <-chan int, out chan<- int, prime int) {
	for n := range in {
		if n%prime != 0 {
			out <- n
		}
	}
}

func main() {
	source := make(chan int)
	go generate(source)
	sum := 0
	for i := range 200 {
		prime := <-source
		sum += prime
		if i%20 == 0 {
			fmt.Println(i, prime)
		}
		next := make(chan int)
		go filter(source, next, prime)
		source = next
	}
	fmt.Println("sum", sum)
}
