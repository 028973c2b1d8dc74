// 200 MB of live pointers collected while a goroutine looks at the clock: name, then microseconds, a line each. "longest gap" is
// how long that goroutine was held up; pauses are those that the runtime reports (runtime/debug.ReadGCStats); the last line is the
// collector's share of the CPU time since the start, as far as the program could have used it (MemStats.GCCPUFraction). Before that:
// how long it takes to stop and start the world again while all other Ps run loops without a call.
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

type node struct {
	left, right *node
	data        [6]int
}

func build(n int) *node {
	if n == 0 {
		return nil
	}
	n--
	return &node{left: build(n / 2), right: build(n - n/2)}
}

var garbage []byte

func stops() {
	var stop atomic.Bool
	var running sync.WaitGroup
	for range runtime.GOMAXPROCS(0) - 1 {
		running.Add(1)
		go func() {
			defer running.Done()
			for !stop.Load() {
			}
		}()
	}
	time.Sleep(10 * time.Millisecond)
	var m runtime.MemStats
	var all []time.Duration
	for range 2000 {
		start := time.Now()
		runtime.ReadMemStats(&m)
		all = append(all, time.Since(start))
	}
	stop.Store(true)
	running.Wait()
	slices.Sort(all)
	fmt.Printf("world stopped and started, median\t%.1f\nworld stopped and started, 99 %% are below\t%.1f\n", micro(all[len(all)/2]), micro(all[len(all)*99/100]))
}

func main() {
	stops()
	keep := build(200 << 20 / 64)
	runtime.GC()
	var stats debug.GCStats
	debug.ReadGCStats(&stats)
	before := stats.NumGC
	stop, gap := make(chan bool), make(chan time.Duration)
	go func() {
		longest, last := time.Duration(0), time.Now()
		for {
			select {
			case <-stop:
				gap <- longest
				return
			default:
			}
			now := time.Now()
			longest = max(longest, now.Sub(last))
			last = now
			runtime.Gosched()
		}
	}()
	start := time.Now()
	for range 4 {
		for range 100 {
			garbage = make([]byte, 1<<12)
			runtime.Gosched()
		}
		runtime.GC()
	}
	took := time.Since(start)
	stop <- true
	longest := <-gap
	debug.ReadGCStats(&stats)
	n := min(int(stats.NumGC-before), len(stats.Pause))
	pauses := slices.Clone(stats.Pause[:n])
	slices.Sort(pauses)
	fmt.Printf("count: collections\t%d\ncount: pauses read\t%d\n", stats.NumGC-before, n)
	if n > 0 {
		fmt.Printf("pause, median\t%.1f\npause, longest\t%.1f\n", micro(pauses[n/2]), micro(pauses[n-1]))
	}
	fmt.Printf("longest gap of a running goroutine\t%.1f\none collection, wall\t%.1f\n", micro(longest), micro(took)/4)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("count: percent of the CPU, without idle time\t%.1f\n", m.GCCPUFraction*100)
	runtime.KeepAlive(keep)
}

func micro(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
