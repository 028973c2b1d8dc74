// SHA-256, SHA-1, MD5, SHA-512, CRC-32, Adler and FNV of files.
package main

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"hash/adler32"
	"hash/crc32"
	"hash/crc64"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
)

func main() {
	dir, err := os.MkdirTemp("", "hashes")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	for _, size := range []int{0, 1, 55, 56, 64, 1000, 1 << 20} {
		path := filepath.Join(dir, fmt.Sprint("f", size))
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(i*7 + i>>8)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			panic(err)
		}
		for _, h := range []struct {
			name string
			hash.Hash
		}{{"sha256", sha256.New()}, {"sha1", sha1.New()}, {"md5", md5.New()}, {"sha512", sha512.New()}, {"crc32", crc32.NewIEEE()},
			{"castagnoli", crc32.New(crc32.MakeTable(crc32.Castagnoli))}, {"crc64", crc64.New(crc64.MakeTable(crc64.ECMA))},
			{"adler32", adler32.New()}, {"fnv1a", fnv.New64a()}, {"hmac", hmac.New(sha256.New, []byte("key"))}} {
			f, err := os.Open(path)
			if err != nil {
				panic(err)
			}
			n, err := io.Copy(h, f)
			f.Close()
			fmt.Printf("%8d %-10s %x %v\n", n, h.name, h.Sum(nil), err)
		}
	}
}
