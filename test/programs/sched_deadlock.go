// All goroutines wait: gc's report and exit status 2.
package main

import "fmt"

func main() {
	c := make(chan int)
	fmt.Println("before")
	<-c
}
