// Methods that the whole program leaves no choice about: same results, same panics, same wrappers in tracebacks.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
)

type shape interface{ area() float64 }
type sq struct{ s float64 }

func (s *sq) area() float64 { return s.s * s.s }

//go:noinline
func total(all []shape) (t float64) {
	for _, s := range all {
		t += s.area()
	}
	return
}

type op interface{ do(int) int }
type inc struct{ by int }
type neg struct{}

func (i *inc) do(x int) int { return x + i.by }
func (neg) do(x int) int    { return -x }

//go:noinline
func apply(o op, x int) int { return o.do(x) }

//go:noinline
func nilCall(s shape) (msg string) {
	defer func() { msg = fmt.Sprint(recover()) }()
	s.area()
	return "none"
}

//go:noinline
func nilCall2(s op) (msg string) {
	defer func() { msg = fmt.Sprint(recover()) }()
	s.do(1)
	return "none"
}

type value struct{ a, b int }

func (v value) Sum(x int) int { return v.a + v.b + x }

type summer interface{ Sum(int) int }

//go:noinline
func viaInterface(s summer) (msg string) {
	defer func() {
		if r := recover(); r != nil {
			msg = fmt.Sprint(r)
		}
	}()
	return fmt.Sprint(s.Sum(1))
}

type tracer struct{ deep bool }

func (t tracer) Where() string {
	var pcs [8]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	names := ""
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, "main.") {
			names += f.Function + " "
		}
		if !more {
			return names
		}
	}
}

//go:noinline
func where(w interface{ Where() string }) string { return w.Where() }

var stop = func(code int) string { return "stop " + strconv.Itoa(code) }
var fallback func() string

//go:noinline
func constants() string {
	if fallback != nil {
		return fallback()
	}
	return stop(3)
}

// Panics by calls.
//
//go:noinline
func kind(x any) int { return x.(*value).a }

//go:noinline
func try(x any) (msg string) {
	defer func() {
		if r := recover(); r != nil {
			msg = fmt.Sprint(r)
		}
	}()
	return fmt.Sprint(kind(x))
}

type byLen []string

func (b byLen) Len() int           { return len(b) }
func (b byLen) Less(i, j int) bool { return len(b[i]) < len(b[j]) }
func (b byLen) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

type count int

func (c *count) Write(p []byte) (int, error) { *c += count(len(p)); return len(p), nil }

//go:noinline
func emit(w io.Writer, n int) {
	var buf [32]byte
	w.Write(strconv.AppendInt(buf[:0], int64(n), 10))
}

func main() {
	fmt.Println(total([]shape{&sq{2}, &sq{3}}), apply(&inc{3}, 4), apply(neg{}, 4))
	fmt.Println(nilCall(nil), nilCall2(nil))
	fmt.Println(nilCall((*sq)(nil)), nilCall2((*inc)(nil)))
	var p *neg
	var none *value
	fmt.Println(viaInterface(value{1, 2}), viaInterface(&value{3, 4}), viaInterface(none))
	fmt.Println(where(tracer{}), where(&tracer{}), constants())
	fmt.Println(try(&value{5, 6}), try(7), try(nil), try(none))
	fmt.Println(nilCall2(p))
	l := byLen{"ccc", "a", "bb"}
	sort.Sort(l)
	sort.Sort(sort.Reverse(l))
	fmt.Println(l)
	var c count
	emit(&c, 12345)
	emit(os.Stdout, 77)
	fmt.Println(c)
}
