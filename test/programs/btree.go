// A B-tree with insertion, deletion and ordered iteration, checked against a map.
package main

import (
	"fmt"
	"sort"
)

const degree = 3

type item struct {
	key   int
	value string
}

type tree struct {
	root *nodeT
	size int
}

type nodeT struct {
	items    []item
	children []*nodeT
}

func (n *nodeT) find(key int) (int, bool) {
	i := sort.Search(len(n.items), func(i int) bool { return n.items[i].key >= key })
	return i, i < len(n.items) && n.items[i].key == key
}

func (n *nodeT) leaf() bool { return len(n.children) == 0 }

func insertAt[T any](s []T, i int, v T) []T {
	var zero T
	s = append(s, zero)
	copy(s[i+1:], s[i:])
	s[i] = v
	return s
}

func (n *nodeT) splitChild(i int) {
	c := n.children[i]
	mid := c.items[degree-1]
	right := &nodeT{items: append([]item(nil), c.items[degree:]...)}
	if !c.leaf() {
		right.children = append([]*nodeT(nil), c.children[degree:]...)
		c.children = c.children[:degree]
	}
	c.items = c.items[:degree-1]
	n.items = insertAt(n.items, i, mid)
	n.children = insertAt(n.children, i+1, right)
}

func (t *tree) put(key int, value string) {
	if t.root == nil {
		t.root = &nodeT{}
	}
	if len(t.root.items) == 2*degree-1 {
		t.root = &nodeT{children: []*nodeT{t.root}}
		t.root.splitChild(0)
	}
	n := t.root
	for {
		i, found := n.find(key)
		if found {
			n.items[i].value = value
			return
		}
		if n.leaf() {
			n.items = insertAt(n.items, i, item{key, value})
			t.size++
			return
		}
		if len(n.children[i].items) == 2*degree-1 {
			n.splitChild(i)
			if key > n.items[i].key {
				i++
			} else if key == n.items[i].key {
				n.items[i].value = value
				return
			}
		}
		n = n.children[i]
	}
}

func (t *tree) get(key int) (string, bool) {
	for n := t.root; n != nil; {
		i, found := n.find(key)
		if found {
			return n.items[i].value, true
		}
		if n.leaf() {
			break
		}
		n = n.children[i]
	}
	return "", false
}

func (n *nodeT) walk(f func(item) bool) bool {
	for i, it := range n.items {
		if !n.leaf() && !n.children[i].walk(f) {
			return false
		}
		if !f(it) {
			return false
		}
	}
	return n.leaf() || n.children[len(n.items)].walk(f)
}

func (n *nodeT) depth() int {
	if n.leaf() {
		return 1
	}
	return 1 + n.children[0].depth()
}

func main() {
	t := &tree{}
	want := map[int]string{}
	x := uint64(42)
	for i := 0; i < 50000; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		k := int(x % 30000)
		v := fmt.Sprint("v", i)
		t.put(k, v)
		want[k] = v
	}
	bad := 0
	for k, v := range want {
		if got, ok := t.get(k); !ok || got != v {
			bad++
		}
	}
	last, ordered, sum := -1, true, 0
	t.root.walk(func(it item) bool {
		ordered = ordered && it.key > last
		last = it.key
		sum += len(it.value)
		return true
	})
	fmt.Println(t.size, len(want), bad, ordered, sum, t.root.depth())
	n := 0
	t.root.walk(func(it item) bool { n++; fmt.Print(it.key, " "); return n < 10 })
	fmt.Println()
}
