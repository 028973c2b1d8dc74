package runtime

import (
	"internal/abi"
	"unsafe"
)

// Error identifies a run time error.
type Error interface {
	error

	// RuntimeError tells run time errors from other errors.
	RuntimeError()
}

// TypeAssertionError explains a failed type assertion.
type TypeAssertionError struct {
	_interface    *abi.Type
	concrete      *abi.Type
	asserted      *abi.Type
	missingMethod string
}

func (*TypeAssertionError) RuntimeError() {}

func (e *TypeAssertionError) Error() string {
	inter := "interface"
	if e._interface != nil {
		inter = typeString(e._interface)
	}
	want := typeString(e.asserted)
	if e.concrete == nil {
		return "interface conversion: " + inter + " is nil, not " + want
	}
	have := typeString(e.concrete)
	if e.missingMethod != "" {
		return "interface conversion: " + have + " is not " + want + ": missing method " + e.missingMethod
	}
	text := "interface conversion: " + inter + " is " + have + ", not " + want
	if have == want {
		if typePkgPath(e.concrete) != typePkgPath(e.asserted) {
			text += " (types from different packages)"
		} else {
			text += " (types from different scopes)"
		}
	}
	return text
}

// errorString is a run time error whose text starts with "runtime error: ".
type errorString string

func (e errorString) RuntimeError() {}
func (e errorString) Error() string { return "runtime error: " + string(e) }

// errorAddressString is one about a memory address.
type errorAddressString struct {
	msg  string
	addr uintptr
}

func (e errorAddressString) RuntimeError() {}
func (e errorAddressString) Error() string { return "runtime error: " + e.msg }
func (e errorAddressString) Addr() uintptr { return e.addr }

// plainError is a run time error without that prefix.
type plainError string

func (e plainError) RuntimeError() {}
func (e plainError) Error() string { return string(e) }

// A PanicNilError is what panic(nil) panics with.
type PanicNilError struct {
	_ [0]func() // not comparable
}

func (*PanicNilError) Error() string {
	return "panic called with nil argument"
}
func (*PanicNilError) RuntimeError() {}

type boundsCode uint8

const (
	boundsIndex boundsCode = iota
	boundsSliceAlen
	boundsSliceAcap
	boundsSliceB
	boundsSlice3Alen
	boundsSlice3Acap
	boundsSlice3B
	boundsSlice3C
	boundsConvert
)

// boundsError is an index or slice expression out of range. x is the index, y what it was compared with.
type boundsError struct {
	x      int64
	signed bool
	y      int
	code   boundsCode
}

// Texts by code: %x and %y stand for the numbers. The second form is for a negative x.
var boundsTexts = [...][2]string{
	boundsIndex:      {"index out of range [%x] with length %y", "index out of range [%x]"},
	boundsSliceAlen:  {"slice bounds out of range [:%x] with length %y", "slice bounds out of range [:%x]"},
	boundsSliceAcap:  {"slice bounds out of range [:%x] with capacity %y", "slice bounds out of range [:%x]"},
	boundsSliceB:     {"slice bounds out of range [%x:%y]", "slice bounds out of range [%x:]"},
	boundsSlice3Alen: {"slice bounds out of range [::%x] with length %y", "slice bounds out of range [::%x]"},
	boundsSlice3Acap: {"slice bounds out of range [::%x] with capacity %y", "slice bounds out of range [::%x]"},
	boundsSlice3B:    {"slice bounds out of range [:%x:%y]", "slice bounds out of range [:%x:]"},
	boundsSlice3C:    {"slice bounds out of range [%x:%y:]", "slice bounds out of range [%x::]"},
	boundsConvert:    {"cannot convert slice with length %x to array or pointer to array with length %y", ""},
}

func (e boundsError) RuntimeError() {}

func (e boundsError) Error() string {
	text := boundsTexts[e.code][0]
	if e.signed && e.x < 0 {
		text = boundsTexts[e.code][1]
	}
	b := append(make([]byte, 0, 100), "runtime error: "...)
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			b = append(b, text[i])
			continue
		}
		i++
		if text[i] == 'x' {
			b = appendInt(b, e.x, e.signed)
		} else {
			b = appendInt(b, int64(e.y), true)
		}
	}
	return string(b)
}

