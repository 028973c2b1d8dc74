// Hello with fmt.
package main

import "fmt"

func main() {
	fmt.Println("Hello, 世界!", 42, 3.14, []int{1, 2, 3}, map[string]int{"a": 1, "b": 2}, struct {
		X int
		Y string
	}{7, "seven"})
	fmt.Printf("%5d|%-8s|%08.3f|%x|%q|%v|%+v|%T\n", 42, "left", 3.14159, "hex", "quoted", &[]int{1}, struct{ A, B int }{1, 2}, map[int]bool{})
}
