package runtime

import (
	"internal/abi"
	"unsafe"
)

// Finalizers and cleanups. The C++ side keeps what is attached to objects and queues what is due after a collection
// (gc/specials.cpp); two goroutines, started when there is something to run for the first time, call it.

// finalizerRecord is one call that is due.
type finalizerRecord struct {
	fn      func()
	object  unsafe.Pointer
	nret    uintptr
	fnType  unsafe.Pointer
	argType *abi.Type // type of the finalizer's parameter
}

func setFinalizerSpecial(p unsafe.Pointer, fn func(), nret uintptr, fnType, argType *abi.Type) bool
func addCleanupSpecial(p unsafe.Pointer, fn func(), unused uintptr) uint64
func stopCleanupSpecial(p uintptr, id uint64)
func findObject(p unsafe.Pointer) (base, size uintptr, noscan bool)

//go:noescape
func nextFinalizer(r *finalizerRecord, kind int)
func assertE2I2(inter, typ *abi.Type) unsafe.Pointer
func reflectcall(stackType *abi.Type, fn, args unsafe.Pointer, size, retOffset, frame uint32, regs *abi.RegArgs)

const (
	finalizersDue = 1 << iota
	cleanupsDue
)

var finalizersStarted, cleanupsStarted bool

func startFinalizers(due uint) {
	if due&finalizersDue != 0 && !finalizersStarted {
		finalizersStarted = true
		go runFinalizers()
	}
	if due&cleanupsDue != 0 && !cleanupsStarted {
		cleanupsStarted = true
		go runCleanups()
	}
}

func runFinalizers() {
	var r finalizerRecord
	for {
		nextFinalizer(&r, 0)
		callFinalizer(&r)
		r = finalizerRecord{}
	}
}

func runCleanups() {
	var r finalizerRecord
	for {
		nextFinalizer(&r, 1)
		r.fn()
		r = finalizerRecord{}
	}
}

// callFinalizer passes the object as a pointer or as the interface that the finalizer wants.
func callFinalizer(r *finalizerRecord) {
	var regs abi.RegArgs
	word := 0
	if r.argType.Kind() == abi.Interface {
		inter := (*abi.InterfaceType)(unsafe.Pointer(r.argType))
		table := r.fnType // the object's type, for the empty interface
		if len(inter.Methods) != 0 {
			table = assertE2I2(r.argType, (*abi.Type)(r.fnType))
		}
		regs.Ints[0], regs.Ptrs[0] = uintptr(table), table
		word = 1
	}
	regs.Ints[word], regs.Ptrs[word] = uintptr(r.object), r.object
	const spill = 2 * 8
	reflectcall(nil, *(*unsafe.Pointer)(unsafe.Pointer(&r.fn)), nil, 0, 0, uint32(r.nret+spill), &regs)
}

