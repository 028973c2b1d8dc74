// All goroutines are asleep: exit code 2 and Go's message.
package main

import "fmt"

func main() {
	c := make(chan int)
	done := make(chan bool)
	go func() {
		c <- 1
		done <- true
	}()
	fmt.Println(<-c)
	<-done
	fmt.Println("now nobody is left to send")
	<-c
}
