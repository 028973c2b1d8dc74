// Switches whose cases are found by search: ranges, tables of jumps, strings by length and byte, types by hash. Every function is asked
// with all values near its cases.
package main

import (
	"errors"
	"fmt"
	"io"
	"math"
)

func class(b byte) int {
	switch b {
	case 'a', 'b', 'c', 'd', 'e', 'f', 'A', 'B', 'C', 'D', 'E', 'F':
		return 1
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return 2
	case ' ', '\t', '\n', '\r':
		return 3
	case '"', '\'', '`':
		return 4
	case 0:
		return 5
	case 255:
		return 6
	case '+':
		return 7
	case '-':
		return 8
	case '*':
		return 9
	case '/':
		return 10
	}
	return 0
}

func signed8(x int8) int {
	switch x {
	case -128:
		return 1
	case -127, -126:
		return 2
	case -1:
		return 3
	case 0:
		return 4
	case 1:
		return 5
	case 126:
		return 6
	case 127:
		return 7
	case 50, 51, 52, 53:
		return 8
	default:
		return -1
	}
}

func dense(x int) string {
	r := ""
	switch x {
	case 10:
		r = "ten"
		fallthrough
	case 11:
		r += "eleven"
	case 12:
		r = "twelve"
	case 13, 14, 15:
		r = "more"
	case 17:
		r = "seventeen"
	case 20:
		r = "twenty"
	case 19:
		r = "nineteen"
	case 25:
		break
	default:
		r = "other"
	}
	return r
}

func sparse(x int64) int {
	switch x {
	case math.MinInt64:
		return 1
	case math.MaxInt64:
		return 2
	case -1 << 40:
		return 3
	case 1 << 40:
		return 4
	case 1<<40 + 1:
		return 5
	case 0:
		return 6
	case 1000000007:
		return 7
	case -5, -4, -3, -2:
		return 8
	case 77, 78, 79, 81, 82, 83, 85:
		return 9
	case 80:
		return 10
	case 84:
		return 11
	case 86:
		return 12
	case 88:
		return 13
	}
	return 0
}

func unsigned(x uint64) int {
	switch x {
	case 0:
		return 1
	case math.MaxUint64:
		return 2
	case 1 << 63:
		return 3
	case 1<<63 - 1:
		return 4
	case math.MaxUint64 - 1:
		return 5
	case 5:
		return 6
	case math.MaxUint64 - 2, math.MaxUint64 - 3:
		return 7
	case math.MaxUint64 - 5:
		return 8
	}
	return 0
}

func high32(x uint32) int {
	switch x {
	case 0xfffffff0:
		return 1
	case 0xfffffff1:
		return 2
	case 0xfffffff2:
		return 3
	case 0xfffffff4:
		return 4
	case 0xfffffff8:
		return 5
	case 0xffffffff:
		return 6
	case 0xfffffffa:
		return 7
	}
	return 0
}

func loop(code []byte) (acc int) {
	for pc := 0; pc < len(code); pc++ {
		switch code[pc] {
		case 0:
			acc++
		case 1:
			acc--
		case 2:
			acc *= 2
		case 3:
			acc ^= pc
		case 4:
			pc++
		case 5:
			continue
		case 6:
			acc += int(code[pc])
		case 7:
			if acc > 1000 {
				break
			}
			acc += 3
		case 9:
			return acc
		default:
			acc = -acc
		}
	}
	return
}

var calls []string

func called(x int) int {
	calls = append(calls, fmt.Sprint(x))
	return x
}

// Cases that are not constants are asked in order, between the others.
func mixed(x int) string {
	switch called(x) {
	case 1, 2, 3:
		return "low"
	case called(4), 5:
		return "four or five"
	case 6, 7, 8, 9, 10, 11, 13, called(14), 15:
		return "middle"
	case called(2), called(20):
		return "twenty"
	case 21:
		return "last"
	}
	return "none"
}

