// Product of matrices: slices of slices, bounds checks in an inner loop.
package main

import "fmt"

func product(a, b [][]float64) [][]float64 {
	n, m := len(a), len(b[0])
	c := make([][]float64, n)
	for i := range c {
		c[i] = make([]float64, m)
		for k := range b {
			x := a[i][k]
			for j := 0; j < m; j++ {
				c[i][j] += x * b[k][j]
			}
		}
	}
	return c
}

func main() {
	const n = 450
	a, b := make([][]float64, n), make([][]float64, n)
	for i := range a {
		a[i], b[i] = make([]float64, n), make([]float64, n)
		for j := range a[i] {
			a[i][j], b[i][j] = float64(i^j)/n, float64(i-j)/n
		}
	}
	c := product(a, b)
	c = product(c, b)
	fmt.Printf("%.6e %.6e\n", c[1][2], c[n/2][n/3])
}
