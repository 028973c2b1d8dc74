// Goroutines started on one P are queued there; other threads, whose Ps have nothing to do, steal half of the queue.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

//go:noinline
func work() (x uint32) {
	for x = 1; ; {
		for range 1000000 {
			x = x*1664525 + 1013904223
		}
		if x != 0 {
			return x
		}
	}
}

// All goroutines are made here, without a pause, so all are in this P's queue. Who runs them?
func parallel() (threads, done int) {
	runtime.GOMAXPROCS(4)
	var mu sync.Mutex
	var group sync.WaitGroup
	on := map[int]int{}
	for range 200 {
		group.Go(func() {
			work()
			mu.Lock()
			on[syscall.Gettid()]++
			mu.Unlock()
		})
	}
	group.Wait()
	for _, n := range on {
		done += n
	}
	return len(on), done
}

func main() {
	threads, done := parallel()
	if os.Getenv("TRACED") != "" {
		return
	}
	fmt.Println("done:", done, "on several threads:", threads > 1)
	self, err := os.Executable()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	again := exec.Command(self)
	again.Env = append(os.Environ(), "TRACED=1", "GODEBUG=schedtrace=20")
	out, err := again.CombinedOutput()
	lines := strings.Count(string(out), "SCHED ")
	ok := err == nil && done == 200 && threads > 1 && lines > 0
	fmt.Println("schedtrace wrote lines:", lines > 0)
	if all := regexp.MustCompile(`steals=(\d+)`).FindAllStringSubmatch(string(out), -1); all != nil { // gale counts them
		n, _ := strconv.Atoi(all[len(all)-1][1])
		fmt.Println("stolen:", n > 0)
		ok = ok && n > 0
	}
	if !ok {
		fmt.Println(threads, done, err, string(out))
		os.Exit(1)
	}
}
