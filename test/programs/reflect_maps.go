// Map types that only reflect makes: their buckets are laid out at run time.
package main

import (
	"fmt"
	"reflect"
	"runtime"
	"sort"
)

type big struct{ a [40]int }

func fill(k, e reflect.Type, key func(int) reflect.Value, elem func(int) reflect.Value) {
	t := reflect.MapOf(k, e)
	m := reflect.MakeMap(t)
	for i := range 200 {
		m.SetMapIndex(key(i), elem(i))
		if i%50 == 0 {
			runtime.GC()
		}
	}
	for i := 0; i < 200; i += 3 {
		m.SetMapIndex(key(i), reflect.Value{})
	}
	bad := 0
	for i := range 200 {
		got := m.MapIndex(key(i))
		if i%3 == 0 {
			if got.IsValid() {
				bad++
			}
		} else if !got.IsValid() || fmt.Sprint(got) != fmt.Sprint(elem(i)) {
			bad++
		}
	}
	var keys []string
	for it := m.MapRange(); it.Next(); {
		keys = append(keys, fmt.Sprint(it.Key()))
	}
	sort.Strings(keys)
	fmt.Println(t, m.Len(), len(m.MapKeys()), bad, keys[:3])
}

func main() {
	str := func(i int) reflect.Value { return reflect.ValueOf(fmt.Sprint("k", i)) }
	num := func(i int) reflect.Value { return reflect.ValueOf(int16(i)) }
	ptr := func(i int) reflect.Value { s := fmt.Sprint(i); return reflect.ValueOf([]*string{&s}[:0]) }
	large := func(i int) reflect.Value { return reflect.ValueOf(big{[40]int{i}}) }
	fill(reflect.TypeFor[int16](), reflect.TypeFor[big](), num, large)
	fill(reflect.TypeFor[big](), reflect.TypeFor[int16](), large, num)
	fill(reflect.TypeFor[string](), reflect.TypeFor[[]*string](), str, ptr)
	st := reflect.StructOf([]reflect.StructField{{Name: "X", Type: reflect.TypeFor[int8]()}, {Name: "S", Type: reflect.TypeFor[string]()}})
	mk := func(i int) reflect.Value {
		v := reflect.New(st).Elem()
		v.Field(0).SetInt(int64(i % 100))
		v.Field(1).SetString(fmt.Sprint(i))
		return v
	}
	fill(st, reflect.TypeFor[float32](), mk, func(i int) reflect.Value { return reflect.ValueOf(float32(i) / 4) })
}
