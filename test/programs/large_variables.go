// Variables too large for a frame live in the heap: a stack is copied when it grows, and ends at a gigabyte.
package main

//go:noinline
func local(i, depth int) int {
	var y [1 << 20]int
	y[i] = depth
	z := y
	z[i+1] = 7
	f := func() int { return z[i] + z[i+1] + y[i+1] }
	if depth == 0 {
		return f()
	}
	return f() + local(i+1, depth-1)
}

// In a frame it would be the stack's end.
//
//go:noinline
func huge(i int) int {
	var y [1 << 27]int
	y[i] = 5
	return y[i&7] + y[i+1]
}

func named(n int) (result [1 << 15]int) {
	defer func() {
		if recover() != nil {
			result[5] += 2
		}
	}()
	for i := range result {
		result[i] = i
	}
	return [1 << 15]int{5: result[n]}
}

func main() {
	println(local(3, 20), huge(5))
	r := named(9)
	s := named(1 << 20)
	println(r[5], s[5], r[6])
	for i, a := 0, [1 << 18]byte{}; i < 3; i++ {
		a[i]++
		println(a[0], a[1], a[2])
	}
}
