// Labels in code that nothing reaches, and gotos that reach code behind a return. (Found by generated programs.)
package main

func deadLoop() int {
	for {
		return 1
		v := 2
	L:
		for range 2 {
			v++
			continue L
		}
		println(v)
	}
}

func deadBranch(z struct{}) (n int) {
Outer:
	for i := range 3 {
		n += i
		if z == z { // known to be true
			break Outer
		}
		var v int
	Inner:
		for range 2 {
			for range 2 {
				v++
				continue Inner
			}
		}
		n += v
	}
	return
}

func backward(n int) (r int) {
	goto Second
First:
	r += 100
	return
Second:
	r++
	if r < n {
		goto Second
	}
	goto First
}

func main() {
	println(deadLoop(), deadBranch(struct{}{}), backward(5))
}
