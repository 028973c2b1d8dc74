package main

import (
	"crypto/sha256"
	"fmt"
)

func main() {
	data := make([]byte, 1<<20)
	for i := range data {
		data[i] = byte(i * 7)
	}
	h := sha256.New()
	for range 500 {
		h.Write(data)
	}
	fmt.Printf("%x\n", h.Sum(nil))
}
