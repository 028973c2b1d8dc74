// os.Exit runs no deferred calls.
package main

import (
	"fmt"
	"os"
)

func main() {
	defer fmt.Println("never")
	fmt.Println(len(os.Args), os.Getenv("HOME") != "")
	os.Exit(7)
}
