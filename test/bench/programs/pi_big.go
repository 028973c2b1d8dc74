// Digits of pi with math/big: multiplication and division of large integers.
package main

import (
	"fmt"
	"math/big"
)

func arctanInverse(x int64, one *big.Int) *big.Int {
	term := new(big.Int).Div(one, big.NewInt(x))
	sum := new(big.Int).Set(term)
	square := big.NewInt(x * x)
	for n := int64(3); term.Sign() != 0; n += 2 {
		term.Div(term, square)
		t := new(big.Int).Div(term, big.NewInt(n))
		if n&2 != 0 {
			sum.Sub(sum, t)
		} else {
			sum.Add(sum, t)
		}
	}
	return sum
}

func main() {
	one := new(big.Int).Exp(big.NewInt(10), big.NewInt(12000), nil)
	pi := new(big.Int).Mul(arctanInverse(5, one), big.NewInt(16))
	pi.Sub(pi, new(big.Int).Mul(arctanInverse(239, one), big.NewInt(4)))
	s := pi.String()
	fmt.Println(s[:30], s[11000:11030], len(s))
	f := big.NewInt(1)
	for i := int64(2); i <= 5000; i++ {
		f.Mul(f, big.NewInt(i))
	}
	q, r := new(big.Int).QuoRem(new(big.Int).Mul(f, f), pi, new(big.Int))
	fmt.Println(f.BitLen(), q.BitLen(), r.BitLen(), new(big.Int).Sqrt(f).BitLen())
}
