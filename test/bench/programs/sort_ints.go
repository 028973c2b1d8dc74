package main

import (
	"fmt"
	"slices"
	"sort"
)

func main() {
	a := make([]int, 1000000)
	x := uint64(88172645463325252)
	for i := range a {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		a[i] = int(x >> 1)
	}
	b := slices.Clone(a)
	sort.Ints(a)
	sort.Slice(b, func(i, j int) bool { return b[i] < b[j] })
	fmt.Println(slices.Equal(a, b), a[0], a[len(a)/2])
}
