package main

import "fmt"

func main() {
	m := map[int]int{}
	x := uint32(1)
	for range 2000000 {
		x = x*1664525 + 1013904223
		m[int(x>>14)]++
	}
	words := map[string]int{}
	for i := range 500000 {
		words[fmt.Sprint("w", i%5000)] += i
	}
	sum := 0
	for k, v := range m {
		sum += k ^ v
	}
	fmt.Println(len(m), len(words), sum)
}
