// Maps with keys that are strings and structs: words counted, a grid walked.
package main

import "fmt"

type point struct{ x, y int }

func main() {
	words := make([]string, 0, 5000)
	for i := range 5000 {
		words = append(words, fmt.Sprintf("word%d", i*i%7919))
	}
	counts := map[string]int{}
	for round := range 300 {
		for i := round % 3; i < len(words); i += 2 {
			counts[words[i]]++
		}
	}
	best := 0
	for _, n := range counts {
		best = max(best, n)
	}
	grid := map[point]int{}
	p := point{}
	x := uint32(1)
	for i := range 3000000 {
		x = x*1664525 + 1013904223
		switch x >> 30 {
		case 0:
			p.x++
		case 1:
			p.x--
		case 2:
			p.y++
		default:
			p.y--
		}
		p.x, p.y = p.x%100, p.y%100
		grid[p] += i & 7
	}
	total := 0
	for _, n := range grid {
		total += n
	}
	fmt.Println(len(counts), best, len(grid), total)
}
