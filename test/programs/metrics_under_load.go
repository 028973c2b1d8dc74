// Statistics of the heap are read while other goroutines allocate and collect: reading sweeps, and may not do so beside others.
package main

import (
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

type node struct {
	left, right *node
	pad         [5]int
}

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{left: tree(depth - 1), right: tree(depth - 1)}
}

func (n *node) count() int {
	if n == nil {
		return 0
	}
	return 1 + n.left.count() + n.right.count()
}

func main() {
	samples := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}, {Name: "/gc/cycles/total:gc-cycles"}, {Name: "/gc/heap/allocs:bytes"},
		{Name: "/gc/heap/frees:bytes"}, {Name: "/gc/gogc:percent"}, {Name: "/no/such:thing"}}
	debug.SetGCPercent(50)
	done := make(chan bool)
	var readers, workers sync.WaitGroup
	readers.Go(func() {
		var allocs uint64
		for {
			select {
			case <-done:
				return
			default:
			}
			metrics.Read(samples)
			now, percent := samples[2].Value.Uint64(), samples[4].Value.Uint64()
			if now < allocs || percent != 50 || samples[5].Value.Kind() != metrics.KindBad {
				fmt.Println("wrong:", allocs, now, percent, samples[5].Value.Kind())
			}
			allocs = now
		}
	})
	readers.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			var stats debug.GCStats
			debug.ReadGCStats(&stats)
			if len(stats.Pause) > 256 || stats.NumGC < 0 {
				fmt.Println("wrong:", stats)
			}
			time.Sleep(time.Microsecond)
		}
	})
	total := make([]int, 4)
	for i := range total {
		workers.Go(func() {
			keep := make([]*node, 8)
			for k := range 60 {
				keep[k%8] = tree(9 + k%4)
			}
			for _, n := range keep {
				total[i] += n.count()
			}
		})
	}
	workers.Wait()
	close(done)
	readers.Wait()
	fmt.Println(total)
}