func keyword(s string) int {
	switch s {
	case "break":
		return 1
	case "case":
		return 2
	case "chan":
		return 3
	case "const":
		return 4
	case "continue":
		return 5
	case "default":
		return 6
	case "defer":
		return 7
	case "else":
		return 8
	case "fallthrough":
		return 9
	case "for":
		return 10
	case "func":
		return 11
	case "go", "goto":
		return 12
	case "if":
		return 13
	case "import":
		return 14
	case "interface":
		return 15
	case "map":
		return 16
	case "package":
		return 17
	case "range":
		return 18
	case "return":
		return 19
	case "select":
		return 20
	case "struct":
		return 21
	case "switch":
		return 22
	case "type":
		return 23
	case "var":
		return 24
	case "":
		return 25
	case "a string that is longer than what is compared inline, number 1":
		return 26
	case "a string that is longer than what is compared inline, number 2":
		return 27
	case "a string that is longer than what is compared inline, number 3":
		return 28
	case "a string that is longer than what is compared inline, number 4":
		return 29
	case "a string that is longer than what is compared inline, number \xff":
		return 30
	}
	return 0
}

type text string

func sameLength(s text) int {
	switch s {
	case "aaaa":
		return 1
	case "aaab":
		return 2
	case "aaba":
		return 3
	case "abaa":
		return 4
	case "baaa":
		return 5
	case "bbbb":
		return 6
	case "bbaa":
		return 7
	case "\x00\x00\x00\x00":
		return 8
	case "\xff\xff\xff\xff":
		return 9
	}
	return 0
}

type shape interface{ area() int }
type (
	s1 struct{ n int }
	s2 struct{ n int }
	s3 struct{ n int }
	s4 struct{ n int }
	s5 struct{ n int }
	s6 int
	s7 string
)

func (s s1) area() int  { return s.n }
func (s s2) area() int  { return s.n * 2 }
func (s *s3) area() int { return s.n * 3 }
func (s *s4) area() int { return s.n * 4 }
func (s s5) area() int  { return s.n * 5 }
func (s s6) area() int  { return int(s) }
func (s s7) area() int  { return len(s) }

func kind(x any) string {
	switch v := x.(type) {
	case int:
		return fmt.Sprint("int ", v+1)
	case int8, int16:
		return fmt.Sprint("small ", v)
	case string:
		return "string " + v
	case nil:
		return "nil"
	case []int:
		return fmt.Sprint("slice ", len(v))
	case map[string]int:
		return fmt.Sprint("map ", len(v))
	case func(int) int:
		return fmt.Sprint("func ", v(2))
	case error:
		return "error " + v.Error()
	case float64, float32, complex128:
		return fmt.Sprint("float ", v)
	case *int:
		return fmt.Sprint("pointer ", *v)
	case struct{ a, b int }:
		return fmt.Sprint("struct ", v.a+v.b)
	case [3]byte:
		return fmt.Sprint("array ", v[1])
	case shape:
		return fmt.Sprint("shape ", v.area())
	case bool:
		return fmt.Sprint("bool ", !v)
	default:
		return fmt.Sprintf("other %T", v)
	}
}

func which(x shape) int {
	switch v := x.(type) {
	case s1:
		return 100 + v.n
	case s2:
		return 200 + v.n
	case *s3:
		return 300 + v.n
	case *s4:
		return 400 + v.n
	case s5, s6:
		return 500 + v.area()
	case nil:
		return -1
	}
	return 0
}

func generic[T, U any](x any) string {
	switch x.(type) {
	case T:
		return "T"
	case int:
		return "int"
	case U:
		return "U"
	case string:
		return "string"
	case bool:
		return "bool"
	case byte:
		return "byte"
	case nil:
		return "nil"
	}
	return "none"
}

func number[T ~int8 | ~int | ~uint16](x T) int {
	switch x {
	case 1:
		return 10
	case 2:
		return 20
	case 3, 4, 5:
		return 30
	case 7:
		return 40
	case 100:
		return 50
	case 127:
		return 60
	case 60, 61:
		return 70
	case 20:
		return 80
	}
	return 0
}

