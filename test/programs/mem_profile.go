package main

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/pprof"
	"strings"
)

// The memory profile: who allocated how much, and what of it has been freed.

type item struct {
	next *item
	data [56]byte
}

//go:noinline
func keep(n int) *item {
	var list *item
	for range n {
		list = &item{next: list}
	}
	return list
}

//go:noinline
func drop(n int) (sum int) {
	for i := range n {
		p := new([20]int)
		sinkArray = p
		sum += p[i%20]
	}
	return sum
}

//go:noinline
func large(n int) {
	for range n {
		sinkBytes = make([]byte, 100_000)
	}
}

var (
	sinkBytes []byte
	sinkArray *[20]int
)

// of adds up the records of allocations made in the function itself.
func of(records []runtime.MemProfileRecord, function string) (r runtime.MemProfileRecord) {
	for i := range records {
		frames := runtime.CallersFrames(records[i].Stack())
		frame, more := frames.Next()
		for more && strings.HasPrefix(frame.Function, "runtime.") {
			frame, more = frames.Next()
		}
		if frame.Function == function {
			r.AllocObjects += records[i].AllocObjects
			r.AllocBytes += records[i].AllocBytes
			r.FreeObjects += records[i].FreeObjects
			r.FreeBytes += records[i].FreeBytes
		}
	}
	return r
}

func read() []runtime.MemProfileRecord {
	runtime.GC()
	runtime.GC()
	n, _ := runtime.MemProfile(nil, true)
	for {
		records := make([]runtime.MemProfileRecord, n+50)
		var ok bool
		if n, ok = runtime.MemProfile(records, true); ok {
			return records[:n]
		}
	}
}

func about(got, want int64) bool { return want-want/50 <= got && got <= want+want/50 }

func main() {
	runtime.MemProfileRate = 1
	large(1)
	list := keep(20_000)
	drop(30_000)
	large(50)
	sinkBytes = nil

	records := read()
	kept, dropped, big := of(records, "main.keep"), of(records, "main.drop"), of(records, "main.large")
	fmt.Println(about(kept.AllocObjects, 20_000), about(kept.AllocBytes, 20_000*64), kept.FreeObjects == 0)
	fmt.Println(about(dropped.AllocObjects, 30_000), about(dropped.InUseObjects(), 0) || dropped.InUseObjects() < 100)
	fmt.Println(about(big.AllocObjects, 51), big.InUseObjects() <= 1, big.AllocBytes >= 51*100_000)

	runtime.KeepAlive(list)
	list = nil
	records = read()
	kept = of(records, "main.keep")
	fmt.Println(kept.InUseObjects() < 1000)

	// At a rate, one object stands for many.
	runtime.MemProfileRate = 64 << 10
	large(1)
	drop(1_000_000)
	before := dropped.AllocObjects
	dropped = of(read(), "main.drop")
	expected := int64(1_000_000 * 160 / (64 << 10))
	sampled := dropped.AllocObjects - before
	fmt.Println(expected/2 < sampled && sampled < expected*2)

	// Off.
	runtime.MemProfileRate = 0
	large(1)
	before = of(read(), "main.large").AllocObjects
	large(100)
	fmt.Println(of(read(), "main.large").AllocObjects-before <= 1)

	runtime.MemProfileRate = 64 << 10
	var text bytes.Buffer
	err := pprof.Lookup("heap").WriteTo(&text, 1)
	fmt.Println(err, strings.HasPrefix(text.String(), "heap profile:"), strings.Contains(text.String(), "main.large"))
}
