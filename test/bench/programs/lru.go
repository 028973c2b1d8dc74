// An LRU cache: a map and a linked list that the collector has to follow.
package main

import (
	"container/list"
	"fmt"
)

type entry struct {
	key   int
	value string
}

type cache struct {
	limit int
	items map[int]*list.Element
	order *list.List
}

func (c *cache) get(k int) (string, bool) {
	if e, ok := c.items[k]; ok {
		c.order.MoveToFront(e)
		return e.Value.(*entry).value, true
	}
	return "", false
}

func (c *cache) put(k int, v string) {
	c.items[k] = c.order.PushFront(&entry{k, v})
	if c.order.Len() > c.limit {
		last := c.order.Back()
		c.order.Remove(last)
		delete(c.items, last.Value.(*entry).key)
	}
}

func main() {
	c := &cache{50000, map[int]*list.Element{}, list.New()}
	hits, x := 0, uint32(1)
	length := 0
	for range 2000000 {
		x = x*1664525 + 1013904223
		k := int(x>>12) % 120000
		if k&3 != 0 {
			k %= 30000
		}
		if v, ok := c.get(k); ok {
			hits++
			length += len(v)
		} else {
			c.put(k, "value")
		}
	}
	fmt.Println(hits, length, c.order.Len())
}
