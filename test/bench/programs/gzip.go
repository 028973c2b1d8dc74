// Compression: gzip of text, and back.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"fmt"
	"io"
)

func main() {
	var text bytes.Buffer
	x := uint32(1)
	for text.Len() < 3<<20 {
		x = x*1664525 + 1013904223
		fmt.Fprintf(&text, "line %d of user%d: %08x status=%d\n", text.Len(), x>>24, x, x>>29)
	}
	data := text.Bytes()
	for _, level := range []int{1, 6} {
		var packed bytes.Buffer
		w, _ := gzip.NewWriterLevel(&packed, level)
		w.Write(data)
		w.Close()
		size := packed.Len()
		for range 3 {
			r, err := gzip.NewReader(bytes.NewReader(packed.Bytes()))
			if err != nil {
				fmt.Println(err)
				return
			}
			back, err := io.ReadAll(r)
			fmt.Println(level, size, len(back), err, md5.Sum(back) == md5.Sum(data))
		}
	}
}
