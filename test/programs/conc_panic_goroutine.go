// A panic in a goroutine that nobody recovers ends the program, deferred calls of that goroutine first.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var group sync.WaitGroup
	group.Add(1)
	go func() {
		defer group.Done()
		defer func() { fmt.Println("recovered:", recover()) }()
		var m map[string]int
		m["x"] = 1
	}()
	group.Wait()
	block := make(chan int)
	go func() {
		defer fmt.Println("deferred in the goroutine")
		panic(fmt.Errorf("nobody recovers %d", 42))
	}()
	<-block
}
