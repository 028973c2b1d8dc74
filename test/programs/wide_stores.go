// Bytes of a value stored side by side are one store; what reads memory or may panic between them is not passed over.
package main

import (
	"encoding/binary"
	"fmt"
)

type header struct {
	kind, flags byte
	length      [2]byte
	seq         [4]byte
	tail        [8]byte
	a, b, c, d  bool
	last        byte
}

//go:noinline
func (h *header) fill(kind byte, length uint16, seq uint32, tail uint64) {
	h.kind = kind
	h.flags = byte(seq)
	h.length[0] = byte(length >> 8)
	h.length[1] = byte(length)
	h.seq[0] = byte(seq)
	h.seq[1] = byte(seq >> 8)
	h.seq[2] = byte(seq >> 16)
	h.seq[3] = byte(seq >> 24)
	h.tail[7] = byte(tail)
	h.tail[6] = byte(tail >> 8)
	h.tail[5] = byte(tail >> 16)
	h.tail[4] = byte(tail >> 24)
	h.tail[3] = byte(tail >> 32)
	h.tail[2] = byte(tail >> 40)
	h.tail[1] = byte(tail >> 48)
	h.tail[0] = byte(tail >> 56)
	h.a, h.b, h.c, h.d = true, false, true, true
	h.last = 7
}

//go:noinline
func readBetween(b []byte, x uint16) byte {
	_ = b[3]
	b[0] = byte(x)
	seen := b[0] ^ b[1]
	b[1] = byte(x >> 8)
	return seen
}

//go:noinline
func twice(b *[4]byte, x uint32) {
	b[0] = byte(x)
	b[1] = byte(x >> 8)
	b[0] = byte(x >> 16)
	b[2] = byte(x >> 16)
	b[3] = byte(x >> 24)
}

//go:noinline
func signed(b *[4]byte, x int32, y int16) {
	b[0] = byte(x >> 16)
	b[1] = byte(x >> 24)
	b[2] = byte(y >> 8)
	b[3] = byte(y)
}

//go:noinline
func partly(b []byte, x uint32) (err any) {
	defer func() { err = recover() }()
	b[0] = byte(x)
	b[1] = byte(x >> 8)
	b[2] = byte(x >> 16)
	b[3] = byte(x >> 24)
	return nil
}

//go:noinline
func high(b []byte, x uint64) {
	binary.LittleEndian.PutUint32(b, uint32(x>>32))
	binary.BigEndian.PutUint32(b[4:], uint32(x>>16))
	binary.BigEndian.PutUint16(b[8:], uint16(x>>24))
}

//go:noinline
func at(b []byte, i int, x uint64) {
	binary.BigEndian.PutUint64(b[i:], x)
	binary.LittleEndian.PutUint64(b[i+8:], x)
	binary.LittleEndian.PutUint16(b[i+1:], uint16(x))
}

func main() {
	var h header
	h.fill(3, 0x1234, 0x89abcdef, 0x0102030405060708)
	fmt.Println(h)
	b := make([]byte, 24)
	fmt.Println(readBetween(b, 0xa1b2), b)
	var four [4]byte
	twice(&four, 0xc1d2e3f4)
	fmt.Println(four)
	signed(&four, -0x12345678, -0x1357)
	fmt.Println(four)
	for n := range 5 {
		short := make([]byte, n)
		fmt.Println(partly(short, 0x44332211), short)
	}
	high(b, 0xfedcba9876543210)
	fmt.Println(b)
	at(b, 3, 0x1122334455667788)
	fmt.Println(b)
	b = binary.BigEndian.AppendUint32(binary.LittleEndian.AppendUint16(nil, 0xbeef), 0xdeadc0de)
	fmt.Println(b)
	defer func() { fmt.Println(recover()) }()
	var none *header
	none.fill(1, 2, 3, 4)
}
