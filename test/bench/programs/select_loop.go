// select: ready cases, default, several senders, a ticker's channel that is never ready.
package main

import "fmt"

func main() {
	a, b, quit := make(chan int, 16), make(chan int, 16), make(chan bool)
	out := make(chan int, 64)
	go func() {
		for i := range 600000 {
			select {
			case a <- i:
			case b <- -i:
			}
		}
		close(quit)
	}()
	go func() {
		n := 0
		for {
			select {
			case <-a:
				n++
			case <-b:
				n++
			case <-quit:
				for {
					select {
					case <-a:
						n++
					case <-b:
						n++
					default:
						out <- n
						return
					}
				}
			}
		}
	}()
	received := <-out
	idle, full := 0, 0
	c := make(chan int, 1)
	for i := range 6000000 {
		select {
		case c <- i:
		case v := <-c:
			full += v & 1
		}
		select {
		case <-quit:
			idle++
		default:
		}
	}
	fmt.Println(received, idle, full >= 0)
}
