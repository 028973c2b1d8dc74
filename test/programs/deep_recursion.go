// Recursion a million and ten million levels deep, with pointers into the stack that must move with it.
package main

import "fmt"

func depth(n int, p *int) int {
	var local [4]int
	local[n&3] = n
	*p += local[n&3] & 1
	if n == 0 {
		return 0
	}
	q := &local[n&3]
	d := depth(n-1, p) + 1
	if *q != n {
		panic("a local changed while the stack moved")
	}
	return d
}

func ackermann(m, n int) int {
	if m == 0 {
		return n + 1
	}
	if n == 0 {
		return ackermann(m-1, 1)
	}
	return ackermann(m-1, ackermann(m, n-1))
}

func plain(n int) int {
	if n == 0 {
		return 0
	}
	return plain(n-1) + 1
}

func main() {
	odd := 0
	fmt.Println(depth(1000000, &odd), odd)
	fmt.Println(ackermann(2, 300), ackermann(3, 7))
	fmt.Println(plain(10000000))
}
