// An interface value is two words: what type it holds (an itab, or for any the type itself) and a pointer to the data.
package main

import (
	"fmt"
	"os"
	"unsafe"
)

type words struct{ table, data unsafe.Pointer }

type speaker interface{ speak() string }
type dog struct{ name string }
type cat struct{ n int }

func (d *dog) speak() string { return d.name }
func (c cat) speak() string  { return "cat" }

func look[I any](i *I) words { return *(*words)(unsafe.Pointer(i)) }

func check(ok bool, what string) {
	fmt.Println(what+":", ok)
	if !ok {
		os.Exit(1)
	}
}

func main() {
	d := &dog{"rex"}
	var a, b, c, none speaker = d, &dog{"other"}, cat{1}, nil
	var e any = d
	wa, wb, wc, we, wn := look(&a), look(&b), look(&c), look(&e), look(&none)
	check(unsafe.Sizeof(a) == 16 && unsafe.Sizeof(e) == 16, "two words")
	check(wa.table == wb.table, "two *dog share one itab")
	check(wa.table != wc.table, "cat has another itab")
	check(wa.data == unsafe.Pointer(d) && we.data == wa.data, "a pointer is the data word itself")
	itab := *(*words)(wa.table) // interface type, then the concrete type
	check(itab.data == we.table, "the itab's second word is the type word of any")
	check(wn == words{}, "nil is two zero words")
	var typed *dog
	var notNil speaker = typed
	check(notNil != nil && look(&notNil).data == nil, "a nil pointer in an interface is not a nil interface")
}
