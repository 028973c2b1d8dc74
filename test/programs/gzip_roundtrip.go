// Compresses and decompresses by gzip, zlib, flate and lzw.
package main

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/lzw"
	"compress/zlib"
	"fmt"
	"hash/crc32"
	"io"
)

func check(name string, data []byte, w func(io.Writer) io.WriteCloser, r func(io.Reader) (io.ReadCloser, error)) {
	var buf bytes.Buffer
	z := w(&buf)
	if _, err := z.Write(data); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	packed := buf.Len()
	sum := crc32.ChecksumIEEE(buf.Bytes())
	u, err := r(&buf)
	if err != nil {
		panic(err)
	}
	back, err := io.ReadAll(u)
	fmt.Printf("%-10s %8d -> %7d %08x %v %v\n", name, len(data), packed, sum, bytes.Equal(back, data), err)
}

func main() {
	var text bytes.Buffer
	state := uint32(1)
	for text.Len() < 1<<20 {
		state = state*1103515245 + 12345
		fmt.Fprintf(&text, "line %d of %s;", state>>20, []string{"alpha", "beta", "gamma"}[state>>16%3])
	}
	for _, data := range [][]byte{nil, []byte("a"), bytes.Repeat([]byte("ab"), 5000), text.Bytes()} {
		for level := -2; level <= 9; level += 3 {
			check(fmt.Sprint("gzip", level), data, func(w io.Writer) io.WriteCloser { z, _ := gzip.NewWriterLevel(w, level); return z },
				func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) })
		}
		check("zlib", data, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, zlib.NewReader)
		check("flate", data, func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 6); return z },
			func(r io.Reader) (io.ReadCloser, error) { return flate.NewReader(r), nil })
		check("lzw", data, func(w io.Writer) io.WriteCloser { return lzw.NewWriter(w, lzw.LSB, 8) },
			func(r io.Reader) (io.ReadCloser, error) { return lzw.NewReader(r, lzw.LSB, 8), nil })
	}
	_, err := gzip.NewReader(bytes.NewReader([]byte("not gzip at all")))
	fmt.Println(err)
}
