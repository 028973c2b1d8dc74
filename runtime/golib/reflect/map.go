package reflect

import (
	"internal/abi"
	"internal/runtime/maps"
	"unsafe"
)

// Maps by reflection. What differs from gc is mapOfBuckets: gale's maps have buckets of eight slots (base/abi/layout.def).

const mapSlots = 8

var stringType = rtypeOf("")

func mapTypeOf(t *abi.Type) *abi.MapType { return (*abi.MapType)(unsafe.Pointer(t)) }

func (t *rtype) Key() Type {
	if t.Kind() != Map {
		panic("reflect: Key of non-map type " + t.String())
	}
	return toType(mapTypeOf(&t.t).Key)
}

// MapOf returns the map type with the given key and element types. It panics if key cannot be compared.
func MapOf(key, elem Type) Type {
	k, e := key.common(), elem.common()
	if k.Equal == nil {
		panic("reflect.MapOf: invalid key type " + stringFor(k))
	}
	id := cacheKey{Map, k, e, 0}
	if known, ok := lookupCache.Load(id); ok {
		return known.(Type)
	}
	name := "map[" + stringFor(k) + "]" + stringFor(e)
	for _, candidate := range typesByString(name) {
		if mt := mapTypeOf(candidate); mt.Key == k && mt.Elem == e {
			t, _ := lookupCache.LoadOrStore(id, toRType(candidate))
			return t.(Type)
		}
	}
	t, _ := lookupCache.LoadOrStore(id, toRType(&newMapType(name, key, elem).Type))
	return t.(Type)
}

// newMapType makes a descriptor that the program does not have.
func newMapType(name string, key, elem Type) *abi.MapType {
	k, e := key.common(), elem.common()
	var pattern any = map[unsafe.Pointer]unsafe.Pointer(nil)
	mt := new(abi.MapType)
	*mt = **(**abi.MapType)(unsafe.Pointer(&pattern))
	mt.Str = resolveReflectName(newName(name, "", false, false))
	mt.TFlag = abi.TFlagDirectIface
	mt.Hash = fnv1(e.Hash, 'm', byte(k.Hash>>24), byte(k.Hash>>16), byte(k.Hash>>8), byte(k.Hash))
	mt.PtrToThis = 0
	mt.Key, mt.Elem = k, e
	mt.Hasher = func(p unsafe.Pointer, seed uintptr) uintptr { return typehash(k, p, seed) }
	mt.Flags = 0
	if needKeyUpdate(k) {
		mt.Flags |= abi.MapNeedKeyUpdate
	}
	if hashMightPanic(k) {
		mt.Flags |= abi.MapHashMightPanic
	}
	if k.Size_ > abi.MapMaxKeyBytes {
		mt.Flags |= abi.MapIndirectKey
		key = PointerTo(key)
	}
	if e.Size_ > abi.MapMaxElemBytes {
		mt.Flags |= abi.MapIndirectElem
		elem = PointerTo(elem)
	}
	setBuckets(mt, key, elem)
	return mt
}

// setBuckets describes buckets of the given slot types: tophashes, keys, elements, and the overflow bucket, which is a
// pointer for the collector only if the slots have pointers too.
func setBuckets(mt *abi.MapType, key, elem Type) {
	overflow := TypeFor[uintptr]()
	if key.common().Pointers() || elem.common().Pointers() {
		overflow = TypeFor[unsafe.Pointer]()
	}
	bucket := StructOf([]StructField{
		{Name: "Tophash", Type: ArrayOf(mapSlots, TypeFor[uint8]())},
		{Name: "Keys", Type: ArrayOf(mapSlots, key)},
		{Name: "Values", Type: ArrayOf(mapSlots, elem)},
		{Name: "Overflow", Type: overflow},
	})
	mt.Group = bucket.common()
	mt.GroupSize = bucket.Size()
	mt.SlotSize = key.Size()
	mt.ElemOff = bucket.Field(2).Offset
	// The word behind Flags: bytes from one element to the next (layout.def, MapType.elem_slot).
	*(*uint32)(unsafe.Add(unsafe.Pointer(&mt.Flags), 4)) = uint32(elem.Size())
}

// byString: may the access to m's entry be made by the string in key?
func byString(mt *abi.MapType, key Value) bool {
	return (mt.Key == stringType || key.kind() == String) && mt.Key == key.typ() && mt.Elem.Size() <= abi.MapMaxElemBytes
}

// operand is the address of v's value.
func operand(v *Value) unsafe.Pointer {
	if v.flag&flagIndir != 0 {
		return v.ptr
	}
	return unsafe.Pointer(&v.ptr)
}

// MapIndex returns the element of map v for key, or the zero Value if there is none. It panics if v is not a map.
func (v Value) MapIndex(key Value) Value {
	v.mustBe(Map)
	mt := mapTypeOf(v.typ())
	// An unexported key may be looked up; the result is unexported then.
	var found unsafe.Pointer
	if byString(mt, key) {
		found = mapaccess_faststr(v.typ(), v.pointer(), *(*string)(key.ptr))
	} else {
		key = key.assignTo("reflect.Value.MapIndex", mt.Key, nil)
		found = mapaccess(v.typ(), v.pointer(), operand(&key))
	}
	if found == nil {
		return Value{}
	}
	return copyVal(mt.Elem, (v.flag|key.flag).ro()|flag(mt.Elem.Kind()), found)
}

