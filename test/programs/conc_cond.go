// Producers and consumers with a bounded buffer and two sync.Conds; then Broadcast.
package main

import (
	"fmt"
	"sync"
)

type buffer struct {
	mu                sync.Mutex
	notEmpty, notFull sync.Cond
	items             []int
	closed            bool
}

func newBuffer() *buffer {
	b := &buffer{}
	b.notEmpty.L, b.notFull.L = &b.mu, &b.mu
	return b
}

func (b *buffer) put(v int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.items) == 8 {
		b.notFull.Wait()
	}
	b.items = append(b.items, v)
	b.notEmpty.Signal()
}

func (b *buffer) get() (int, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.items) == 0 && !b.closed {
		b.notEmpty.Wait()
	}
	if len(b.items) == 0 {
		return 0, false
	}
	v := b.items[0]
	b.items = b.items[1:]
	b.notFull.Signal()
	return v, true
}

func main() {
	b := newBuffer()
	var producers, consumers sync.WaitGroup
	var mu sync.Mutex
	sum, n := 0, 0
	for p := range 5 {
		producers.Go(func() {
			for i := range 1000 {
				b.put(p*1000 + i)
			}
		})
	}
	for range 3 {
		consumers.Go(func() {
			for {
				v, ok := b.get()
				if !ok {
					return
				}
				mu.Lock()
				sum += v
				n++
				mu.Unlock()
			}
		})
	}
	producers.Wait()
	b.mu.Lock()
	b.closed = true
	b.notEmpty.Broadcast()
	b.mu.Unlock()
	consumers.Wait()
	fmt.Println(n, sum, len(b.items))

	var ready, woken sync.WaitGroup
	gate := sync.NewCond(new(sync.Mutex))
	open := false
	for range 100 {
		ready.Add(1)
		woken.Go(func() {
			gate.L.Lock()
			ready.Done()
			for !open {
				gate.Wait()
			}
			gate.L.Unlock()
		})
	}
	ready.Wait()
	gate.L.Lock()
	open = true
	gate.L.Unlock()
	gate.Broadcast()
	woken.Wait()
	fmt.Println("all woken")
}