func appendInt(b []byte, v int64, signed bool) []byte {
	u := uint64(v)
	if signed && v < 0 {
		b = append(b, '-')
		u = -u
	}
	var digits [20]byte
	i := len(digits)
	for {
		i--
		digits[i] = byte('0' + u%10)
		u /= 10
		if u == 0 {
			return append(b, digits[i:]...)
		}
	}
}

func itoa(v int) string { return string(appendInt(nil, int64(v), true)) }

// Failed checks of compiled code.

func panicIndex(x int, y int)   { panic(boundsError{int64(x), true, y, boundsIndex}) }
func panicIndexU(x uint, y int) { panic(boundsError{int64(x), false, y, boundsIndex}) }

func panicSliceAlen(x int, y int)   { panic(boundsError{int64(x), true, y, boundsSliceAlen}) }
func panicSliceAlenU(x uint, y int) { panic(boundsError{int64(x), false, y, boundsSliceAlen}) }
func panicSliceAcap(x int, y int)   { panic(boundsError{int64(x), true, y, boundsSliceAcap}) }
func panicSliceAcapU(x uint, y int) { panic(boundsError{int64(x), false, y, boundsSliceAcap}) }
func panicSliceB(x int, y int)      { panic(boundsError{int64(x), true, y, boundsSliceB}) }
func panicSliceBU(x uint, y int)    { panic(boundsError{int64(x), false, y, boundsSliceB}) }

func panicSlice3Alen(x int, y int)   { panic(boundsError{int64(x), true, y, boundsSlice3Alen}) }
func panicSlice3AlenU(x uint, y int) { panic(boundsError{int64(x), false, y, boundsSlice3Alen}) }
func panicSlice3Acap(x int, y int)   { panic(boundsError{int64(x), true, y, boundsSlice3Acap}) }
func panicSlice3AcapU(x uint, y int) { panic(boundsError{int64(x), false, y, boundsSlice3Acap}) }
func panicSlice3B(x int, y int)      { panic(boundsError{int64(x), true, y, boundsSlice3B}) }
func panicSlice3BU(x uint, y int)    { panic(boundsError{int64(x), false, y, boundsSlice3B}) }
func panicSlice3C(x int, y int)      { panic(boundsError{int64(x), true, y, boundsSlice3C}) }
func panicSlice3CU(x uint, y int)    { panic(boundsError{int64(x), false, y, boundsSlice3C}) }

// panicSliceConvert: here x is the array's length and y the slice's.
func panicSliceConvert(x int, y int) { panic(boundsError{int64(y), true, x, boundsConvert}) }

var (
	divideError   = error(errorString("integer divide by zero"))
	overflowError = error(errorString("integer overflow"))
	shiftError    = error(errorString("negative shift amount"))
	memoryError   = error(errorString("invalid memory address or nil pointer dereference"))
)

func panicdivide()   { panic(divideError) }
func panicoverflow() { panic(overflowError) }
func panicshift()    { panic(shiftError) }
func panicmem()      { panic(memoryError) }
func panicnil()      { panic(new(PanicNilError)) }

func panicunsafeslicelen()     { panic(errorString("unsafe.Slice: len out of range")) }
func panicunsafeslicenilptr()  { panic(errorString("unsafe.Slice: ptr is nil and len is not zero")) }
func panicunsafestringlen()    { panic(errorString("unsafe.String: len out of range")) }
func panicunsafestringnilptr() { panic(errorString("unsafe.String: ptr is nil and len is not zero")) }
func panicmakeslicelen()       { panic(errorString("makeslice: len out of range")) }
func panicmakeslicecap()       { panic(errorString("makeslice: cap out of range")) }
func panicrangestate(state int) {
	switch state {
	case 0:
		panic(errorString("range function continued iteration after function for loop body returned false"))
	case 1, 2:
		panic(errorString("range function continued iteration after loop body panic"))
	case 3:
		panic(errorString("range function continued iteration after whole loop exit"))
	case 4:
		panic(errorString("range function recovered a loop body panic and did not resume panicking"))
	}
	throw("unexpected state of a range function")
}

// panicdottypeE: x.(T) of an empty interface that holds `have` (nil: nothing).
func panicdottypeE(have, want, iface *abi.Type) {
	panic(&TypeAssertionError{iface, have, want, ""})
}

