// Assembly in a user's package: arguments and results of every kind, calls back into Go, stack growth and panics below assembly,
// values of go_asm.h, data, and a tail jump.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"asm_user/sub"
)

type point struct {
	x, y int32
	name string
	z    float64
}

const answer = 42

var counter int64

//go:noescape
func sum(v []int64) int64

func mixed(a int8, b uint16, c bool, d float32, e float64, s string) (r int64, f float64, ok bool)
func fields(p *point) (y int32, n int, z float64, size int64)
func constant() int64
func callsGo(n int, p *int64) int64
func apply(f func(int) int, x int) int
func count() int64
func table(i int) uint32
func jumps(n int) int
func nilLoad(p *int64) int64
func big(x [6]int64) [3]int64
func copyBytes(dst, src *byte, n int)

func fromAsm(n int, p *int64) int64 {
	if n == 0 {
		runtime.GC()
		*p += 7
		return *p
	}
	var pad [64]int64
	pad[n%64] = int64(n)
	return callsGo(n-1, p) + pad[n%64]
}

func double(n int) int { return 2 * n }

func main() {
	fmt.Println(sum([]int64{1, 2, 3, 4}), sum(nil))
	fmt.Println(mixed(-3, 40000, true, 1.5, 2.25, "hello"))
	fmt.Println(fields(&point{1, -2, "abc", 6.5}))
	fmt.Println(constant())
	v := new(int64)
	*v = 100
	done := make(chan int64)
	go func() { done <- callsGo(500, v) }() // grows the stack through assembly frames
	fmt.Println(<-done, *v)
	fmt.Println(apply(double, 21), apply(func(x int) int { return x + int(*v) }, 1))
	for range 3 {
		count()
	}
	fmt.Println(count(), counter)
	fmt.Println(table(0), table(3), jumps(5), jumps(-5))
	fmt.Println(big([6]int64{1, 2, 3, 4, 5, 6}))
	b := make([]byte, 5)
	copyBytes(&b[0], &[]byte("words")[0], 5)
	fmt.Println(string(b), sub.Mul(6, 7), sub.Sqrt(2))
	f := sum
	fmt.Println(f([]int64{5, 6}))
	func() {
		defer func() {
			fmt.Println("recovered:", recover())
			var pcs [20]uintptr
			frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs[:])])
			for {
				fr, more := frames.Next()
				if strings.HasPrefix(fr.Function, "main.") {
					fmt.Println(fr.Function)
				}
				if !more {
					break
				}
			}
		}()
		nilLoad(nil)
	}()
	if len(os.Args) > 5 {
		nilLoad(nil)
	}
	panicBelow(func(int) int { panic("below assembly") })
}

func panicBelow(f func(int) int) { apply(f, 1) }
