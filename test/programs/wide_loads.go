// Bytes combined by shifts: little and big endian, of 2, 4 and 8 bytes, at constant and variable places; orders and gaps that are
// no number of the processor's; a write between the bytes; an index that is out of range.
package main

import (
	"encoding/binary"
	"fmt"
)

//go:noinline
func le16(b []byte, i int) uint16 { return uint16(b[i]) | uint16(b[i+1])<<8 }

//go:noinline
func be16(b []byte) uint16 { _ = b[1]; return uint16(b[1]) | uint16(b[0])<<8 }

//go:noinline
func be16wide(b []byte) uint64 { _ = b[1]; return uint64(b[1]) | uint64(b[0])<<8 }

//go:noinline
func le32(b *[8]byte) uint32 {
	return uint32(b[2]) | uint32(b[3])<<8 | uint32(b[4])<<16 | uint32(b[5])<<24
}

//go:noinline
func le32in64(b []byte, i int) uint64 {
	return uint64(b[i]) | uint64(b[i+1])<<8 | uint64(b[i+2])<<16 | uint64(b[i+3])<<24
}

//go:noinline
func high32(b []byte) uint64 {
	return uint64(b[0])<<32 | uint64(b[1])<<40 | uint64(b[2])<<48 | uint64(b[3])<<56
}

//go:noinline
func gap(b []byte) uint32 {
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[3])<<16 | uint32(b[4])<<24
}

//go:noinline
func mixed(b []byte) uint32 {
	return uint32(b[0]) | uint32(b[2])<<8 | uint32(b[1])<<16 | uint32(b[3])<<24
}

//go:noinline
func written(b []byte) uint32 {
	x := uint32(b[0]) | uint32(b[1])<<8
	b[3] = 99
	return x | uint32(b[2])<<16 | uint32(b[3])<<24
}

//go:noinline
func signed(b []byte) int32 { return int32(int8(b[0])) | int32(b[1])<<8 }

//go:noinline
func twice(b []byte) (uint16, uint32) {
	lo := uint32(b[0])
	return uint16(lo) | uint16(b[1])<<8, lo | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

func main() {
	var a [8]byte
	b := make([]byte, 16)
	for i := range b {
		b[i] = byte(i*37 + 0x8f)
	}
	copy(a[:], b)
	fmt.Println(le16(b, 0), le16(b, 5), be16(b), be16wide(b), le32(&a), le32in64(b, 3), high32(b), gap(b), mixed(b), signed(b))
	fmt.Println(twice(b))
	fmt.Println(written(append([]byte(nil), b...)))
	for i := 0; i < 8; i++ {
		fmt.Println(binary.LittleEndian.Uint64(b[i:]), binary.BigEndian.Uint64(b[i:]), binary.BigEndian.Uint32(b[i:]), binary.LittleEndian.Uint32(b[i:]), binary.BigEndian.Uint16(b[i:]))
	}
	defer func() { fmt.Println(recover()) }()
	fmt.Println(le32in64(b, 13))
}