func main() {
	missingTag(true, false, flag(true), 1, nil, "true", flag(false))
	for i := range 256 {
		fmt.Print(class(byte(i)), signed8(int8(i)), " ")
	}
	fmt.Println()
	for i := 5; i < 30; i++ {
		fmt.Print(dense(i), " ")
	}
	fmt.Println()
	for _, base := range []int64{math.MinInt64, -1 << 40, -5, 0, 80, 1000000007, 1 << 40, math.MaxInt64} {
		for d := int64(-9); d <= 9; d++ {
			fmt.Print(sparse(base+d), unsigned(uint64(base+d)), high32(uint32(base+d)), " ")
		}
	}
	for d := range 20 {
		fmt.Print(high32(0xffffffec+uint32(d)), number(int8(d*10)), number(d), number(uint16(d*20+1)), " ")
	}
	fmt.Println()
	code := []byte{0, 0, 2, 3, 7, 6, 8, 1, 4, 200, 5, 2, 2, 0, 7, 10, 255, 3}
	fmt.Println(loop(code), loop(append(code, 9, 0, 0)), loop(nil))
	for i := range 23 {
		fmt.Print(mixed(i), calls, "; ")
		calls = nil
	}
	fmt.Println()
	long := "a string that is longer than what is compared inline, number "
	words := []string{"break", "case", "chan", "const", "continue", "default", "defer", "else", "fallthrough", "for", "func", "go", "goto",
		"if", "import", "interface", "map", "package", "range", "return", "select", "struct", "switch", "type", "var", "",
		long + "1", long + "2", long + "3", long + "4", long + "5", long + "\xff"}
	for _, w := range words {
		fmt.Print(keyword(w), " ")
		for i := range w {
			for _, c := range []byte{'a', 'b', 's', 0xff} {
				other := w[:i] + string([]byte{c}) + w[i+1:]
				if k := keyword(other); k != 0 {
					fmt.Print("[", other, k, "]")
				}
			}
			if k := keyword(w[:i]); k != 0 {
				fmt.Print("[", w[:i], k, "]")
			}
		}
	}
	fmt.Println()
	for i := range 256 {
		b := []byte("aaaa")
		for k := range b {
			if i>>k&1 != 0 {
				b[k] = 'b'
			}
		}
		if i>>4 == 1 {
			b[3] = 0xff
		}
		fmt.Print(sameLength(text(b)))
	}
	fmt.Println(sameLength("\x00\x00\x00\x00"), sameLength("\xff\xff\xff\xff"), sameLength(""), sameLength("aaaaa"))
	n := 5
	for _, x := range []any{1, int8(2), int16(3), int32(4), "five", nil, []int{1}, map[string]int{}, func(x int) int { return x * x }, errors.New("bad"),
		io.EOF, 1.5, float32(2.5), 1i, &n, struct{ a, b int }{1, 2}, [3]byte{1, 2, 3}, s1{7}, &s3{8}, true, struct{}{}, &s1{9}, any(nil), (*int)(&n)} {
		fmt.Print(kind(x), "; ")
	}
	fmt.Println()
	for _, x := range []shape{s1{1}, s2{2}, &s3{3}, &s4{4}, s5{5}, s6(6), s7("seven"), nil, &s1{1}, &s5{2}} {
		fmt.Print(which(x), " ")
	}
	fmt.Println()
	for _, x := range []any{1, "s", true, byte(3), nil, 2.5, []int{}} {
		fmt.Print(generic[int, string](x), generic[string, int](x), generic[bool, float64](x), generic[[]int, byte](x), " ")
	}
	fmt.Println()
}

type flag bool

// A missing tag is the value true, and a case may be any value that it can be compared with.
func missingTag(values ...any) {
	for _, v := range values {
		switch {
		case v:
			fmt.Println(v, "is true")
		case v == nil:
			fmt.Println("nil")
		default:
			fmt.Printf("%T %v is not\n", v, v)
		}
	}
}
