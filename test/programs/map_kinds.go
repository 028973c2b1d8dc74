// Maps of the key kinds with fast paths: hit, miss, assignment with and without growth, deletion, iteration; strings of all
// short lengths as keys and in comparisons with constants; interface assertions through a site that sees several types.
package main

import (
	"fmt"
	"io"
	"sort"
	"strings"
)

type id int32

type shape interface{ area() int }
type named interface{ name() string }
type sq struct{ s int }
type dot struct{}
type odd int

func (s sq) area() int    { return s.s * s.s }
func (s sq) name() string { return "sq" }
func (d *dot) area() int  { return 0 }
func (o odd) name() string {
	return "odd"
}

func which(v any) string {
	out := ""
	if s, ok := v.(shape); ok {
		out += fmt.Sprint("shape", s.area())
	}
	if n, ok := v.(named); ok {
		out += n.name()
	}
	return out
}

func must(v any) (s string) {
	defer func() {
		if e := recover(); e != nil {
			s = fmt.Sprint(e)
		}
	}()
	return v.(named).name()
}

func constants(s string) int {
	switch s {
	case "a":
		return 1
	case "ab":
		return 2
	case "abc":
		return 3
	case "abcd":
		return 4
	case "abcde":
		return 5
	case "abcdefg":
		return 7
	case "abcdefgh":
		return 8
	case "abcdefghi":
		return 9
	case "abcdefghijklmnop":
		return 16
	case "abcdefghijklmnopq":
		return 17
	case "abcdefghijklmnopqrstuvwxyz01234":
		return 31
	case "abcdefghijklmnopqrstuvwxyz0123456789":
		return 36
	}
	return -1
}

func main() {
	a, b, c := map[id]int{}, map[uint64]string{}, map[string]int{}
	p := map[*int]int{}
	var ptrs []*int
	for i := 0; i < 5000; i++ {
		a[id(i*7-100)] += i
		b[uint64(i)*0x9e3779b97f4a7c15] = fmt.Sprint(i)
		c[strings.Repeat("k", i%40)+fmt.Sprint(i)] = i
		x := new(int)
		*x = i
		ptrs = append(ptrs, x)
		p[x] = i
	}
	for i := 0; i < 5000; i += 3 {
		delete(a, id(i*7-100))
		delete(b, uint64(i)*0x9e3779b97f4a7c15)
		delete(c, strings.Repeat("k", i%40)+fmt.Sprint(i))
		delete(p, ptrs[i])
	}
	sum, miss := 0, 0
	for i := 0; i < 6000; i++ {
		if v, ok := a[id(i*7-100)]; ok {
			sum += v
		} else {
			miss++
		}
		sum += len(b[uint64(i)*0x9e3779b97f4a7c15])
		if v, ok := c[strings.Repeat("k", i%40)+fmt.Sprint(i)]; ok {
			sum += v
		} else {
			miss++
		}
		if i < 5000 {
			sum += p[ptrs[i]]
		}
	}
	fmt.Println(sum, miss, len(a), len(b), len(c), len(p))
	var keys []string
	for k := range c {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	fmt.Println(len(keys), keys[0], keys[len(keys)/2], keys[len(keys)-1])
	alphabet := "abcdefghijklmnopqrstuvwxyz0123456789"
	for n := 0; n <= len(alphabet); n++ {
		fmt.Print(constants(alphabet[:n]), " ")
		for i := 0; i < n; i++ {
			wrong := []byte(alphabet[:n])
			wrong[i] ^= 0x20
			if constants(string(wrong)) != -1 || string(wrong) == alphabet[:n] {
				fmt.Println("wrong", n, i)
			}
			if (string(wrong) < alphabet[:n]) != (wrong[i] < alphabet[i]) {
				fmt.Println("order", n, i)
			}
		}
	}
	fmt.Println()
	for _, v := range []any{sq{3}, &dot{}, odd(1), nil, sq{2}, io.EOF, odd(2), 7} {
		fmt.Println(which(v), must(v))
	}
}
