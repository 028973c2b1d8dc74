package runtime

import (
	"internal/strconv"
	"unsafe"
)

// The print builtins for floating-point and complex numbers: the shortest text that reads back the same.

func printfloat64(v float64) {
	var buf [32]byte
	printtext(strconv.AppendFloat(buf[:0], v, 'g', -1, 64))
}

func printfloat32(v float32) {
	var buf [32]byte
	printtext(strconv.AppendFloat(buf[:0], float64(v), 'g', -1, 32))
}

func printcomplex128(v complex128) {
	var buf [64]byte
	printtext(strconv.AppendComplex(buf[:0], v, 'g', -1, 128))
}

func printcomplex64(v complex64) {
	var buf [64]byte
	printtext(strconv.AppendComplex(buf[:0], complex128(v), 'g', -1, 64))
}

func printtext(b []byte) { printstring(unsafe.String(unsafe.SliceData(b), len(b))) }
