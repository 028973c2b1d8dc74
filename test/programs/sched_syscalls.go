// Blocking reads, child processes, signals, threads, and channel timers of Go 1.23.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

func main() {
	r, w, _ := os.Pipe()
	go func() {
		time.Sleep(10 * time.Millisecond)
		w.Write([]byte("hello"))
	}()
	b := make([]byte, 10)
	n, _ := r.Read(b)
	fmt.Println(string(b[:n]))

	// Reads that block in the kernel, more than there are Ps, hold up neither the collector nor the others.
	var p [2]int
	syscall.Pipe(p[:])
	done := make(chan bool)
	const readers = 8
	for i := 0; i < readers; i++ {
		go func() {
			var b [1]byte
			n, err := syscall.Read(p[0], b[:])
			done <- n == 1 && err == nil && b[0] == 'x'
		}()
	}
	time.Sleep(5 * time.Millisecond)
	for i := 0; i < 3; i++ {
		runtime.GC()
	}
	syscall.Write(p[1], []byte("xxxxxxxx"))
	for i := 0; i < readers; i++ {
		if !<-done {
			fmt.Println("bad read")
		}
	}

	for i := 0; i < 5; i++ {
		out, err := exec.Command("echo", "from child", fmt.Sprint(i)).Output()
		fmt.Printf("%q %v\n", out, err)
	}

	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	for i := 0; i < 3; i++ {
		syscall.Kill(os.Getpid(), syscall.SIGUSR1)
		fmt.Println(<-c)
	}
	signal.Stop(c)

	locked := make(chan bool)
	go func() {
		runtime.LockOSThread()
		tid := syscall.Gettid()
		same := true
		for i := 0; i < 100; i++ {
			runtime.Gosched()
			same = same && tid == syscall.Gettid()
		}
		time.Sleep(time.Millisecond)
		locked <- same && tid == syscall.Gettid()
	}() // ends locked: its thread ends too
	fmt.Println("same thread:", <-locked)

	tm := time.NewTimer(time.Hour)
	fmt.Println(tm.Stop(), tm.Reset(time.Millisecond), len(tm.C), cap(tm.C))
	time.Sleep(5 * time.Millisecond)
	fmt.Println(tm.Stop()) // the value that nobody has received is taken back
	select {
	case <-tm.C:
		fmt.Println("stale value")
	default:
	}
	tm.Reset(time.Millisecond)
	for end := time.Now().Add(3 * time.Millisecond); time.Now().Before(end); {
	}
	select { // due, though no thread had to look at the timers
	case <-tm.C:
	default:
		fmt.Println("not there")
	}
	tk := time.NewTicker(time.Millisecond)
	for i := 0; i < 3; i++ {
		<-tk.C
	}
	tk.Stop()
	start := time.Now()
	v := <-time.After(5 * time.Millisecond)
	fmt.Println(v.Sub(start) >= 5*time.Millisecond, v.Location())
	fired := make(chan int)
	time.AfterFunc(time.Millisecond, func() { fired <- 1 })
	fmt.Println(<-fired, time.AfterFunc(time.Hour, func() {}).Stop())
}
