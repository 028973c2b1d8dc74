// Loops with more stores than an optimiser may care to remember: what each round reads must be what the last one has stored.
package main

import "fmt"

type wide struct{ a, b, c, d, e, f, g, h, i, j int }

//go:noinline
func use(p *wide, q *[24]uint8) int { return p.a + p.j + int(q[0]) + int(q[23]) }

//go:noinline
func rounds(n int, x [2]int, at int) (sum int) {
	var array [24]uint8
	var last wide
	for i := range n {
		before := x[at&1]
		w := wide{a: before, b: i, c: i + 1, d: i + 2, e: i + 3, f: i + 4, g: i + 5, h: i + 6, i: i + 7, j: before}
		array = [24]uint8{0: uint8(i), 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 8, 9: 9, 10: 10, 11: 11, 23: uint8(before)}
		sum = sum*3 + use(&w, &array)
		last = w
		x[at&1] = before + i + 1
	}
	return sum + last.j
}

func main() {
	for n := range 6 {
		fmt.Println(rounds(n, [2]int{n, 7}, n%2))
	}
}
