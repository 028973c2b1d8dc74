package main

import (
	"fmt"
	"reflect"
)

// Nobody lists methods by reflection here: method tables hold what assertions can ask for, and NumMethod still counts all.

type speaker interface{ Speak() string }

type quiet interface {
	Speak() string
	hush() int
}

type dog struct{ name string }

func (d dog) Speak() string    { return d.name + " barks" }
func (d dog) Unused() int      { return 1 }
func (d *dog) AlsoUnused() int { return 2 }
func (d dog) hush() int        { return 3 }

type cat struct{ lives int }

func (c *cat) Speak() string { return fmt.Sprint("cat of ", c.lives) }

// Only allocated and compared: no value of it gets into an interface.
type node struct {
	next *node
	text string
	any  func() int
}

func (n *node) length() int {
	if n == nil {
		return 0
	}
	return 1 + n.next.length()
}

//go:noinline
func ask(v any) {
	if s, ok := v.(speaker); ok {
		fmt.Println(s.Speak())
	}
	if q, ok := v.(quiet); ok {
		fmt.Println("quiet", q.hush())
	}
	if _, ok := v.(interface{ Unused(int) int }); ok {
		fmt.Println("another signature")
	}
	t := reflect.TypeOf(v)
	fmt.Println(t, t.NumMethod(), t.Implements(reflect.TypeFor[speaker]()), t.Implements(reflect.TypeFor[quiet]()))
}

type shape interface{ area() int }

type square struct{ side int }

func (s square) area() int { return s.side * s.side }

// Only a case of a switch.
type circle struct{ r int }

func (c circle) area() int { return 3 * c.r * c.r }

//go:noinline
func kind(s shape) string {
	switch s.(type) {
	case square:
		return "square"
	case circle:
		return "circle"
	case *circle:
		return "pointer to circle"
	}
	return "?"
}

func main() {
	ask(dog{"rex"})
	ask(&dog{"max"})
	ask(cat{7})
	ask(&cat{9})
	ask(3)
	fmt.Println(kind(square{2}), kind(nil))
	var list *node
	for i := range 5 {
		list = &node{next: list, text: fmt.Sprint(i)}
	}
	nodes := make([]node, 3)
	nodes = append(nodes, *list)
	fmt.Println(list.length(), len(nodes), nodes[3].text)
}