// SetFinalizer arranges that finalizer is called with obj, some time after obj has become unreachable. nil takes that back.
func SetFinalizer(obj any, finalizer any) {
	e := efaceOf(&obj)
	if e.typ == nil {
		throw("runtime.SetFinalizer: first argument is nil")
	}
	if e.typ.Kind() != abi.Pointer {
		throw("runtime.SetFinalizer: first argument is " + typeString(e.typ) + ", not pointer")
	}
	if e.data == nil {
		throw("runtime.SetFinalizer: first argument is nil pointer")
	}
	elem := (*abi.PtrType)(unsafe.Pointer(e.typ)).Elem
	base, _, _ := findObject(e.data)
	if base == 0 {
		if inImage(e.data) {
			return // variables of the program live as long as it does
		}
		throw("runtime.SetFinalizer: pointer not in allocated block")
	}
	const tinyBlock = 16
	if uintptr(e.data) != base && (elem.Pointers() || elem.Size_ >= tinyBlock) {
		throw("runtime.SetFinalizer: pointer not at beginning of allocated block")
	}
	f := efaceOf(&finalizer)
	if f.typ == nil {
		setFinalizerSpecial(e.data, nil, 0, nil, nil)
		return
	}
	if f.typ.Kind() != abi.Func {
		throw("runtime.SetFinalizer: second argument is " + typeString(f.typ) + ", not a function")
	}
	ft := (*abi.FuncType)(unsafe.Pointer(f.typ))
	cannot := "runtime.SetFinalizer: cannot pass " + typeString(e.typ) + " to finalizer " + typeString(f.typ)
	if ft.IsVariadic() {
		throw(cannot + " because dotdotdot")
	}
	if ft.InCount != 1 || !takesPointer(ft.InSlice()[0], e.typ, elem) {
		throw(cannot)
	}
	nret := uintptr(0)
	for _, t := range ft.OutSlice() {
		align := uintptr(t.Align_)
		nret = (nret+align-1)&^(align-1) + t.Size_
	}
	nret = (nret + 7) &^ 7
	if !setFinalizerSpecial(e.data, *(*func())(unsafe.Pointer(&f.data)), nret, e.typ, ft.InSlice()[0]) {
		throw("runtime.SetFinalizer: finalizer already set")
	}
}

// takesPointer: can a value of the pointer type typ be assigned to a parameter of type param?
func takesPointer(param, typ, elem *abi.Type) bool {
	switch {
	case param == typ:
		return true
	case param.Kind() == abi.Pointer:
		return (param.Uncommon() == nil || typ.Uncommon() == nil) && (*abi.PtrType)(unsafe.Pointer(param)).Elem == elem
	case param.Kind() == abi.Interface:
		return len((*abi.InterfaceType)(unsafe.Pointer(param)).Methods) == 0 || assertE2I2(param, typ) != nil
	}
	return false
}

// inImage: does p point into the program's own data?
func inImage(p unsafe.Pointer) bool {
	m := galeModule()
	in := func(from, to uintptr) bool { return uintptr(p) >= from && uintptr(p) < to }
	return in(m.text, m.etext) || in(m.types, m.etypes) || in(m.data, m.edata) || in(m.bss, m.ebss) ||
		in(m.noptrdata[0], m.noptrdata[1]) || in(m.noptrbss[0], m.noptrbss[1]) || uintptr(p) < m.ebss
}

// A Cleanup is the handle of a call that was attached to an object.
type Cleanup struct {
	id  uint64
	ptr uintptr
}

// Stop cancels the call, if it is not due yet.
func (c Cleanup) Stop() {
	if c.id != 0 {
		stopCleanupSpecial(c.ptr, c.id)
	}
}

// AddCleanup arranges that cleanup(arg) is called some time after the object of ptr has become unreachable.
func AddCleanup[T, S any](ptr *T, cleanup func(S), arg S) Cleanup {
	p := abi.Escape(unsafe.Pointer(ptr))
	if p == nil {
		panic("runtime.AddCleanup: ptr is nil")
	}
	base, size, noscan := findObject(p)
	if kind := abi.TypeFor[S]().Kind(); kind == abi.Pointer || kind == abi.UnsafePointer {
		a := *(*unsafe.Pointer)(unsafe.Pointer(&arg))
		if a == p {
			panic("runtime.AddCleanup: ptr is equal to arg, cleanup will never run")
		}
		tiny := noscan && size == 16 // several objects may share the block
		if base != 0 && uintptr(a) >= base && uintptr(a) < base+size && !tiny {
			panic("runtime.AddCleanup: ptr is within arg, cleanup will never run")
		}
	}
	if base == 0 {
		if inImage(p) {
			return Cleanup{}
		}
		panic("runtime.AddCleanup: ptr not in allocated block")
	}
	c := Cleanup{addCleanupSpecial(p, func() { cleanup(arg) }, 0), uintptr(p)}
	KeepAlive(ptr)
	return c
}
