// An LRU cache with type parameters.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

type node[K comparable, V any] struct {
	key        K
	value      V
	prev, next *node[K, V]
}

type Cache[K comparable, V any] struct {
	capacity   int
	items      map[K]*node[K, V]
	head, tail *node[K, V]
	onEvict    func(K, V)
}

func New[K comparable, V any](capacity int, onEvict func(K, V)) *Cache[K, V] {
	c := &Cache[K, V]{capacity: capacity, items: make(map[K]*node[K, V]), onEvict: onEvict}
	c.head, c.tail = new(node[K, V]), new(node[K, V])
	c.head.next, c.tail.prev = c.tail, c.head
	return c
}

func (c *Cache[K, V]) unlink(n *node[K, V]) { n.prev.next, n.next.prev = n.next, n.prev }
func (c *Cache[K, V]) front(n *node[K, V]) {
	n.prev, n.next = c.head, c.head.next
	n.prev.next, n.next.prev = n, n
}

func (c *Cache[K, V]) Get(k K) (v V, err error) {
	n, ok := c.items[k]
	if !ok {
		return v, fmt.Errorf("get %v: %w", k, ErrMissing)
	}
	c.unlink(n)
	c.front(n)
	return n.value, nil
}

func (c *Cache[K, V]) Put(k K, v V) {
	if n, ok := c.items[k]; ok {
		n.value = v
		c.unlink(n)
		c.front(n)
		return
	}
	if len(c.items) == c.capacity {
		last := c.tail.prev
		c.unlink(last)
		delete(c.items, last.key)
		if c.onEvict != nil {
			c.onEvict(last.key, last.value)
		}
	}
	n := &node[K, V]{key: k, value: v}
	c.items[k] = n
	c.front(n)
}

func (c *Cache[K, V]) All() func(yield func(K, V) bool) {
	return func(yield func(K, V) bool) {
		for n := c.head.next; n != c.tail; n = n.next {
			if !yield(n.key, n.value) {
				return
			}
		}
	}
}

var ErrMissing = errors.New("missing")

type Number interface{ ~int | ~int64 | ~float64 }

func Sum[T Number](xs ...T) (s T) {
	for _, x := range xs {
		s += x
	}
	return
}

func Map[T, U any](xs []T, f func(T) U) []U {
	out := make([]U, 0, len(xs))
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}

type Pair[A cmp.Ordered, B any] struct {
	First  A
	Second B
}

func (p Pair[A, B]) String() string { return fmt.Sprintf("<%v %v>", p.First, p.Second) }

type MyInt int

func main() {
	evicted := 0
	c := New(3, func(k string, v int) { evicted++; fmt.Println("evict", k, v) })
	for i, k := range strings.Fields("a b c a d e a f b") {
		if _, err := c.Get(k); err != nil {
			fmt.Println(err, errors.Is(err, ErrMissing))
			c.Put(k, i)
		}
	}
	for k, v := range c.All() {
		fmt.Println(k, v)
		if k == "a" {
			break
		}
	}
	fmt.Println(evicted, Sum(1, 2, 3), Sum(1.5, 2), Sum[MyInt](4, 5))
	fmt.Println(Map([]int{1, 2, 3}, func(i int) Pair[int, string] { return Pair[int, string]{i, strings.Repeat("x", i)} }))
	ps := []Pair[string, []int]{{"z", nil}, {"a", []int{1}}, {"m", []int{2, 3}}}
	slices.SortFunc(ps, func(a, b Pair[string, []int]) int { return cmp.Compare(a.First, b.First) })
	fmt.Printf("%v %T\n", ps, ps[0])
	keys := slices.Sorted(maps.Keys(map[MyInt]bool{3: true, 1: false, 2: true}))
	fmt.Println(keys, slices.Max(keys), slices.Index(keys, 2))
}
