// The table of nanoseconds each (GOALS: "ns each"): name, then the median of several timings, a line each. An argument runs
// only the rows whose name contains it. CPU time of the process, not wall time: on a machine that others use, wall time finds
// the others. run.py sets GOMAXPROCS=1, so that no idle thread's spinning is counted.
package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

var (
	sinkInt    int
	sinkString string
	sinkAny    any
)

type row struct {
	name string
	run  func(n int)
	unit int // run does whole units of so many operations; 0 is 1
}

const slice = 12 * time.Millisecond // of one timing

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure gives the median ns an operation of run takes; n is always a multiple of unit, or the quotient would be wrong.
func measure(run func(n int), unit int) float64 {
	unit = max(unit, 1)
	n := unit
	for {
		start := cpu()
		run(n)
		if took := cpu() - start; took > slice/4 {
			n = max(unit, int(float64(n)*float64(slice)/float64(took))/unit*unit)
			break
		}
		n *= 4
	}
	var all []float64
	for range 5 {
		start := cpu()
		run(n)
		all = append(all, float64((cpu()-start).Nanoseconds())/float64(n))
	}
	slices.Sort(all)
	return all[2]
}

//go:noinline
func callee(x int) int { return x + 1 }

type adder interface{ add(x int) int }
type one struct{}
type two struct{ n int }
type three struct{ n int }

func (one) add(x int) int    { return x + 1 }
func (t *two) add(x int) int { return x + t.n }
func (t three) add(x int) int {
	return x ^ t.n
}

type p8 struct{ a int }
type p16 struct{ a, b int }
type p64 [8]int
type p1024 [128]int
type q16 struct{ a, b *int }
type q64 [8]*int
type q1024 [128]*int

var (
	s8    *p8
	s16   *p16
	s64   *p64
	s1024 *p1024
	t16   *q16
	t64   *q64
	t1024 *q1024
)

//go:noinline
func deferOpen() (r int) {
	defer func() { r++ }()
	return 1
}

//go:noinline
func deferLoop(n int) (r int) {
	for range n {
		defer func() { r++ }()
	}
	return 1
}

//go:noinline
func panics() (r int) {
	defer func() {
		if recover() != nil {
			r = 1
		}
	}()
	panic(sinkAny)
}

func hit(size int) func(n int) {
	m := make(map[int]int, size)
	keys := make([]int, size)
	x := uint64(1)
	for i := range keys {
		x = x*6364136223846793005 + 1442695040888963407
		keys[i] = int(x >> 20)
		m[keys[i]] = i
	}
	k := 0 // goes on where the last run ended: all keys are visited
	return func(n int) {
		s := 0
		for range n {
			s += m[keys[k]]
			if k++; k == len(keys) {
				k = 0
			}
		}
		sinkInt = s
	}
}

func insert(size int, presized bool) func(n int) {
	return func(n int) {
		for done := 0; done < n; done += size {
			var m map[int]int
			if presized {
				m = make(map[int]int, size)
			} else {
				m = map[int]int{}
			}
			for i := range size {
				m[i*7919] = i
			}
			sinkInt = len(m)
		}
	}
}

func goroutineEach(n int) {
	c := make(chan int)
	for range n {
		go func() { c <- 1 }()
		<-c
	}
}

func goroutineBatch(n int) {
	var group sync.WaitGroup
	for n > 0 {
		batch := min(n, 1000)
		group.Add(batch)
		for range batch {
			go func() { group.Done() }()
		}
		group.Wait()
		n -= batch
	}
}

func handOver(n int) {
	a, b := make(chan int), make(chan int)
	go func() {
		for v := range a {
			b <- v
		}
		close(b)
	}()
	for i := range n/2 + 1 {
		a <- i
		<-b
	}
	close(a)
	<-b
}

func main() {
	sinkAny = 42
	adders := []adder{one{}, &two{2}, three{3}, one{}, three{5}, &two{1}, &two{7}, one{}}
	var mu sync.Mutex
	pool := sync.Pool{New: func() any { return new(p64) }}
	buffered := make(chan int, 16)
	x, y := make(chan int, 1), make(chan int, 1)
	left, right := strings.Repeat("a", 12), strings.Repeat("b", 13)
	rows := []row{
		{"call, not inlined", func(n int) {
			v := 0
			for range n {
				v = callee(v)
			}
			sinkInt = v
		}, 1},
		{"interface call, mixed types", func(n int) {
			v := 0
			for i := range n {
				v = adders[i&7].add(v)
			}
			sinkInt = v
		}, 1},
		{"new 8 B, no pointers", func(n int) {
			for range n {
				s8 = new(p8)
			}
		}, 1},
		{"new 16 B, no pointers", func(n int) {
			for range n {
				s16 = new(p16)
			}
		}, 1},
		{"new 64 B, no pointers", func(n int) {
			for range n {
				s64 = new(p64)
			}
		}, 1},
		{"new 1024 B, no pointers", func(n int) {
			for range n {
				s1024 = new(p1024)
			}
		}, 1},
		{"new 16 B, pointers", func(n int) {
			for range n {
				t16 = new(q16)
			}
		}, 1},
		{"new 64 B, pointers", func(n int) {
			for range n {
				t64 = new(q64)
			}
		}, 1},
		{"new 1024 B, pointers", func(n int) {
			for range n {
				t1024 = new(q1024)
			}
		}, 1},
		{"defer, one", func(n int) {
			for range n {
				sinkInt = deferOpen()
			}
		}, 1},
		{"defer in a loop", func(n int) {
			for done := 0; done < n; done += 100 {
				sinkInt = deferLoop(100)
			}
		}, 100},
		{"panic + recover", func(n int) {
			for range n {
				sinkInt = panics()
			}
		}, 1},
		{"mutex lock + unlock", func(n int) {
			for range n {
				mu.Lock()
				mu.Unlock()
			}
		}, 1},
		{"sync.Pool get + put", func(n int) {
			for range n {
				pool.Put(pool.Get())
			}
		}, 1},
		{"map hit, 1e3", hit(1000), 1},
		{"map hit, 1e6", hit(1000000), 1},
		{"map insert growing to 1e3", insert(1000, false), 1000},
		{"map insert growing to 1e6", insert(1000000, false), 1000000},
		{"map insert presized 1e3", insert(1000, true), 1000},
		{"map insert presized 1e6", insert(1000000, true), 1000000},
		{"goroutine create + exit, one", goroutineEach, 1},
		{"goroutine create + exit, batch", goroutineBatch, 1},
		{"channel hand-over", handOver, 1},
		{"buffered send + receive", func(n int) {
			for i := range n {
				buffered <- i
				<-buffered
			}
		}, 1},
		{"Gosched", func(n int) {
			for range n {
				runtime.Gosched()
			}
		}, 1},
		{"select, two ready cases", func(n int) {
			x <- 1
			y <- 1
			for range n {
				select {
				case v := <-x:
					x <- v
				case v := <-y:
					y <- v
				}
			}
			<-x
			<-y
		}, 1},
		{"string concatenation of two", func(n int) {
			for range n {
				sinkString = left + right
			}
		}, 1},
	}
	for _, r := range rows {
		if len(os.Args) > 1 && !strings.Contains(r.name, os.Args[1]) {
			continue
		}
		fmt.Printf("%s\t%.2f\n", r.name, measure(r.run, r.unit))
	}
}
