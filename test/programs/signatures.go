// Signatures and constant-time comparisons.
package main

import (
	"crypto/ed25519"
	"crypto/subtle"
	"fmt"
)

func main() {
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	sig := ed25519.Sign(key, []byte("hello"))
	fmt.Printf("%x %v\n", sig, ed25519.Verify(key.Public().(ed25519.PublicKey), []byte("hello"), sig))
	fmt.Println(subtle.ConstantTimeByteEq(3, 3), subtle.ConstantTimeEq(3, 4), subtle.ConstantTimeLessOrEq(3, 4), subtle.ConstantTimeCompare([]byte("a"), []byte("a")))
}
