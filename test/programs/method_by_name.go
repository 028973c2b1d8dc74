// Methods that only reflection calls: by constant name, by a name that is computed, by index, as method values.
package main

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
)

type A struct{ n int }

func (a A) Get() int        { return a.n }
func (a *A) Set(n int)      { a.n = n }
func (a A) String() string  { return "A" }
func (a A) Unasked() string { return "unasked" }

type holder struct{ reflect.Value }

type byName interface{ MethodByName(string) reflect.Value }

func name(parts ...string) string { return strings.Join(parts, "") }

func caller() string {
	_, _, line, ok := runtime.Caller(2)
	return fmt.Sprint(line > 30 && line < 45, ok)
}

func panics() (s string) {
	defer func() {
		recover()
		s += caller()
	}()
	defer func() { s += caller() }()
	panic("x")
}

func overlap() {
	var x [64]byte
	for i := range x {
		x[i] = byte(i)
	}
	*(*[32]byte)(x[4:36]) = *(*[32]byte)(x[2:34])
	fmt.Println(x)
}

func main() {
	a := &A{3}
	v := reflect.ValueOf(a)
	fmt.Println(v.MethodByName("Get").Call(nil)[0])
	holder{v}.MethodByName("Set").Call([]reflect.Value{reflect.ValueOf(7)})
	fmt.Println(a.n)
	m, ok := reflect.TypeOf(a).MethodByName("String")
	fmt.Println(m.Func.Call([]reflect.Value{v})[0], ok)
	fmt.Println(byName(v).MethodByName(name("G", "et")).Call(nil)[0])
	f := v.MethodByName
	fmt.Println(f("Unasked").Call(nil)[0])
	for i := range v.NumMethod() {
		fmt.Println(reflect.TypeOf(a).Method(i).Name)
	}
	fmt.Println(panics())
	overlap()
}
