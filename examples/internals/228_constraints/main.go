// Which files belong to a package is decided by their names and //go:build lines, before anything is compiled.
package main

import (
	"fmt"
	"os"
)

var files []string

func main() {
	fmt.Println(len(files), "extra files were chosen")
	if len(files) != 2 {
		os.Exit(1)
	}
}
