// Generic containers and functions: a heap, a list, a tree, map and fold.
package main

import (
	"cmp"
	"fmt"
)

type heap[T any] struct {
	items []T
	less  func(a, b T) bool
}

func (h *heap[T]) push(v T) {
	h.items = append(h.items, v)
	for i := len(h.items) - 1; i > 0; {
		p := (i - 1) / 2
		if !h.less(h.items[i], h.items[p]) {
			return
		}
		h.items[i], h.items[p] = h.items[p], h.items[i]
		i = p
	}
}

func (h *heap[T]) pop() T {
	top, n := h.items[0], len(h.items)-1
	h.items[0] = h.items[n]
	h.items = h.items[:n]
	for i := 0; ; {
		c := 2*i + 1
		if c >= n {
			return top
		}
		if c+1 < n && h.less(h.items[c+1], h.items[c]) {
			c++
		}
		if !h.less(h.items[c], h.items[i]) {
			return top
		}
		h.items[i], h.items[c] = h.items[c], h.items[i]
		i = c
	}
}

type node[K cmp.Ordered, V any] struct {
	key         K
	value       V
	left, right *node[K, V]
}

func (n *node[K, V]) insert(k K, v V) *node[K, V] {
	if n == nil {
		return &node[K, V]{key: k, value: v}
	}
	switch {
	case k < n.key:
		n.left = n.left.insert(k, v)
	case k > n.key:
		n.right = n.right.insert(k, v)
	default:
		n.value = v
	}
	return n
}

func (n *node[K, V]) each(f func(K, V)) {
	if n != nil {
		n.left.each(f)
		f(n.key, n.value)
		n.right.each(f)
	}
}

func reduce[T, A any](s []T, a A, f func(A, T) A) A {
	for _, v := range s {
		a = f(a, v)
	}
	return a
}

func maximum[T cmp.Ordered](s []T) (m T) {
	for _, v := range s {
		m = max(m, v)
	}
	return
}

func main() {
	h := &heap[int]{less: func(a, b int) bool { return a < b }}
	hf := &heap[float64]{less: func(a, b float64) bool { return a > b }}
	x := uint32(3)
	sum := 0
	for range 300000 {
		x = x*1664525 + 1013904223
		h.push(int(x >> 10))
		hf.push(float64(x))
		if x&3 == 0 {
			sum += h.pop() + int(hf.pop())&255
		}
	}
	var t *node[int, string]
	var s *node[string, int]
	for i := range 100000 {
		x = x*1664525 + 1013904223
		t = t.insert(int(x>>12), "v")
		if i%4 == 0 {
			s = s.insert(fmt.Sprint(x>>16), i)
		}
	}
	n := 0
	t.each(func(k int, v string) { n += k & len(v) })
	s.each(func(k string, v int) { n += len(k) ^ v })
	total := 0
	for range 300 {
		total += reduce(h.items[:20000], 0, func(a, v int) int { return a*31 + v }) + maximum(h.items[:20000])
	}
	fmt.Println(sum, n, total, len(h.items))
}
