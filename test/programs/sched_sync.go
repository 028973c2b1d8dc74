// sync, channels and GOMAXPROCS changing under load.
package main

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	var stop atomic.Bool
	changed := make(chan bool)
	go func() {
		for i := 0; !stop.Load(); i++ {
			runtime.GOMAXPROCS(1 + i%4)
			time.Sleep(200 * time.Microsecond)
		}
		changed <- true
	}()

	var wg sync.WaitGroup
	var mu sync.Mutex
	var rw sync.RWMutex
	count, table := 0, map[int]int{}
	for g := 0; g < 20; g++ {
		wg.Go(func() {
			for i := 0; i < 500; i++ {
				mu.Lock()
				count++
				mu.Unlock()
				if i%10 == 0 {
					rw.Lock()
					table[g]++
					rw.Unlock()
				} else {
					rw.RLock()
					_ = table[g]
					rw.RUnlock()
				}
			}
		})
	}
	wg.Wait()
	fmt.Println(count, len(table), table[7])

	// A condition variable.
	cond := sync.NewCond(&mu)
	turn := 0
	for g := 0; g < 10; g++ {
		wg.Go(func() {
			for i := 0; i < 20; i++ {
				mu.Lock()
				for turn%10 != g {
					cond.Wait()
				}
				turn++
				cond.Broadcast()
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	fmt.Println(turn)

	// Unbuffered, buffered, select over both directions.
	a, b, quit := make(chan int), make(chan int, 7), make(chan bool)
	var sum atomic.Int64
	for g := 0; g < 4; g++ {
		wg.Go(func() {
			for {
				select {
				case v := <-a:
					sum.Add(int64(v))
				case v := <-b:
					sum.Add(int64(v))
				case <-quit:
					return
				}
			}
		})
	}
	var senders sync.WaitGroup
	for g := 0; g < 4; g++ {
		senders.Go(func() {
			for i := 1; i <= 1000; i++ {
				select {
				case a <- i:
				case b <- i:
				}
			}
		})
	}
	senders.Wait()
	for len(b) > 0 {
		runtime.Gosched()
	}
	close(quit)
	wg.Wait()
	fmt.Println(sum.Load())

	// A pool, a Once, a sync.Map.
	pool := sync.Pool{New: func() any { return new([64]int) }}
	var once sync.Once
	var m sync.Map
	onces := atomic.Int32{}
	for g := 0; g < 8; g++ {
		wg.Go(func() {
			for i := 0; i < 200; i++ {
				p := pool.Get().(*[64]int)
				p[i%64]++
				pool.Put(p)
				once.Do(func() { onces.Add(1) })
				m.Store(g*1000+i, i)
			}
		})
	}
	wg.Wait()
	n := 0
	m.Range(func(k, v any) bool { n++; return true })
	fmt.Println(onces.Load(), n)

	// Coroutines.
	seq := func(yield func(int) bool) {
		for i := 0; i < 1000; i++ {
			if !yield(i) {
				return
			}
		}
	}
	for g := 0; g < 4; g++ {
		wg.Go(func() {
			next, stop := iter.Pull(iter.Seq[int](seq))
			defer stop()
			for i := 0; i < 500; i++ {
				if v, ok := next(); !ok || v != i {
					fmt.Println("pull", v, ok)
				}
			}
		})
	}
	wg.Wait()

	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	<-ctx.Done()
	fmt.Println(ctx.Err())

	// Many goroutines that grow their stacks.
	var deep func(n int) int
	deep = func(n int) int {
		var pad [20]int
		if n == 0 {
			return pad[3]
		}
		return deep(n-1) + 1 + pad[n%20]
	}
	total := atomic.Int64{}
	for g := 0; g < 2000; g++ {
		wg.Go(func() { total.Add(int64(deep(50))) })
	}
	wg.Wait()
	fmt.Println(total.Load())
	stop.Store(true)
	<-changed
}
