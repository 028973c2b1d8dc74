// Timers and tickers: AfterFunc, Reset, Stop, and channels that hold no stale value (since Go 1.23).
package main

import (
	"fmt"
	"time"
)

func main() {
	order := make(chan int, 10)
	for _, d := range []int{30, 10, 50, 20, 40} {
		time.AfterFunc(time.Duration(d)*time.Millisecond, func() { order <- d })
	}
	// Each calls its function on a goroutine of its own: on a busy machine several are due at once, and any may be first.
	sum := 0
	for range 5 {
		sum += <-order
	}
	fmt.Println("after", sum)

	start := time.Now() // before the ticker is: this goroutine may stand still between the two
	t := time.NewTicker(3 * time.Millisecond)
	for range 5 {
		<-t.C
	}
	t.Stop()
	fmt.Println("five ticks:", time.Since(start) >= 14*time.Millisecond)
	time.Sleep(5 * time.Millisecond)
	select {
	case <-t.C:
		fmt.Println("a tick after Stop")
	default:
		fmt.Println("no tick after Stop")
	}

	timer := time.NewTimer(time.Millisecond)
	time.Sleep(3 * time.Millisecond)
	fmt.Println("len", len(timer.C), "cap", cap(timer.C))
	timer.Reset(time.Hour) // takes back the value that nobody received
	select {
	case <-timer.C:
		fmt.Println("stale")
	default:
		fmt.Println("nothing stale")
	}
	fmt.Println("stopped in time:", timer.Stop(), timer.Stop())
	timer.Reset(time.Millisecond)
	<-timer.C
	fmt.Println("fired after Reset")

	select {
	case <-time.After(2 * time.Millisecond):
		fmt.Println("timeout")
	case <-make(chan int):
	}
	var never <-chan time.Time
	select {
	case <-never:
	case <-time.After(0):
		fmt.Println("zero")
	}
}
