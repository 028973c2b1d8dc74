// Function values: sort by a comparison, map and filter, state captured by reference, memoised recursion.
package main

import (
	"fmt"
	"slices"
	"sort"
)

type record struct {
	key  int
	name string
}

func filter(s []int, keep func(int) bool) (r []int) {
	for _, v := range s {
		if keep(v) {
			r = append(r, v)
		}
	}
	return
}

func compose(fs ...func(int) int) func(int) int {
	return func(x int) int {
		for _, f := range fs {
			x = f(x)
		}
		return x
	}
}

func main() {
	records := make([]record, 200000)
	x := uint32(7)
	for i := range records {
		x = x*1664525 + 1013904223
		records[i] = record{int(x >> 8), ""}
	}
	other := slices.Clone(records)
	sort.Slice(records, func(i, j int) bool { return records[i].key < records[j].key })
	slices.SortFunc(other, func(a, b record) int { return a.key - b.key })
	numbers := make([]int, 100000)
	for i := range numbers {
		numbers[i] = i * i % 1009
	}
	calls, sum := 0, 0
	for limit := range 60 {
		kept := filter(numbers, func(v int) bool { calls++; return v%61 > limit })
		f := compose(func(x int) int { return x + limit }, func(x int) int { return x * 3 }, func(x int) int { return x ^ 5 })
		for _, v := range kept {
			sum += f(v)
		}
	}
	fmt.Println(records[0].key == other[0].key, records[100000].key, calls, sum)
}
