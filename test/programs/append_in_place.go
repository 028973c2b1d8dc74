// x = append(x, ...) where x lies in memory or in a map: one look-up, and what is appended is evaluated first.
package main

import "fmt"

type pair struct{ a, b int }
type wide struct{ a [40]int }
type holder struct {
	items []int
	words []string
	next  *holder
	rows  [][]int
}

var global []string
var table map[string]map[int][]pair

func try(what string, f func()) {
	defer func() { fmt.Println(what, recover()) }()
	f()
}

func boom() int { panic("boom") }

func group[K comparable, V any](m map[K][]V, k K, v ...V) {
	for _, x := range v {
		m[k] = append(m[k], x)
	}
	m[k] = append(m[k], v...)
}

func main() {
	m := map[string][]int{}
	for i := range 1000 {
		k := fmt.Sprint(i % 7)
		m[k] = append(m[k], i)
	}
	fmt.Println(len(m), len(m["3"]), m["3"][:5], m["6"][100:])
	m["none"] = append(m["none"])
	m["dots"] = append(m["dots"], m["3"][:3]...)
	m["dots"] = append(m["dots"], m["dots"]...)
	m["nil"] = append(m["nil"], nil...)
	v, ok := m["none"]
	w, ok2 := m["nil"]
	fmt.Println(v == nil, ok, w == nil, ok2, m["dots"])

	// What is appended comes first: what it appends stays.
	f := func(k string, n int) int { m[k] = append(m[k], -n); return n }
	m["f"] = append(m["f"], f("f", 1), f("f", 2))
	fmt.Println(m["f"])
	try("argument:", func() { m["panics"] = append(m["panics"], boom()) })
	_, ok = m["panics"]
	fmt.Println(ok)
	var none map[string][]int
	try("nil map:", func() { none["x"] = append(none["x"], 1) })
	try("nil map, argument first:", func() { none["x"] = append(none["x"], boom()) })

	h := &holder{}
	for i := range 100 {
		h.items = append(h.items, i)
		h.words = append(h.words, fmt.Sprint(i))
		h.rows = append(h.rows, nil)
		h.rows[i/2] = append(h.rows[i/2], i, i+1)
		global = append(global, h.words[i])
	}
	g := func() int { h.items = append(h.items, 7); return 8 }
	h.items = append(h.items, g())
	fmt.Println(len(h.items), h.items[98:], h.words[99], h.rows[20], h.rows[99], len(global), global[50])
	var absent *holder
	try("nil pointer:", func() { absent.items = append(absent.items, 1) })
	try("nil pointer, argument first:", func() { absent.items = append(absent.items, boom()) })
	try("index:", func() { h.rows[100] = append(h.rows[100], 1) })
	h.next = h
	h.next.next.items = append(h.next.next.items, 9)
	*(&h.items) = append(*(&h.items), 10)
	fmt.Println(h.items[100:])

	table = map[string]map[int][]pair{"a": {}}
	for i := range 20 {
		table["a"][i%3] = append(table["a"][i%3], pair{i, -i})
	}
	fmt.Println(table)

	// Elements that lie in the map that grows.
	big := map[int][]wide{}
	one := map[int]wide{0: {}}
	for i := range 300 {
		x := one[i]
		x.a[39] = i
		one[i+1] = x
		big[i%50] = append(big[i%50], one[i+1], x)
	}
	total := 0
	for _, list := range big {
		for _, x := range list {
			total += x.a[39]
		}
	}
	fmt.Println(len(big), total)
	same := map[int][]any{}
	for i := range 200 {
		same[i] = append(same[i], same[i-1], i)
	}
	fmt.Println(same[2], len(same))

	gen := map[pair][]string{}
	group(gen, pair{1, 2}, "x", "y")
	group(gen, pair{1, 2}, "z")
	fmt.Println(gen)
	var grid [3][]int
	p := &grid
	for i := range 9 {
		grid[i%3] = append(grid[i%3], i)
		p[i/3] = append(p[i/3], -i)
	}
	fmt.Println(grid)
	var empty []struct{}
	e := &empty
	*e = append(*e, struct{}{}, struct{}{})
	fmt.Println(len(*e))
	// An element that holds the slice it is appended to.
	type tree struct {
		pad  [5]int
		kids []tree
	}
	root := &tree{}
	for i := range 3 {
		root.pad[0] = i
		root.kids = append(root.kids, *root)
	}
	fmt.Println(len(root.kids), len(root.kids[0].kids), len(root.kids[2].kids), root.kids[2].pad)
	// Not the same place.
	i := 1
	next := func() int { i++; return i }
	m2 := map[int][]int{}
	m2[next()] = append(m2[next()], 5)
	m2[i] = append(m2[i-1], 6)
	fmt.Println(m2)
}
