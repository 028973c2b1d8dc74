// Prints what gc's descriptors of the types in types.go hold, field by field. Build tag-free: `go run types.go dump.go`.
package main

import (
	"fmt"
	"reflect"
	"sort"
	"strings"
	"unsafe"
)

type rtype struct {
	size, ptrBytes        uintptr
	hash                  uint32
	tflag, align, falign  uint8
	kind                  uint8
	equal                 func(unsafe.Pointer, unsafe.Pointer) bool
	gcdata                *byte
	str                   int32
	ptrToThis             int32
}
type uncommon struct {
	pkgPath        int32
	mcount, xcount uint16
	moff           uint32
	_              uint32
}
type method struct{ name, mtyp, ifn, tfn int32 }
type imethod struct{ name, typ int32 }

//go:linkname resolveNameOff reflect.resolveNameOff
func resolveNameOff(base unsafe.Pointer, off int32) unsafe.Pointer

func header(t reflect.Type) *rtype {
	return (*rtype)((*[2]unsafe.Pointer)(unsafe.Pointer(&t))[1])
}

func at(p *byte, i int) byte { return *(*byte)(unsafe.Add(unsafe.Pointer(p), i)) }

func varint(p *byte, off int) (int, int) {
	v := 0
	for i := 0; ; i++ {
		x := at(p, off+i)
		v += int(x&0x7f) << (7 * i)
		if x&0x80 == 0 {
			return v, off + i + 1
		}
	}
}

func text(p *byte, off int) (string, int) {
	n, o := varint(p, off)
	return unsafe.String((*byte)(unsafe.Add(unsafe.Pointer(p), o)), n), o + n
}

func name(base unsafe.Pointer, p *byte) string {
	if p == nil {
		return "<nil>"
	}
	flags := at(p, 0)
	s, o := text(p, 1)
	out := fmt.Sprintf("%q/%d", s, flags)
	if flags&2 != 0 {
		var tag string
		tag, o = text(p, o)
		out += fmt.Sprintf(" tag %q", tag)
	}
	if flags&4 != 0 {
		off := *(*int32)(unsafe.Add(unsafe.Pointer(p), o))
		out += " in " + name(base, (*byte)(resolveNameOff(base, off)))
	}
	return out
}

var seen = map[reflect.Type]bool{}
var lines []string

func sizeOf(k reflect.Kind) uintptr {
	switch k {
	case reflect.Array:
		return 72
	case reflect.Chan:
		return 64
	case reflect.Pointer, reflect.Slice, reflect.Func:
		return 56
	case reflect.Interface, reflect.Struct:
		return 80
	case reflect.Map:
		return 112
	}
	return 48
}

func dump(t reflect.Type) {
	if seen[t] {
		return
	}
	seen[t] = true
	h := header(t)
	base := unsafe.Pointer(h)
	var b strings.Builder
	fmt.Fprintf(&b, "%s: size %d ptr %d tflag %d align %d %d kind %d comparable %v str %s", t, h.size, h.ptrBytes, h.tflag,
		h.align, h.falign, h.kind, h.equal != nil, name(base, (*byte)(resolveNameOff(base, h.str))))
	if h.tflag&16 == 0 {
		fmt.Fprintf(&b, " mask ")
		for i := 0; i < (int(h.ptrBytes)/8+7)/8; i++ {
			fmt.Fprintf(&b, "%02x", at(h.gcdata, i))
		}
	}
	word := func(off uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Add(base, off)) }
	switch t.Kind() {
	case reflect.Array:
		fmt.Fprintf(&b, " elem %s len %d slice %s", t.Elem(), t.Len(), reflect.SliceOf(t.Elem()))
		dump(t.Elem())
		dump(reflect.SliceOf(t.Elem()))
	case reflect.Slice, reflect.Pointer:
		fmt.Fprintf(&b, " elem %s", t.Elem())
		dump(t.Elem())
	case reflect.Chan:
		fmt.Fprintf(&b, " elem %s dir %d", t.Elem(), *(*int)(unsafe.Add(base, 56)))
		dump(t.Elem())
	case reflect.Map:
		fmt.Fprintf(&b, " key %s elem %s", t.Key(), t.Elem())
		dump(t.Key())
		dump(t.Elem())
	case reflect.Func:
		fmt.Fprintf(&b, " counts %d %d", *(*uint16)(unsafe.Add(base, 48)), *(*uint16)(unsafe.Add(base, 50)))
		for i := 0; i < t.NumIn(); i++ {
			fmt.Fprintf(&b, " %s", t.In(i))
			dump(t.In(i))
		}
		for i := 0; i < t.NumOut(); i++ {
			fmt.Fprintf(&b, " %s", t.Out(i))
			dump(t.Out(i))
		}
	case reflect.Interface:
		fmt.Fprintf(&b, " pkg %s", name(base, (*byte)(word(48))))
		ms := *(*[]imethod)(unsafe.Add(base, 56))
		for i, m := range ms {
			fmt.Fprintf(&b, " method %s %s", name(base, (*byte)(resolveNameOff(base, m.name))), t.Method(i).Type)
			dump(t.Method(i).Type)
		}
	case reflect.Struct:
		fmt.Fprintf(&b, " pkg %s", name(base, (*byte)(word(48))))
		type field struct {
			name *byte
			typ  unsafe.Pointer
			off  uintptr
		}
		for i, f := range *(*[]field)(unsafe.Add(base, 56)) {
			fmt.Fprintf(&b, " field %s %s @%d", name(base, f.name), t.Field(i).Type, f.off)
			dump(t.Field(i).Type)
		}
	}
	if h.tflag&1 != 0 {
		u := (*uncommon)(unsafe.Add(base, sizeOf(t.Kind())))
		fmt.Fprintf(&b, " uncommon pkg %s %d %d", name(base, (*byte)(resolveNameOff(base, u.pkgPath))), u.mcount, u.xcount)
		for i := 0; i < int(u.mcount); i++ {
			m := (*method)(unsafe.Add(unsafe.Pointer(u), uintptr(u.moff)+uintptr(i)*16))
			fmt.Fprintf(&b, " m %s", name(base, (*byte)(resolveNameOff(base, m.name))))
		}
	}
	lines = append(lines, b.String())
}

func main() {
	dump(reflect.TypeOf(Cases{}))
	sort.Strings(lines)
	fmt.Println(strings.Join(lines, "\n"))
}