// panicdottypeI is the same for an interface with methods.
func panicdottypeI(have *abi.ITab, want, iface *abi.Type) {
	var t *abi.Type
	if have != nil {
		t = have.Type
	}
	panicdottypeE(t, want, iface)
}

// panicnildottype: x.(I) of a nil interface.
func panicnildottype(want *abi.Type) {
	panic(&TypeAssertionError{nil, nil, want, ""})
}

// panicwrap is called by the pointer wrapper of a value method whose receiver is nil.
func panicwrap() {
	var pcs [4]uintptr
	n := callersRaw(1, &pcs[0], len(pcs))
	for _, pc := range pcs[:n] {
		var f [8]frameRecord
		k := pcFrame(pc, &f[0], len(f))
		for i := range f[:k] {
			// pkg.(*T).m
			name := f[i].name
			open, shut := -1, -1
			for j := 0; j+1 < len(name); j++ {
				if name[j] == '(' && name[j+1] == '*' {
					open = j
				}
				if name[j] == ')' && open >= 0 && shut < 0 {
					shut = j
				}
			}
			if open < 1 || shut < 0 {
				continue
			}
			panic(plainError("value method " + name[:open-1] + "." + name[open+2:shut] + name[shut+1:] +
				" called using nil *" + name[open+2:shut] + " pointer"))
		}
	}
	throw("panicwrap: no wrapper in sight")
}

// Codes of g.pendingCode (base/abi/edges.def).
const (
	pendingMakeSliceLen = 1 + iota
	pendingMakeSliceCap
	pendingGrowSliceLen
	pendingMakeChanSize
	pendingSendClosed
	pendingCloseClosed
	pendingCloseNil
	pendingNilMapAssign
	pendingUnhashable
	pendingUncomparable
	pendingAssertNil
	pendingAssertMissing
	pendingNilDereference
	pendingTooLarge
	pendingUnsafeSliceLen
	pendingUnsafeSliceNil
	pendingGoNilFunc
	pendingStringTooLong
	pendingRunesTooLong
	pendingTimerUninit
)

// raisePending panics with what a gate has left in g.
func raisePending(code uint32, typ, a, b unsafe.Pointer) {
	t := (*abi.Type)(typ)
	switch code {
	case pendingMakeSliceLen:
		panic(errorString("makeslice: len out of range"))
	case pendingMakeSliceCap:
		panic(errorString("makeslice: cap out of range"))
	case pendingGrowSliceLen:
		panic(errorString("growslice: len out of range"))
	case pendingMakeChanSize:
		panic(plainError("makechan: size out of range"))
	case pendingSendClosed:
		panic(plainError("send on closed channel"))
	case pendingCloseClosed:
		panic(plainError("close of closed channel"))
	case pendingCloseNil:
		panic(plainError("close of nil channel"))
	case pendingNilMapAssign:
		panic(plainError("assignment to entry in nil map"))
	case pendingUnhashable:
		panic(errorString("hash of unhashable type " + typeString(t)))
	case pendingUncomparable:
		panic(errorString("comparing uncomparable type " + typeString(t)))
	case pendingAssertNil:
		panic(&TypeAssertionError{nil, nil, t, ""})
	case pendingAssertMissing:
		panic(&TypeAssertionError{nil, t, (*abi.Type)(a), nameText((*byte)(b))})
	case pendingNilDereference:
		panic(memoryError)
	case pendingTooLarge:
		panic(plainError("runtime: allocation size out of range"))
	case pendingUnsafeSliceLen:
		panicunsafeslicelen()
	case pendingUnsafeSliceNil:
		panicunsafeslicenilptr()
	case pendingGoNilFunc:
		fatal("go of nil func value")
	case pendingStringTooLong:
		throw("string concatenation too long")
	case pendingRunesTooLong:
		throw("out of memory")
	case pendingTimerUninit:
		panic(plainError("timer when must be positive"))
	}
	throw("unknown pending panic")
}

// nameText is the identifier in an encoded name (internal/abi.Name).
func nameText(p *byte) string {
	if p == nil {
		return ""
	}
	return abi.Name{Bytes: p}.Name()
}

// unreachableMethod stands in method tables for methods that discovery dropped.
func unreachableMethod() { throw("unreachable method called") }
