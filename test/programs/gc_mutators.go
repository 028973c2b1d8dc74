// Several goroutines change linked structures while the collector runs: trees that are rebuilt piece by piece, rings that are turned,
// maps, slices and large arrays of pointers, strings in interfaces. Every value says what it must be, and is checked.
package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

type tree struct {
	left, right *tree
	key, sum    uint64
	label       string
	payload     any
}

type random uint64

func (r *random) next() uint64 {
	*r ^= *r << 13
	*r ^= *r >> 7
	*r ^= *r << 17
	return uint64(*r)
}

func seal(key uint64) uint64 { return key*0x9e3779b97f4a7c15 + 12345 }

func label(key uint64) string { return fmt.Sprintf("k%x", key) }

func insert(t *tree, key uint64) *tree {
	if t == nil {
		n := &tree{key: key, sum: seal(key), label: label(key)}
		switch key % 4 {
		case 0:
			n.payload = label(key)
		case 1:
			n.payload = []uint64{key, seal(key)}
		case 2:
			n.payload = &tree{key: key, sum: seal(key)}
		}
		return n
	}
	switch { // a new node each time: the old path becomes garbage
	case key < t.key:
		c := *t
		c.left = insert(t.left, key)
		return &c
	case key > t.key:
		c := *t
		c.right = insert(t.right, key)
		return &c
	}
	return t
}

func check(t *tree) int {
	if t == nil {
		return 0
	}
	good := t.sum == seal(t.key) && t.label == label(t.key)
	switch p := t.payload.(type) {
	case string:
		good = good && p == t.label
	case []uint64:
		good = good && p[0] == t.key && p[1] == t.sum
	case *tree:
		good = good && p.key == t.key && p.sum == t.sum
	}
	if !good {
		panic(fmt.Sprint("broken node ", t.key))
	}
	return 1 + check(t.left) + check(t.right)
}

func trees(seed, rounds uint64) (total int) {
	r := random(seed)
	var t *tree
	for i := uint64(0); i < rounds; i++ {
		t = insert(t, r.next()%4096)
		if i%400 == 399 {
			total += check(t)
			if i%1200 == 1199 {
				t = t.right
			}
		}
	}
	return total + check(t)
}

type link struct {
	next, prev *link
	id         uint64
	_          [3]uint64
	mark       uint64
}

func rings(seed, rounds uint64) (total int) {
	r := random(seed)
	head := &link{id: 0, mark: seal(0)}
	head.next, head.prev = head, head
	size := 1
	for i := uint64(1); i < rounds; i++ {
		n := &link{id: i, mark: seal(i), next: head.next, prev: head}
		head.next.prev = n
		head.next = n
		size++
		for k := r.next() % 8; k > 0; k-- {
			head = head.next
		}
		if size > 200 {
			for k := 0; k < 50; k++ {
				gone := head.next
				head.next = gone.next
				gone.next.prev = head
				size--
			}
		}
	}
	at := head
	for range size {
		if at.mark != seal(at.id) || at.next.prev != at {
			panic("broken ring")
		}
		at = at.next
		total++
	}
	if at != head {
		panic("ring has another length")
	}
	return total
}

func tables(seed, rounds uint64) (total int) {
	r := random(seed)
	m := map[string]*link{}
	wide := make([]*link, 5000) // a large object
	var rows [][]*link
	for i := uint64(0); i < rounds; i++ {
		key := r.next() % 500
		m[label(key)] = &link{id: key, mark: seal(key)}
		wide[r.next()%5000] = &link{id: i, mark: seal(i)}
		if i%64 == 0 {
			rows = append(rows, append([]*link(nil), wide[:i%4000+1]...))
			if len(rows) > 10 {
				rows = rows[5:]
			}
		}
		if i%256 == 255 {
			delete(m, label(r.next()%500))
		}
	}
	for k, v := range m {
		if label(v.id) != k || v.mark != seal(v.id) {
			panic("broken map")
		}
	}
	for _, row := range append(rows, wide) {
		for _, v := range row {
			if v != nil && v.mark != seal(v.id) {
				panic("broken table")
			}
		}
	}
	return len(m)
}

// deep keeps a value in each of many frames while the collector runs.
func deep(n int, keep *link) uint64 {
	mine := &link{id: uint64(n), mark: seal(uint64(n)), prev: keep}
	if n == 0 {
		runtime.GC()
		return mine.mark
	}
	sum := deep(n-1, mine)
	if mine.mark != seal(mine.id) || mine.prev != keep {
		panic("broken frame")
	}
	return sum + mine.id
}

func main() {
	debug.SetGCPercent(20)
	var wg sync.WaitGroup
	results := make([]int, 12)
	for i := range results {
		wg.Add(1)
		go func() {
			defer wg.Done()
			seed := uint64(i*7919 + 17)
			switch i % 4 {
			case 0:
				results[i] = trees(seed, 3000)
			case 1:
				results[i] = rings(seed, 20000)
			case 2:
				results[i] = tables(seed, 4000)
			case 3:
				results[i] = int(deep(500+i, nil) % 1000003)
			}
		}()
	}
	wg.Wait()
	fmt.Println(results)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Println(m.NumGC > 0, m.Mallocs > m.Frees, m.HeapAlloc <= m.HeapInuse, m.HeapInuse+m.HeapIdle == m.HeapSys)
}
