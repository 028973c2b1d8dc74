// The smallest program: no package but the runtime.
package main

func main() {
	println("hello", 42, true, 3.5, 'x', 2+3i)
}
