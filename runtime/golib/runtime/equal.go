package runtime

import (
	"internal/abi"
	"unsafe"
)

// efaceeq compares two values of type t in interfaces; compiled code has found the types equal and not nil.
func efaceeq(t *abi.Type, x, y unsafe.Pointer) bool {
	if t.Equal == nil {
		panic(errorString("comparing uncomparable type " + typeString(t)))
	}
	if x == y && t.TFlag&abi.TFlagRegularMemory != 0 {
		return true
	}
	if t.IsDirectIface() {
		return x == y
	}
	return t.Equal(x, y)
}

// ifaceeq is efaceeq for interfaces with methods: tab is what both have in common.
func ifaceeq(tab *abi.ITab, x, y unsafe.Pointer) bool { return efaceeq(tab.Type, x, y) }
