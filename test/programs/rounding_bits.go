// Rounding of floats and counting of bits: instructions where the processor has them. Called, inlined into loops, and as func values.
package main

import (
	"fmt"
	"math"
	"math/bits"
)

var values = []float64{
	0, math.Copysign(0, -1), 0.5, -0.5, 0.49999999999999994, -0.49999999999999994, 1, -1, 1.5, -1.5, 2.5, -2.5, 3.5, 1e15 + 0.5, -1e15 - 0.5,
	1 << 52, 1<<52 - 0.5, -(1<<52 - 0.5), 1 << 53, -(1 << 53), 1e300, -1e300, 5e-324, -5e-324, math.Inf(1), math.Inf(-1), math.NaN(), 1 << 63, -1 << 63,
}

//go:noinline
func sums(a []float64) (floor, ceil, trunc, even float64) {
	for _, x := range a {
		if !(math.Abs(x) < 1e9) {
			continue
		}
		floor += math.Floor(x)
		ceil += math.Ceil(x)
		trunc += math.Trunc(x)
		even += math.RoundToEven(x)
	}
	return
}

//go:noinline
func population(a []uint64) (n int) {
	for i, x := range a {
		n += bits.OnesCount64(x)<<1 ^ bits.OnesCount32(uint32(x>>7)) + bits.OnesCount16(uint16(x))*i + bits.OnesCount8(uint8(x>>3)) - bits.OnesCount(uint(x|1))
	}
	return
}

func main() {
	functions := []func(float64) float64{math.Floor, math.Ceil, math.Trunc, math.RoundToEven, math.Round}
	for _, x := range values {
		fmt.Print(x, ":")
		for _, f := range functions {
			fmt.Printf(" %v/%x", f(x), math.Float64bits(f(x))>>48)
		}
		whole, fraction := math.Modf(x)
		fmt.Println("", math.Floor(x), math.Ceil(x), math.Trunc(x), math.RoundToEven(x), whole, fraction)
	}
	fmt.Println(sums(values))
	words := make([]uint64, 200)
	x := uint64(88172645463325252)
	for i := range words {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		words[i] = x >> (i % 60)
	}
	count := bits.OnesCount64
	fmt.Println(population(words), count(x), count(0), count(math.MaxUint64))
}
