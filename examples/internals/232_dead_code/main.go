// Only what the entry leads to is linked: functions, methods that no interface asks for, variables and their initialisers.
package main

import (
	"debug/elf"
	"debug/gosym"
	"fmt"
	"os"
)

//go:noinline
func used() int { return helper() }

//go:noinline
func helper() int { return len(os.Args) }

//go:noinline
func unused() int { return onlyForUnused() }

//go:noinline
func onlyForUnused() int { return len(os.Args) + 1 }

type shape interface{ Area() int }
type square struct{ side int }

//go:noinline
func (s *square) Area() int { return s.side * s.side }

//go:noinline
func (s *square) NobodyAsks() int { return s.side }

//go:noinline
func measure(s shape) int { return s.Area() }

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func main() {
	area := measure(&square{used() + 2})
	self, err := os.Executable()
	check(err)
	file, err := elf.Open(self)
	check(err)
	symbols, err := file.Symbols()
	check(err)
	in := map[string]bool{}
	for _, s := range symbols {
		in[s.Name] = true
	}
	lines, err := file.Section(".gopclntab").Data()
	check(err)
	text := file.Section(".text")
	table, err := gosym.NewTable(nil, gosym.NewLineTable(lines, text.Addr))
	check(err)
	ok := area == 9
	for _, f := range []struct {
		name string
		want bool
	}{{"main.used", true}, {"main.helper", true}, {"main.(*square).Area", true}, {"main.unused", false}, {"main.onlyForUnused", false},
		{"main.(*square).NobodyAsks", false}} {
		symbol, line := in[f.name], table.LookupFunc(f.name) != nil
		fmt.Printf("%-26s symbol %-5v line table %v\n", f.name, symbol, line)
		ok = ok && symbol == f.want && line == f.want
	}
	if !ok {
		os.Exit(1)
	}
}
