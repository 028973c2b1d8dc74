// Objects of which there is one reference at any time, moved between all kinds of places while the collector marks: an object that a
// barrier or the scan of a stack misses is freed and its memory used again, which its sum shows.
package main

import (
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
)

type node struct {
	id, sum uint64
	next    *node
	pad     [3]uint64
}

func newNode(id uint64) *node { return &node{id: id, sum: id * 0x9e3779b97f4a7c15} }

func (n *node) check() {
	for ; n != nil; n = n.next {
		if n.sum != n.id*0x9e3779b97f4a7c15 {
			panic(fmt.Sprintf("node %d is broken", n.id))
		}
	}
}

type holder struct{ n *node }

type places struct {
	slots  []*node
	byID   map[uint64]*node
	byName map[string]holder
	atom   [8]atomic.Pointer[node]
	boxed  [8]any
	queue  chan *node
	deep   **node
	rnd    uint64
}

func (p *places) random(n uint64) uint64 {
	p.rnd ^= p.rnd << 13
	p.rnd ^= p.rnd >> 7
	p.rnd ^= p.rnd << 17
	return p.rnd % n
}

// take removes a node from a random place; nil if there is none.
func (p *places) take() *node {
	i := p.random(8)
	switch p.random(8) {
	case 0:
		n := p.slots[i]
		p.slots[i] = nil
		return n
	case 1:
		for k, n := range p.byID {
			delete(p.byID, k)
			return n
		}
	case 2:
		for k, h := range p.byName {
			delete(p.byName, k)
			return h.n
		}
	case 3:
		return p.atom[i].Swap(nil)
	case 4:
		if n, ok := p.boxed[i].(*node); ok {
			p.boxed[i] = nil
			return n
		}
	case 5:
		select {
		case n := <-p.queue:
			return n
		default:
		}
	case 6:
		n := *p.deep
		*p.deep = nil
		return n
	case 7:
		v := reflect.ValueOf(&p.slots).Elem().Index(int(i))
		n := v.Interface().(*node)
		v.SetZero()
		return n
	}
	return nil
}

// put returns false if the place is in use.
func (p *places) put(n *node) bool {
	i := p.random(8)
	switch p.random(8) {
	case 0:
		if p.slots[i] == nil {
			p.slots[i] = n
			return true
		}
	case 1:
		if p.byID[n.id] == nil { // two goroutines may exchange nodes of one number
			p.byID[n.id] = n
			return true
		}
	case 2:
		if name := fmt.Sprint(n.id); p.byName[name].n == nil {
			p.byName[name] = holder{n}
			return true
		}
	case 3:
		return p.atom[i].CompareAndSwap(nil, n)
	case 4:
		if p.boxed[i] == nil {
			p.boxed[i] = n
			return true
		}
	case 5:
		select {
		case p.queue <- n:
			return true
		default:
		}
	case 6:
		if *p.deep == nil {
			fresh := new(*node) // the new object is the only way to n
			*fresh = n
			p.deep = fresh
			return true
		}
	case 7:
		if v := reflect.ValueOf(&p.slots).Elem().Index(int(i)); v.IsNil() {
			v.Set(reflect.ValueOf(n))
			return true
		}
	}
	return false
}

// turn keeps the only reference to n on the stack, n calls deep, and makes garbage there.
func turn(n *node, depth int) *node {
	if depth == 0 {
		runtime.Gosched()
		return n
	}
	other := newNode(uint64(depth))
	n = turn(n, depth-1)
	other.check()
	return n
}

const (
	nodes = 24
	steps = 20000
)

func work(seed uint64, pass chan *node) {
	p := &places{slots: make([]*node, 8), byID: map[uint64]*node{}, byName: map[string]holder{}, queue: make(chan *node, 4), deep: new(*node), rnd: seed}
	for i := range uint64(nodes) {
		for n := newNode(seed<<8 + i); !p.put(n); {
		}
	}
	for step := range steps {
		n := p.take()
		if n == nil {
			continue
		}
		n.check()
		switch step % 64 {
		case 1:
			n = turn(n, int(p.random(20)))
		case 2: // another goroutine's node for this one
			select {
			case pass <- n:
				n = <-pass
			case n = <-pass:
				pass <- newNode(n.id)
			}
		case 3:
			p.slots = append([]*node{}, p.slots...)
		case 4:
			c := make([]*node, 8)
			copy(c, p.slots)
			clear(p.slots)
			p.slots = c
		}
		n = &node{n.id, n.sum, nil, [3]uint64{n.id}}
		for !p.put(n) {
		}
	}
	count := 0
	for tries := 0; tries < 100000 && count < nodes; tries++ {
		if n := p.take(); n != nil {
			n.check()
			count++
		}
	}
	if count != nodes {
		panic(fmt.Sprintf("%d nodes are left of %d", count, nodes))
	}
}

func main() {
	var group sync.WaitGroup
	pass := make(chan *node, 16) // room for every step's exchange
	for seed := range uint64(4) {
		group.Add(1)
		go func() {
			defer group.Done()
			work(seed+1, pass)
		}()
	}
	group.Wait()
	fmt.Println("all nodes are whole")
}
