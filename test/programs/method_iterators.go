package main

import (
	"fmt"
	"reflect"
)

// Methods that only reflect's iterators lead to.

type T struct{ x int }

func (t T) Hello() string    { return fmt.Sprint("hello ", t.x) }
func (t *T) Goodbye() string { return fmt.Sprint("bye ", t.x) }

func main() {
	var v any = &T{3}
	for m := range reflect.TypeOf(v).Methods() {
		fmt.Println(m.Name, m.Type, m.Func.Call([]reflect.Value{reflect.ValueOf(v)})[0])
	}
	for m, f := range reflect.ValueOf(v).Methods() {
		fmt.Println(m.Name, f.Call(nil)[0])
	}
}
