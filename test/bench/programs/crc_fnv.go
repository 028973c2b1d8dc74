// Hashing: CRC-32, FNV, Adler, maphash, and a table-driven CRC of our own.
package main

import (
	"fmt"
	"hash/adler32"
	"hash/crc32"
	"hash/fnv"
)

func main() {
	data := make([]byte, 1<<20)
	for i := range data {
		data[i] = byte(i * i >> 7)
	}
	var table [256]uint32
	for i := range table {
		c := uint32(i)
		for range 8 {
			if c&1 != 0 {
				c = c>>1 ^ 0xedb88320
			} else {
				c >>= 1
			}
		}
		table[i] = c
	}
	own := ^uint32(0)
	f := fnv.New64a()
	var castagnoli, ieee, adler uint32
	ct := crc32.MakeTable(crc32.Koopman)
	for range 35 {
		for _, b := range data {
			own = own>>8 ^ table[byte(own)^b]
		}
		f.Write(data)
		ieee = crc32.Update(ieee, crc32.IEEETable, data)
		castagnoli = crc32.Update(castagnoli, ct, data)
		adler ^= adler32.Checksum(data)
	}
	fmt.Printf("%x %x %x %x %x\n", ^own, f.Sum64(), ieee, castagnoli, adler)
}
