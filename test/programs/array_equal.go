// Comparing arrays of every shape: of one element, nested, of elements that are not plain memory, as operands, elements, keys.
package main

import "fmt"

type pair struct {
	name string
	x    float64
}

type inner [1][1][2]pair

//go:noinline
func same[T comparable](a, b T) (bool, bool) { return a == b, any(a) == any(b) }

func check[T comparable](label string, a, b T) {
	x, y := same(a, a)
	z, w := same(a, b)
	m := map[T]int{a: 1}
	m[b] += 2
	fmt.Println(label, x, y, z, w, len(m), m[a])
}

func main() {
	nan := 0.0
	nan /= nan
	check("one row of floats", [1][3]float64{{1, 2, 3}}, [1][3]float64{{1, 2, 4}})
	check("not a number", [1][3]float64{{1, 2, 3}}, [1][3]float64{{1, 2, nan}})
	check("minus zero", [1][2]float64{{0, -1 / 1e308}}, [1][2]float64{{-0.0, -1 / 1e308}})
	check("rows", [2][3]float64{{1}, {2}}, [2][3]float64{{1}, {2, 1}})
	check("one in one", [1][1]float64{{1}}, [1][1]float64{{2}})
	check("strings", [1][4]string{{"a", "b", "c", "d"}}, [1][4]string{{"a", "b", "c", "e"}})
	check("pairs", inner{{{{"a", 1}, {"b", 2}}}}, inner{{{{"a", 1}, {"b", 3}}}})
	check("interfaces", [1][3]any{{1, "x", nil}}, [1][3]any{{1, "x", 2.5}})
	check("complex", [1][5]complex128{{1i}}, [1][5]complex128{{2i}})
	check("field", struct{ a [1][9]float32 }{}, struct{ a [1][9]float32 }{a: [1][9]float32{{8: 1}}})
	check("none", [1][0]string{}, [1][0]string{})
	check("empty structs", [3]struct{}{}, [3]struct{}{})
}
