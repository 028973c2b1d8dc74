// A loop without calls cannot say "now"; it is interrupted by a signal. So one P is enough for it, the others and the collector.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"time"
)

var turns atomic.Int64

func main() {
	runtime.GOMAXPROCS(1)
	go func() {
		for {
		}
	}()
	go func() {
		x := 0
		for {
			x++
		}
	}()
	for range 3 {
		go func() {
			for {
				turns.Add(1)
				runtime.Gosched()
			}
		}()
	}
	start := time.Now()
	time.Sleep(time.Millisecond) // the loops have the only P now
	fmt.Println("main is back after the timer")
	for range 3 {
		runtime.GC()
	}
	fmt.Println("collected three times")
	for turns.Load() < 3 {
		time.Sleep(time.Millisecond)
	}
	fmt.Println("the others had turns")
	if d := time.Since(start); d > 20*time.Second {
		fmt.Println("but it took", d)
		os.Exit(1)
	}
}
