// Small objects of every class that generated code makes in place, by goroutines that are stopped anywhere: no two may get the same
// memory, the collector must find what they point to, and the counts of runtime.MemStats must be exact.
package main

import (
	"fmt"
	"runtime"
	"sync"
)

type one struct{ next *one }
type two struct {
	n    int
	next *two
}
type three struct {
	next *three
	n    int
	self *three
}
type four struct {
	a, b int
	next *four
	n    int
}
type six struct {
	next *six
	a    [4]int
	last *six
}
type eight struct {
	n    int
	next *eight
	pad  [5]int
	self *eight
}
type plain struct{ a, b, c int }

const length = 1000

func chains(id int) int {
	sum := 0
	var l1 *one
	var l2 *two
	var l3 *three
	var l4 *four
	var l6 *six
	var l8 *eight
	var kept []*plain
	var words []*int
	for i := range length {
		l1 = &one{l1}
		l2 = &two{id + i, l2}
		l3 = &three{next: l3, n: id ^ i}
		l3.self = l3
		l4 = &four{next: l4, n: id - i}
		n := &six{next: l6, a: [4]int{i, id, i, id}}
		n.last = n
		l6 = n
		e := &eight{n: id * i, next: l8}
		e.self = e
		l8 = e
		p := new(plain)
		if p.a|p.b|p.c != 0 {
			panic("memory is not zero")
		}
		p.a, p.c = id, i
		w := new(int)
		if *w != 0 {
			panic("memory is not zero")
		}
		*w = id<<16 | i
		if i%16 == 0 {
			kept = append(kept, p)
			words = append(words, w)
		}
	}
	count := 0
	for ; l1 != nil; l1 = l1.next {
		count++
	}
	for i := length - 1; i >= 0; i-- {
		if l2.n != id+i || l3.n != id^i || l3.self != l3 || l4.n != id-i || l4.a|l4.b != 0 || l6.a != [4]int{i, id, i, id} || l6.last != l6 || l8.n != id*i || l8.self != l8 {
			panic("somebody else's memory")
		}
		l2, l3, l4, l6, l8 = l2.next, l3.next, l4.next, l6.next, l8.next
		sum += count
	}
	for i, p := range kept {
		if p.a != id || p.b != 0 || p.c != 16*i || *words[i] != id<<16|16*i {
			panic("somebody else's memory")
		}
	}
	return sum
}

var sink *two

func counts() {
	const n = 10000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range n {
		sink = &two{n: i}
	}
	runtime.ReadMemStats(&after)
	mallocs, bytes := after.Mallocs-before.Mallocs, after.TotalAlloc-before.TotalAlloc
	fmt.Println(mallocs >= n, mallocs < n+50, bytes >= 16*n, bytes < 16*n+20000)
}

func main() {
	var group sync.WaitGroup
	sums := make([]int, 8)
	for id := range sums {
		group.Add(1)
		go func() {
			defer group.Done()
			for range 2 {
				sums[id] += chains(id)
			}
		}()
	}
	group.Wait()
	fmt.Println(sums)
	counts()
}
