// Digits of pi by math/big (Gibbons' spigot), and some large powers.
package main

import (
	"fmt"
	"math/big"
)

func main() {
	digits := 600
	q, r, t, k, n, l := big.NewInt(1), big.NewInt(0), big.NewInt(1), big.NewInt(1), big.NewInt(3), big.NewInt(3)
	tmp := new(big.Int)
	for count := 0; count < digits; {
		a := new(big.Int).Mul(big.NewInt(4), q)
		a.Add(a, r).Sub(a, t)
		if a.Cmp(tmp.Mul(n, t)) < 0 {
			fmt.Print(n)
			count++
			if count%50 == 0 {
				fmt.Println()
			}
			nr := new(big.Int).Mul(big.NewInt(10), tmp.Sub(r, new(big.Int).Mul(n, t)))
			nn := new(big.Int).Mul(big.NewInt(3), q)
			nn.Add(nn, r).Mul(nn, big.NewInt(10)).Div(nn, t).Sub(nn, new(big.Int).Mul(big.NewInt(10), n))
			q = new(big.Int).Mul(q, big.NewInt(10))
			r, n = nr, nn
		} else {
			nr := new(big.Int).Mul(big.NewInt(2), q)
			nr.Add(nr, r).Mul(nr, l)
			nn := new(big.Int).Mul(q, new(big.Int).Add(new(big.Int).Mul(big.NewInt(7), k), big.NewInt(2)))
			nn.Add(nn, new(big.Int).Mul(r, l)).Div(nn, new(big.Int).Mul(t, l))
			q = new(big.Int).Mul(q, k)
			t = new(big.Int).Mul(t, l)
			l = new(big.Int).Add(l, big.NewInt(2))
			k = new(big.Int).Add(k, big.NewInt(1))
			r, n = nr, nn
		}
	}
	x := new(big.Int).Exp(big.NewInt(3), big.NewInt(1000), nil)
	fmt.Println(x, x.BitLen(), x.ProbablyPrime(10))
	fmt.Println(new(big.Int).Exp(big.NewInt(7), x, big.NewInt(1000000007)))
	f, _ := new(big.Float).SetPrec(300).SetString("2")
	fmt.Println(f.Sqrt(f).Text('g', 80))
	fmt.Println(big.NewRat(355, 113).FloatString(30), new(big.Int).GCD(nil, nil, big.NewInt(123456789012), big.NewInt(987654321098)))
}
