// A printer driven by reflect: all kinds, tags, methods, calls, made types.
package main

import (
	"fmt"
	"reflect"
	"sort"
	"strings"
)

type Inner struct {
	A int `k:"v" j:"w"`
	b string
}

type Outer struct {
	Inner
	P    *Inner
	M    map[string][]int
	F    func(int) string
	C    chan bool
	I    any
	Arr  [2]complex64
	E    error
	U8   []byte
	next *Outer
}

func (o Outer) Hello(name string) string { return "hello " + name }
func (o *Outer) SetA(a int)              { o.A = a }
func (o Outer) Sum(xs ...int) (n int) {
	for _, x := range xs {
		n += x
	}
	return n + o.A
}

func dump(v reflect.Value, depth int, b *strings.Builder) {
	pad := strings.Repeat("  ", depth)
	if !v.IsValid() {
		b.WriteString(pad + "invalid\n")
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		fmt.Fprintf(b, "%s%s {\n", pad, v.Type())
		for i := 0; i < v.NumField(); i++ {
			f := v.Type().Field(i)
			fmt.Fprintf(b, "%s  .%s tag=%q anon=%v exported=%v off=%d\n", pad, f.Name, f.Tag.Get("k"), f.Anonymous, f.IsExported(), f.Offset)
			if depth < 3 {
				dump(v.Field(i), depth+2, b)
			}
		}
		b.WriteString(pad + "}\n")
	case reflect.Pointer, reflect.Interface:
		fmt.Fprintf(b, "%s%s nil=%v\n", pad, v.Type(), v.IsNil())
		if !v.IsNil() {
			dump(v.Elem(), depth+1, b)
		}
	case reflect.Map:
		keys := v.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
		for _, k := range keys {
			fmt.Fprintf(b, "%s[%v]\n", pad, k)
			dump(v.MapIndex(k), depth+1, b)
		}
	case reflect.Slice, reflect.Array:
		fmt.Fprintf(b, "%s%s len=%d\n", pad, v.Type(), v.Len())
		for i := 0; i < v.Len(); i++ {
			dump(v.Index(i), depth+1, b)
		}
	case reflect.Func, reflect.Chan:
		fmt.Fprintf(b, "%s%s nil=%v\n", pad, v.Type(), v.IsNil())
	default:
		fmt.Fprintf(b, "%s%s %v\n", pad, v.Type(), v)
	}
}

func main() {
	o := &Outer{Inner: Inner{1, "x"}, P: &Inner{2, "y"}, M: map[string][]int{"k": {1, 2}, "a": nil}, F: func(i int) string { return fmt.Sprint(i) },
		I: 3.5, Arr: [2]complex64{1 + 2i, 3}, E: fmt.Errorf("oops"), U8: []byte("hi")}
	var b strings.Builder
	dump(reflect.ValueOf(o), 0, &b)
	fmt.Print(b.String())
	t := reflect.TypeOf(o)
	for i := 0; i < t.NumMethod(); i++ {
		fmt.Println(t.Method(i).Name, t.Method(i).Type)
	}
	v := reflect.ValueOf(o)
	v.MethodByName("SetA").Call([]reflect.Value{reflect.ValueOf(10)})
	fmt.Println(v.MethodByName("Sum").Call([]reflect.Value{reflect.ValueOf(1), reflect.ValueOf(2)})[0], v.Method(0).Call([]reflect.Value{reflect.ValueOf("you")})[0])
	fmt.Println(v.Elem().FieldByName("F").Call([]reflect.Value{reflect.ValueOf(7)})[0])
	swap := reflect.MakeFunc(reflect.TypeOf(func(a, b int) (int, int) { return 0, 0 }), func(args []reflect.Value) []reflect.Value { return []reflect.Value{args[1], args[0]} })
	x, y := swap.Interface().(func(int, int) (int, int))(1, 2)
	fmt.Println(x, y)
	s := reflect.MakeSlice(reflect.SliceOf(reflect.TypeOf("")), 0, 2)
	s = reflect.Append(s, reflect.ValueOf("a"), reflect.ValueOf("b"))
	m := reflect.MakeMap(reflect.MapOf(reflect.TypeOf(""), reflect.TypeOf(0)))
	m.SetMapIndex(reflect.ValueOf("one"), reflect.ValueOf(1))
	fmt.Println(s, m, reflect.PointerTo(t), reflect.TypeOf(reflect.New(t.Elem()).Interface()))
	st := reflect.StructOf([]reflect.StructField{{Name: "X", Type: reflect.TypeOf(0), Tag: `json:"x"`}, {Name: "Y", Type: reflect.TypeOf("")}})
	sv := reflect.New(st).Elem()
	sv.Field(0).SetInt(5)
	fmt.Printf("%v %+v\n", st, sv)
	fmt.Println(reflect.DeepEqual(map[string][]int{"a": {1}}, map[string][]int{"a": {1}}), reflect.DeepEqual(o, &Outer{}))
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		reflect.ValueOf(*o).Field(0).Field(0).SetInt(3)
	}()
	iter := reflect.ValueOf(map[int]string{1: "one"}).MapRange()
	for iter.Next() {
		fmt.Println(iter.Key(), iter.Value())
	}
}
