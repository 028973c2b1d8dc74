// What the list `full` does in loops, and where it may not.
package main

import "os"

type table struct {
	scale int
	rows  []int
}

//go:noinline
func scaled(t *table, out []int) {
	for i := range out {
		out[i] = i // explain: Proved IsInBounds // silent: Found IsInBounds
	}
}

//go:noinline
func sum(t *table, n int) (s int) {
	for i := 0; i < n; i++ {
		s += t.scale * i // explain: hoisted out of the loop: Load
	}
	return s
}

//go:noinline
func written(t *table, n int) {
	for i := 0; i < n; i++ {
		t.scale += i // silent: hoisted out of the loop: Load
	}
}

//go:noinline
func unknown(a []int, k int) int {
	return a[k] // explain: Found IsInBounds
}

//go:noinline
func swap(a []int) {
	for i, j := 0, len(a)-1; i < j; i, j = i+1, j-1 {
		a[i], a[j] = a[j], a[i] // explain: Proved IsInBounds // silent: Found IsInBounds
	}
}

//go:noinline
func few(a *[4]int) (s int) {
	for i := 0; i < 4; i++ { // explain: loop unrolled: 4 iterations
		s += a[i]
	}
	return s
}

//go:noinline
func nested(a *[9]int, b *[3]int) (s int) {
	for i := range 3 { // explain: loop unrolled: 3 iterations
		for j := range 3 { // explain: loop unrolled: 3 iterations
			s += a[3*i+j] * b[j]
		}
	}
	return s
}

//go:noinline
func large(x uint64) uint64 {
	for range 16 { // explain: loop not unrolled: 16 iterations of 6 operations
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

//go:noinline
func words(b []byte) []byte {
	return append(b, "item: "...) // explain: copy of 6 bytes made in place
}

func upto(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

//go:noinline
func over(n int) (s int) {
	for x := range upto(n) { // explain: inlining call to upto // explain: inlining call to upto.func1 // explain: inlining call to over-range1
		s += x
	}
	return s
}

func main() {
	t := &table{scale: 3, rows: []int{1, 2, 3}}
	scaled(t, t.rows)
	written(t, 4)
	swap(t.rows)
	if sum(t, 3) != 27 || unknown(t.rows, 0) != 2 || over(5) != 10 {
		os.Exit(1)
	}
	if few(&[4]int{1, 2, 3, 4}) != 10 || nested(&[9]int{1, 2, 3}, &[3]int{3, 2, 1}) != 10 || large(1) == 1 || len(words(nil)) != 6 {
		os.Exit(1)
	}
}
