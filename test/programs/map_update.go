// m[k] op= v looks the key up once; what panics before the assignment leaves no entry behind.
package main

import (
	"fmt"
	"math"
)

type point struct{ x, y int }
type named struct {
	s string
	n int
}

func try(what string, f func()) {
	defer func() { fmt.Println(what, recover()) }()
	f()
}

func boom() int { panic("boom") }

func main() {
	m := map[int]int{}
	m[1] += len(m)
	m[2] += len(m)
	m[3]++
	m[3] <<= 4
	m[3] |= m[2] | 2
	m[3] &^= 2
	m[4] -= m[3]
	fmt.Println(m)
	zero, negative := 0, -1
	try("division:", func() { m[5] /= zero })
	try("remainder:", func() { m[6] %= zero })
	try("shift:", func() { m[7] <<= negative })
	try("operand:", func() { m[8] += boom() })
	var none map[int]int
	try("nil map:", func() { none[1]++ })
	try("nil map, operand first:", func() { none[1] += boom() })
	fmt.Println(m)

	s := map[string]string{}
	for i := range 5 {
		s["k"] += string(rune('a' + i))
		s[string(rune('a'+i))] += s["k"]
	}
	fmt.Println(s)
	p := map[point]float64{}
	q := map[named]int{}
	for i := range 100 {
		p[point{i % 7, i % 5}] += 0.5
		q[named{fmt.Sprint(i % 3), i % 2}]++
	}
	delete(p, point{3, 3})
	delete(q, named{"1", 1})
	_, ok := p[point{3, 3}]
	fmt.Println(len(p), len(q), ok, p[point{1, 1}], q[named{"2", 0}], q[named{"1", 1}])
	f := map[float64]int{}
	for range 3 {
		f[math.NaN()]++
		f[0]++
		f[math.Copysign(0, -1)] += 10
	}
	fmt.Println(len(f), f[0])
	type wide struct{ a [20]int }
	w := map[wide][20]int{}
	w[wide{}] = [20]int{1}
	w[wide{[20]int{19: 1}}] = [20]int{2}
	delete(w, wide{})
	fmt.Println(len(w), w[wide{[20]int{19: 1}}][0], w[wide{}][0])
	var i any = []int{1}
	a := map[any]int{}
	a[1]++
	a["x"] += 2
	try("unhashable:", func() { a[i]++ })
	fmt.Println(len(a), a[1], a["x"])

	// Removal while others come, and iteration over all of it.
	many := map[point]int{}
	for i := range 5000 {
		many[point{i, -i}] += i
		if i%3 == 0 {
			delete(many, point{i / 2, -i / 2})
		}
	}
	sum := 0
	for k, v := range many {
		if k.x == -k.y {
			sum += v
		}
	}
	fmt.Println(len(many), sum)
}
