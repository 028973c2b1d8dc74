// Merge sort on goroutines.
package main

import (
	"fmt"
	"slices"
	"sync"
)

func sorted(s []int) []int {
	if len(s) < 2000 {
		r := slices.Clone(s)
		slices.Sort(r)
		return r
	}
	var left, right []int
	var group sync.WaitGroup
	group.Add(2)
	go func() { defer group.Done(); left = sorted(s[:len(s)/2]) }()
	go func() { defer group.Done(); right = sorted(s[len(s)/2:]) }()
	group.Wait()
	r := make([]int, 0, len(s))
	for len(left) > 0 && len(right) > 0 {
		if left[0] <= right[0] {
			r, left = append(r, left[0]), left[1:]
		} else {
			r, right = append(r, right[0]), right[1:]
		}
	}
	return append(append(r, left...), right...)
}

func main() {
	s := make([]int, 300000)
	x := uint64(1)
	for i := range s {
		x = x*6364136223846793005 + 1442695040888963407
		s[i] = int(x >> 40)
	}
	r := sorted(s)
	slices.Sort(s)
	fmt.Println(slices.IsSorted(r), slices.Equal(r, s), r[0], r[len(r)/2], r[len(r)-1])
}
