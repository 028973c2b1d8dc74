package main

// A system call on all threads, and the stacks of all goroutines, while threads block in the kernel.
import (
	"fmt"
	"runtime"
	"syscall"
	"time"
)

func main() {
	var p [2]int
	syscall.Pipe(p[:])
	for i := 0; i < 4; i++ {
		go func() {
			var b [1]byte
			syscall.Read(p[0], b[:])
		}()
	}
	time.Sleep(5 * time.Millisecond)
	_, _, e := syscall.AllThreadsSyscall(syscall.SYS_PRCTL, 38, 1, 0) // no new privileges
	fmt.Println(e)
	buf := make([]byte, 1<<16)
	n := runtime.Stack(buf, true)
	fmt.Println(n > 500, runtime.NumGoroutine())
}
