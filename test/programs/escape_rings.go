// Objects that do not leave their function but cannot all lie in its frame: those made in a loop are on the heap, and what they
// point to must be there, too, since the frame moves when the stack grows.
package main

import "fmt"

type link struct {
	next *link
	id   int
}

//go:noinline
func grow(n int) int {
	var pad [64]int
	pad[n%64] = n
	if n == 0 {
		return pad[0]
	}
	return grow(n-1) + pad[n%64]
}

// The first link is made once, the others in a loop.
//
//go:noinline
func ring(n int) (sum int) {
	first := &link{id: 1}
	first.next = first
	for i := range n {
		first.next = &link{next: first.next, id: i}
	}
	grow(2000)
	first.id = 1000
	at := first.next
	for range n {
		sum += at.id
		at = at.next
	}
	return sum + at.id
}

// The parameter's object lies in links that this function makes in a loop.
//
//go:noinline
func through(p *link, n int) (sum int) {
	var chain *link
	for i := range n {
		chain = &link{next: p, id: i}
		if chain.id > 2 {
			grow(2000)
			p.id = 7
			sum += chain.next.id
		}
	}
	return sum
}

//go:noinline
func table(n int) int {
	value := 3
	many := make([]*int, n) // of a size that is not known: on the heap
	many[n-1] = &value
	grow(2000)
	value = 5
	return *many[n-1]
}

func main() {
	results := make(chan [3]int)
	for range 3 { // on small stacks
		go func() {
			mine := link{id: 1}
			results <- [3]int{ring(10), through(&mine, 6), table(9)}
		}()
		fmt.Println(<-results)
	}
}
