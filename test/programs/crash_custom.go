// An uncaught panic with an error value, through deferred calls.
package main

import (
	"fmt"
	"os"
)

type myError struct{ code int }

func (e *myError) Error() string { return fmt.Sprintf("my error\nwith code %d", e.code) }

func main() {
	defer fmt.Println("deferred 1")
	defer func() {
		fmt.Fprintln(os.Stderr, "deferred 2")
	}()
	panic(&myError{42})
}
