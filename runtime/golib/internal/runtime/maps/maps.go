// Package maps is what reflect and hash/maphash see of gale's maps, whose code is in the C++ half of the runtime.
package maps

import (
	"internal/abi"
	"unsafe"
)

// Use64BitHash says that hashes use all of a uintptr.
const Use64BitHash = true

// Map is a map's header. It is never looked into from here.
type Map struct {
	_ [0]func()
}

// Iter walks over a map. The part up to check is the iterator that the C++ side knows (base/abi/layout.def, MapIter).
type Iter struct {
	key, elem           unsafe.Pointer
	typ                 *abi.MapType
	m                   *Map
	buckets, bucket     unsafe.Pointer
	overflow, oldOverfl unsafe.Pointer
	startBucket         uintptr
	offset, wrapped     uint8
	b, i                uint8
	clearSeq            uint32
	at, check           uintptr

	initialised, started bool
	of                   *Map // what Init was given
	ofType               *abi.MapType
}

//go:linkname mapiterinit runtime.mapiterinit
//go:noescape
func mapiterinit(t *abi.MapType, m *Map, it *Iter)

//go:linkname mapiternext runtime.mapiternext
//go:noescape
func mapiternext(it *Iter)

// Init makes it stand before the first entry of m, which may be nil.
func (it *Iter) Init(t *abi.MapType, m *Map) {
	*it = Iter{initialised: true, of: m, ofType: t}
}

// Initialized: has Init been called?
func (it *Iter) Initialized() bool { return it.initialised }

// Map is the map that it walks over.
func (it *Iter) Map() *Map { return it.of }

// Key points to the current key; nil at the end.
func (it *Iter) Key() unsafe.Pointer { return it.key }

// Elem points to the current element.
func (it *Iter) Elem() unsafe.Pointer { return it.elem }

// Next goes to the next entry.
func (it *Iter) Next() {
	if it.started {
		if it.key != nil {
			mapiternext(it)
		}
		return
	}
	it.started = true
	if it.of != nil {
		mapiterinit(it.ofType, it.of, it)
	}
}
