// What std does in assembly gives the same bits: digests, ciphers, curves, big numbers, elementary functions.
package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"math"
	"math/big"
)

func data(n int) []byte {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

func short(b []byte) string {
	if len(b) > 20 {
		s := sha256.Sum256(b)
		return hex.EncodeToString(s[:10])
	}
	return hex.EncodeToString(b)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func main() {
	for _, n := range []int{0, 1, 3, 55, 56, 63, 64, 65, 119, 127, 128, 200, 1000, 4096, 10007} {
		d := data(n)
		m, s1, s2, s5, s3 := md5.Sum(d), sha1.Sum(d), sha256.Sum256(d), sha512.Sum512(d), sha3.Sum256(d)
		fmt.Println(n, short(m[:]), short(s1[:]), short(s2[:]), short(s5[:]), short(s3[:]),
			crc32.ChecksumIEEE(d), crc32.Checksum(d, crc32.MakeTable(crc32.Castagnoli)))
	}
	h := hmac.New(sha512.New384, data(77))
	h.Write(data(999))
	fmt.Println(short(h.Sum(nil)))

	for _, keySize := range []int{16, 24, 32} {
		block := must(aes.NewCipher(data(keySize)))
		out := make([]byte, 16)
		block.Encrypt(out, data(16))
		fmt.Println(hex.EncodeToString(out))
		block.Decrypt(out, out)
		fmt.Println(bytes.Equal(out, data(16)))
		gcm := must(cipher.NewGCM(block))
		for _, n := range []int{0, 1, 15, 16, 17, 127, 128, 300, 5000} {
			sealed := gcm.Seal(nil, data(12), data(n), data(n/3))
			opened, err := gcm.Open(nil, data(12), sealed, data(n/3))
			fmt.Println(n, short(sealed), bytes.Equal(opened, data(n)), err)
			sealed[0] ^= 1
			_, err = gcm.Open(nil, data(12), sealed, data(n/3))
			fmt.Println(err)
		}
		ctr := make([]byte, 1003)
		cipher.NewCTR(block, data(16)).XORKeyStream(ctr, data(1003))
		cbc := make([]byte, 1008)
		cipher.NewCBCEncrypter(block, data(16)).CryptBlocks(cbc, data(1008))
		fmt.Println(short(ctr), short(cbc))
	}

	key := ed25519.NewKeyFromSeed(data(32))
	sig := ed25519.Sign(key, data(100))
	fmt.Println(hex.EncodeToString(sig), ed25519.Verify(key.Public().(ed25519.PublicKey), data(100), sig),
		ed25519.Verify(key.Public().(ed25519.PublicKey), data(101), sig))
	for _, curve := range []ecdh.Curve{ecdh.X25519(), ecdh.P256(), ecdh.P384(), ecdh.P521()} {
		n := map[ecdh.Curve]int{ecdh.X25519(): 32, ecdh.P256(): 32, ecdh.P384(): 48, ecdh.P521(): 66}[curve]
		seed := data(n)
		seed[0] = 0
		a := must(curve.NewPrivateKey(seed))
		seed[n-1] ^= 0x55
		b := must(curve.NewPrivateKey(seed))
		ab, ba := must(a.ECDH(b.PublicKey())), must(b.ECDH(a.PublicKey()))
		fmt.Println(curve, hex.EncodeToString(ab), bytes.Equal(ab, ba))
	}
	x, y := elliptic.P256().ScalarBaseMult(data(32))
	fmt.Println(x, y)

	p := new(big.Int).Exp(big.NewInt(3), big.NewInt(2000), nil)
	q := new(big.Int).Exp(big.NewInt(7), big.NewInt(900), nil)
	fmt.Println(short(new(big.Int).Mul(p, q).Bytes()), new(big.Int).Mod(p, q).BitLen(), short(new(big.Int).Div(p, q).Bytes()))
	fmt.Println(short(new(big.Int).Exp(q, big.NewInt(65537), new(big.Int).Sub(p, big.NewInt(2))).Bytes()))
	fmt.Println(new(big.Int).Sub(q, p).Sign(), short(new(big.Int).Lsh(p, 77).Bytes()), short(new(big.Int).Rsh(p, 1001).Bytes()))
	pk := &rsa.PublicKey{N: new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 2047), big.NewInt(1)), E: 65537}
	fmt.Println(pk.Size())

	dst := make([]byte, 100)
	fmt.Println(subtle.XORBytes(dst, data(100), data(99)), short(dst))

	for _, v := range []float64{0, 0.1, 0.5, 1, 1.5, 2.5, -2.5, -0.3, 10, 100.7, 700, -700, 1e-10, 1e300, math.Inf(1), math.Inf(-1), math.NaN(), math.MaxFloat64, 5e-324} {
		for _, f := range []func(float64) float64{math.Exp, math.Log, math.Floor, math.Ceil, math.Trunc, math.Sqrt, math.Sin, math.Tan, math.Exp2, math.Log2, math.Cbrt} {
			fmt.Printf("%016x ", math.Float64bits(f(v)))
		}
		fmt.Printf("%x %x %x\n", math.Hypot(v, 3), math.Max(v, 2), math.Min(v, -1))
	}
	for i := range 2000 {
		v := float64(i)*0.37 - 300
		if i%400 == 0 {
			fmt.Printf("%x %x %x\n", math.Exp(v/10), math.Log(v+301), math.Hypot(v, v/3))
		}
	}
}
