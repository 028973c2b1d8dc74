// Mandelbrot set: floats in registers, a loop with an early exit.
package main

import "fmt"

func main() {
	const size, limit = 900, 100
	inside, steps := 0, 0
	for y := range size {
		ci := 2*float64(y)/size - 1
		for x := range size {
			cr := 2*float64(x)/size - 1.5
			var zr, zi, r2, i2 float64
			n := 0
			for ; n < limit && r2+i2 <= 4; n++ {
				zi = 2*zr*zi + ci
				zr = r2 - i2 + cr
				r2, i2 = zr*zr, zi*zi
			}
			steps += n
			if n == limit {
				inside++
			}
		}
	}
	fmt.Println(inside, steps)
}
