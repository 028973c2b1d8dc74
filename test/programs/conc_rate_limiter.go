// A token bucket: a burst at once, then no more than one in 2 ms.
package main

import (
	"fmt"
	"time"
)

type limiter struct{ tokens chan struct{} }

func newLimiter(burst int, every time.Duration, stop <-chan struct{}) *limiter {
	l := &limiter{make(chan struct{}, burst)}
	for range burst {
		l.tokens <- struct{}{}
	}
	go func() {
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				select {
				case l.tokens <- struct{}{}:
				default:
				}
			case <-stop:
				return
			}
		}
	}()
	return l
}

func (l *limiter) allow() bool {
	select {
	case <-l.tokens:
		return true
	default:
		return false
	}
}

func main() {
	stop := make(chan struct{})
	l := newLimiter(5, time.Hour, stop)
	allowed := 0
	for range 20 {
		if l.allow() {
			allowed++
		}
	}
	fmt.Println("of a burst of 20:", allowed)

	l = newLimiter(5, 2*time.Millisecond, stop)
	start := time.Now()
	for range 25 {
		<-l.tokens
	}
	took := time.Since(start)
	fmt.Println("20 more took long enough:", took >= 38*time.Millisecond, "and not forever:", took < 20*time.Second)
	close(stop)
}
