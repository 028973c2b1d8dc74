// A map is 2^B buckets of eight slots. When it is too full a bigger array is made, and each later write moves a few buckets.
package main

import (
	"debug/elf"
	"fmt"
	"os"
	"unsafe"
)

type bucket struct {
	top      [8]uint8 // 0, 1: empty; 2 to 4: moved; else the top byte of the key's hash
	keys     [8]int
	elems    [8]int
	overflow *bucket
}

type header struct {
	count     int
	flags     uint8
	b         uint8
	noverflow uint16
	_         uint32
	buckets   *bucket
	old       *bucket
}

func array(first *bucket, b uint8) []bucket { return unsafe.Slice(first, 1<<b) }

// Entries and moved slots in an array of buckets and its overflow chains.
func count(buckets []bucket) (entries, movedBuckets int) {
	for i := range buckets {
		if t := buckets[i].top[0]; t >= 2 && t <= 4 {
			movedBuckets++
			continue
		}
		for b := &buckets[i]; b != nil; b = b.overflow {
			for _, t := range b.top {
				if t >= 5 {
					entries++
				}
			}
		}
	}
	return
}

func fail(what ...any) {
	fmt.Println(what...)
	os.Exit(1)
}

func main() {
	m := map[int]int{}
	for i := range 1000 {
		m[i] = i * i
	}
	for i := range 1000 {
		if v, ok := m[i]; !ok || v != i*i {
			fail("lost", i)
		}
	}
	self, _ := os.Executable()
	if file, err := elf.Open(self); err != nil || file.Section(".go.gcmask") == nil {
		fmt.Println("not made by gale: another layout")
		return
	}

	m = map[int]int{}
	h := *(**header)(unsafe.Pointer(&m))
	growths, between := 0, 0
	var wasB uint8
	for i := range 1000 {
		m[i] = i * i
		if h.count != i+1 {
			fail("count", h.count)
		}
		now, _ := count(array(h.buckets, h.b))
		if h.b != wasB { // load factor 6.5; one bucket may be full
			if i+1 != max(9, 13<<h.b/4+1) {
				fail("grew to B =", h.b, "at", i+1)
			}
			wasB = h.b
			growths++
			fmt.Printf("entry %3d: B = %d, %3d buckets", i+1, h.b, 1<<h.b)
			if h.old != nil {
				waiting, moved := count(array(h.old, h.b-1))
				fmt.Printf("; of the old %2d moved %d, still there %d entries", 1<<(h.b-1), moved, waiting)
			}
			fmt.Println()
		}
		if h.old != nil {
			between++
			waiting, _ := count(array(h.old, h.b-1))
			now += waiting
		}
		if now != h.count {
			fail("entry", i, "counted", now)
		}
	}
	fmt.Println("growths:", growths, "- writes in the middle of one:", between)
	if growths != 8 || between == 0 {
		os.Exit(1)
	}
}