// MapKeys returns the keys of map v in no particular order. It panics if v is not a map.
func (v Value) MapKeys() []Value {
	v.mustBe(Map)
	mt := mapTypeOf(v.typ())
	m := v.pointer()
	if m == nil {
		return []Value{}
	}
	keys := make([]Value, 0, maplen(m))
	var it maps.Iter
	it.Init(mt, (*maps.Map)(m))
	for it.Next(); it.Key() != nil && len(keys) < cap(keys); it.Next() {
		keys = append(keys, copyVal(mt.Key, v.flag.ro()|flag(mt.Key.Kind()), it.Key()))
	}
	return keys
}

// A MapIter walks over a map: see Value.MapRange.
type MapIter struct {
	m     Value
	hiter maps.Iter
}

// entry gives p, a pointer of the current entry, after checking that there is one; who names the caller in panics.
func (iter *MapIter) entry(who string, p unsafe.Pointer) unsafe.Pointer {
	if !iter.hiter.Initialized() {
		panic(who + " called before Next")
	}
	if p == nil {
		panic(who + " called on exhausted iterator")
	}
	return p
}

// Key returns the key of the current entry.
func (iter *MapIter) Key() Value {
	p := iter.entry("MapIter.Key", iter.hiter.Key())
	t := mapTypeOf(iter.m.typ()).Key
	return copyVal(t, iter.m.flag.ro()|flag(t.Kind()), p)
}

// Value returns the element of the current entry.
func (iter *MapIter) Value() Value {
	p := iter.entry("MapIter.Value", iter.hiter.Elem())
	t := mapTypeOf(iter.m.typ()).Elem
	return copyVal(t, iter.m.flag.ro()|flag(t.Kind()), p)
}

// SetIterKey sets v to the key of iter's current entry.
func (v Value) SetIterKey(iter *MapIter) {
	p := iter.entry("reflect: Value.SetIterKey", iter.hiter.Key())
	v.setFromEntry(iter, mapTypeOf(iter.m.typ()).Key, p, "reflect.MapIter.SetKey")
}

// SetIterValue sets v to the element of iter's current entry.
func (v Value) SetIterValue(iter *MapIter) {
	p := iter.entry("reflect: Value.SetIterValue", iter.hiter.Elem())
	v.setFromEntry(iter, mapTypeOf(iter.m.typ()).Elem, p, "reflect.MapIter.SetValue")
}

func (v Value) setFromEntry(iter *MapIter, t *abi.Type, p unsafe.Pointer, context string) {
	v.mustBeAssignable()
	var target unsafe.Pointer
	if v.kind() == Interface {
		target = v.ptr
	}
	iter.m.mustBeExported()
	x := Value{t, p, iter.m.flag | flag(t.Kind()) | flagIndir}
	x = x.assignTo(context, v.typ(), target)
	typedmemmove(v.typ(), v.ptr, x.ptr)
}

// Next goes to the next entry; false: there is none.
func (iter *MapIter) Next() bool {
	if !iter.m.IsValid() {
		panic("MapIter.Next called on an iterator that does not have an associated map Value")
	}
	if !iter.hiter.Initialized() {
		iter.hiter.Init(mapTypeOf(iter.m.typ()), (*maps.Map)(iter.m.pointer()))
	} else if iter.hiter.Key() == nil {
		panic("MapIter.Next called on exhausted iterator")
	}
	iter.hiter.Next()
	return iter.hiter.Key() != nil
}

// Reset makes iter walk over v, a map or the zero Value.
func (iter *MapIter) Reset(v Value) {
	if v.IsValid() {
		v.mustBe(Map)
	}
	*iter = MapIter{m: v}
}

// MapRange returns an iterator over map v. It panics if v is not a map.
func (v Value) MapRange() *MapIter {
	if v.kind() != Map {
		v.panicNotMap()
	}
	return &MapIter{m: v}
}

// panicNotMap is apart so that MapRange stays small.
func (f flag) panicNotMap() { f.mustBe(Map) }

// SetMapIndex sets the element of map v for key; the zero Value as elem deletes the entry.
func (v Value) SetMapIndex(key, elem Value) {
	v.mustBe(Map)
	v.mustBeExported()
	key.mustBeExported()
	mt := mapTypeOf(v.typ())
	fast := byString(mt, key)
	if !fast {
		key = key.assignTo("reflect.Value.SetMapIndex", mt.Key, nil)
	}
	if elem.typ() == nil {
		if fast {
			mapdelete_faststr(v.typ(), v.pointer(), *(*string)(key.ptr))
		} else {
			mapdelete(v.typ(), v.pointer(), operand(&key))
		}
		return
	}
	elem.mustBeExported()
	elem = elem.assignTo("reflect.Value.SetMapIndex", mt.Elem, nil)
	if fast {
		mapassign_faststr(v.typ(), v.pointer(), *(*string)(key.ptr), operand(&elem))
	} else {
		mapassign(v.typ(), v.pointer(), operand(&key), operand(&elem))
	}
}
