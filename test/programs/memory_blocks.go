// Copies, clears, comparisons and searches of blocks of all small sizes and some large ones, at all alignments, overlapping both ways,
// against plain loops; and that values of the caller survive them.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"unsafe"
)

func sizes(f func(n int)) {
	for n := range 70 {
		f(n)
	}
	for _, n := range []int{95, 96, 97, 127, 128, 129, 143, 144, 191, 192, 193, 255, 256, 257, 258, 289, 384, 400, 513, 1000, 2047, 2048, 2049, 4096, 32767, 32768, 40000} {
		f(n)
	}
}

func offsets(n int) []int {
	if n < 80 {
		return []int{0, 1, 2, 3, 5, 8, 13, 15, 16, 17, 31}
	}
	return []int{0, 1, 7, 16, 31}
}

var seed = uint64(1)

func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func fill(b []byte) {
	for i := range b {
		seed = seed*6364136223846793005 + 1442695040888963407
		b[i] = byte(seed >> 56)
	}
}

func check(ok bool, what string, args ...any) {
	if !ok {
		fmt.Println("wrong:", what, args)
		os.Exit(1)
	}
}

func copies() (done int) {
	sizes(func(n int) {
		from, to, want := make([]byte, n+64), make([]byte, n+64), make([]byte, n+64)
		for _, a := range offsets(n) {
			for _, b := range offsets(n) {
				fill(from)
				fill(to)
				copy(want, to)
				for i := range n {
					want[b+i] = from[a+i]
				}
				x, y, z := a*3+n, b*5+n, float64(a+b)+0.5
				copy(to[b:b+n], from[a:a+n])
				check(bytes.Equal(to, want) && x == a*3+n && y == b*5+n && z == float64(a+b)+0.5, "copy", n, a, b)
				done++
			}
		}
		// Overlapping.
		for _, d := range []int{1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 255, 1000} {
			if d > 40 && d > n {
				continue
			}
			buf := make([]byte, n+d+40)
			for _, up := range []bool{false, true} {
				fill(buf)
				want := make([]byte, len(buf))
				for i := range buf {
					want[i] = buf[i]
				}
				a, b := 5, 5+d
				if up {
					a, b = b, a
				}
				for i := range n {
					want[b+i] = buf[a+i]
				}
				copy(buf[b:b+n], buf[a:a+n])
				for i := range buf {
					check(buf[i] == want[i], "overlapping copy", n, a, b, i)
				}
				done++
			}
		}
	})
	return
}

func clears() (done int) {
	sizes(func(n int) {
		buf := make([]byte, n+64)
		for _, a := range offsets(n) {
			fill(buf)
			want := append([]byte(nil), buf...)
			for i := range n {
				want[a+i] = 0
			}
			clear(buf[a : a+n])
			for i := range buf {
				check(buf[i] == want[i], "clear", n, a, i)
			}
			done++
		}
	})
	return
}

func order(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] != b[i] {
			return int(a[i])<<1 - int(b[i])<<1 | 1
		}
	}
	return len(a) - len(b)
}

func sign(x int) int {
	return min(1, max(-1, x))
}

func comparisons() (done int) {
	sizes(func(n int) {
		buf, other := make([]byte, n+64), make([]byte, n+64)
		fill(buf)
		for _, a := range offsets(n)[:5] {
			copy(other[16-a%16:], buf[a:a+n])
			x, y := buf[a:a+n], other[16-a%16:16-a%16+n]
			s := text(x)
			check(s == text(y) && bytes.Equal(x, y) && bytes.Compare(x, y) == 0, "equal", n, a)
			for i := 0; i < n; i += 1 + n/20 {
				for _, c := range []byte{0, 0x7f, 0x80, 0xff} {
					old := y[i]
					y[i] = c
					t := text(y)
					check((s == t) == (old == c) && bytes.Equal(x, y) == (old == c), "difference", n, a, i, c)
					check(bytes.Compare(x, y) == sign(order(s, t)) && strings.Compare(t, s) == sign(order(t, s)), "order", n, a, i, c)
					check((s < t) == (order(s, t) < 0) && (s >= t) == (order(s, t) >= 0), "less", n, a, i, c)
					y[i] = old
					done++
				}
			}
			for _, k := range []int{0, 1, n / 2, n - 1} {
				if k >= 0 && k < n {
					check(s != text(y[:k]) && s > text(y[:k]) && bytes.Compare(y[:k], x) == -1, "prefix", n, a, k)
				}
			}
		}
	})
	return
}

