// Command std_roots prints a program that refers to every exported function, variable and type of the packages named in its
// arguments (folder of the source, then import paths). What such a program reaches is nearly all of std.
package main

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sort"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: std_roots GOROOT/src package...")
		os.Exit(2)
	}
	fmt.Println("package main")
	var uses []string
	for i, path := range os.Args[2:] {
		name := fmt.Sprintf("p%d", i)
		found, present := exported(filepath.Join(os.Args[1], path), name)
		if !present {
			continue
		}
		if len(found) == 0 {
			name = "_"
		}
		fmt.Printf("import %s %q\n", name, path)
		uses = append(uses, found...)
	}
	fmt.Println("var roots = []any{")
	for _, use := range uses {
		fmt.Printf("\t%s,\n", use)
	}
	fmt.Println("}")
	fmt.Println("func main() { println(len(roots) > 0) }")
}

// exported lists expressions for what the package declares. It is not present if no file fits this system, or it is a program.
func exported(folder, name string) (uses []string, present bool) {
	context := build.Default
	context.CgoEnabled = false
	entries, err := os.ReadDir(folder)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, entry := range entries {
		file := entry.Name()
		if filepath.Ext(file) != ".go" || len(file) > 8 && file[len(file)-8:] == "_test.go" {
			continue
		}
		if match, err := context.MatchFile(folder, file); err != nil || !match {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, file), nil, parser.SkipObjectResolution)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if tree.Name.Name == "main" {
			return nil, false
		}
		present = true
		for _, d := range tree.Decls {
			uses = append(uses, declared(d, name)...)
		}
	}
	sort.Strings(uses)
	return uses, present
}

func declared(d ast.Decl, name string) (uses []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.IsExported() && d.Type.TypeParams == nil {
			uses = append(uses, name+"."+d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.IsExported() && spec.TypeParams == nil && !constraint(spec.Type) {
					uses = append(uses, "(*"+name+"."+spec.Name.Name+")(nil)")
				}
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					if d.Tok == token.VAR && id.IsExported() {
						uses = append(uses, "&"+name+"."+id.Name)
					}
				}
			}
		}
	}
	return uses
}

// constraint tells whether an interface can only be used as one.
func constraint(t ast.Expr) bool {
	i, ok := t.(*ast.InterfaceType)
	if !ok {
		return false
	}
	for _, m := range i.Methods.List {
		if len(m.Names) == 0 {
			switch m.Type.(type) {
			case *ast.BinaryExpr, *ast.UnaryExpr:
				return true
			}
		}
	}
	return false
}
