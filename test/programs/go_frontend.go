// Parses and type-checks Go source with go/parser and go/types, and prints what it finds.
package main

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"sort"
)

const src = `package demo

type Shape interface { Area() float64; Name() string }
type Square struct { side float64 }
func (s Square) Area() float64 { return s.side*s.side }
func (s *Square) Name() string { return "square" }
func Largest[T Shape](shapes ...T) (best T) {
	for i, s := range shapes { if i == 0 || s.Area() > best.Area() { best = s } }
	return
}
var total, _ = Sum([]int{1,2,3}), "x"
func Sum(xs []int) (n int) { for _, x := range xs { n += x }; return n }
const ( A = iota*2; B; C )
`

func main() {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "demo.go", src, parser.ParseComments)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	counts := map[string]int{}
	ast.Inspect(f, func(n ast.Node) bool {
		if n != nil {
			counts[fmt.Sprintf("%T", n)]++
		}
		return true
	})
	var names []string
	for n := range counts {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		fmt.Println(n, counts[n])
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Error: func(err error) { fmt.Println("error:", err) }}
	pkg, err := conf.Check("demo", fset, []*ast.File{f}, info)
	fmt.Println(pkg, err)
	for _, name := range pkg.Scope().Names() {
		o := pkg.Scope().Lookup(name)
		fmt.Println(o, fset.Position(o.Pos()))
	}
	shape := pkg.Scope().Lookup("Shape").Type().Underlying().(*types.Interface)
	square := pkg.Scope().Lookup("Square").Type()
	fmt.Println(types.Implements(square, shape), types.Implements(types.NewPointer(square), shape))
	if err := format.Node(os.Stdout, fset, f); err != nil {
		fmt.Println(err)
	}
	for _, bad := range []string{"package p; func f() { x := 1 }", "package p; var s string = 1", "package p; func f( {"} {
		f, err := parser.ParseFile(fset, "bad.go", bad, 0)
		if err != nil {
			fmt.Println(err)
			continue
		}
		_, err = (&types.Config{}).Check("p", fset, []*ast.File{f}, nil)
		fmt.Println(err)
	}
}