func searches() (done int) {
	page := make([]byte, 3*4096)
	sizes(func(n int) {
		if n > 4096 {
			return
		}
		for _, end := range []int{4096, 4097, 8192, 8200} {
			if end-n < 0 {
				continue
			}
			b := page[end-n : end]
			for i := range page {
				page[i] = 'x' // around it, too: found there it would be wrong
			}
			for i := range b {
				b[i] = 'a'
			}
			s := text(b)
			check(bytes.IndexByte(b, 'x') == -1 && strings.IndexByte(s, 'x') == -1 && bytes.Count(b, []byte("x")) == 0, "not there", n, end)
			for i := 0; i < n; i += 1 + n/20 {
				b[i] = 'x'
				if i+3 < n {
					b[i+3] = 'x'
				}
				t := text(b)
				want := 1
				if i+3 < n {
					want = 2
				}
				check(bytes.IndexByte(b, 'x') == i && strings.IndexByte(t, 'x') == i, "index", n, end, i)
				check(bytes.Count(b, []byte("x")) == want && strings.Count(t, "x") == want, "count", n, end, i)
				b[i] = 'a'
				if i+3 < n {
					b[i+3] = 'a'
				}
				done++
			}
		}
	})
	return
}

type big struct {
	a [20]int
	b string
	c [300]byte
}

//go:noinline
func passed(x big, k int, f float64) (big, int, float64) {
	y := x
	y.a[k] += k
	y.c[k] = byte(k)
	x = big{}
	return y, k + x.a[3], f * 2
}

// Conversions that need no copy where the bytes are read at once, and those that do.
func conversions() {
	b := []byte("key")
	m := map[string]int{"key": 1, "kez": 2}
	fmt.Println(m[string(b)], string(b) == "key", string(b) == string(b[:2])+"y")
	s := string(b)
	b[0] = 'q'
	fmt.Println(s, string(b), m[s])
	b[0] = 'k'
	switch string(b) {
	case "a", "b", "c", "d":
		fmt.Println("no")
	case "key":
		b[0] = 'x'
		fmt.Println("found", string(b))
	}
	m[string(b)] = 3
	b[0] = 'y'
	fmt.Println(m, string(b[:2]) < string(b[1:]))
	word := "bytes"
	n := 0
	for i, c := range []byte(word) {
		word = "other"
		n += i * int(c)
	}
	fmt.Println(n, word)
	v, ok := m[string(b)]
	fmt.Println(v, ok)
}

// A fault in a block is a panic of the caller.
func faults() {
	defer func() {
		fmt.Println(recover())
	}()
	var p *[5000]byte
	q := make([]byte, 5000)
	copy(q, p[:])
}

func main() {
	conversions()
	x := big{b: "text"}
	y, k, f := passed(x, 7, 1.5)
	fmt.Println(y.a[7], y.b, y.c[7], k, f)
	faults()
	fmt.Println(copies(), clears(), comparisons(), searches())
	if len(os.Args) == 1 {
		// Once more without wide vectors.
		again := exec.Command(os.Args[0], "narrow")
		again.Env = append(os.Environ(), "GODEBUG=cpu.avx2=off")
		out, err := again.CombinedOutput()
		fmt.Print(string(out), err, "\n")
	}
}
