// A panic while other threads run: one report, exit status 2.
package main

import (
	"runtime"
	"time"
)

func main() {
	for i := 0; i < runtime.GOMAXPROCS(0); i++ {
		go func() {
			for {
			}
		}()
	}
	time.Sleep(2 * time.Millisecond)
	panic("stop here")
}
