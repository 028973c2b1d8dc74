// What runtime/debug, runtime/metrics and runtime/pprof know: counts of collections, crash output, metrics, limits.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"runtime/pprof"
	"strings"
)

func crash(path string) {
	f, err := os.Create(path)
	if err != nil {
		panic(err)
	}
	if err := debug.SetCrashOutput(f, debug.CrashOptions{}); err != nil {
		panic(err)
	}
	println("not part of the crash")
	panic("written twice")
}

func crashOutput() {
	path := filepath.Join(os.TempDir(), fmt.Sprintf("crash_output_%d", os.Getpid()))
	defer os.Remove(path)
	child := exec.Command(os.Args[0], path)
	var seen bytes.Buffer
	child.Stderr = &seen
	err := child.Run()
	saved, _ := os.ReadFile(path)
	fmt.Println(err, strings.HasPrefix(string(saved), "panic: written twice"))
	fmt.Println(strings.HasSuffix(seen.String(), string(saved)), strings.HasPrefix(seen.String(), "not part"))
}

func collections() {
	var before, after debug.GCStats
	debug.ReadGCStats(&before)
	for range 4 {
		runtime.GC()
	}
	debug.ReadGCStats(&after)
	fmt.Println(after.NumGC-before.NumGC >= 4, len(after.Pause) == int(min(after.NumGC, 256)), len(after.PauseEnd) == len(after.Pause))
	fmt.Println(after.PauseEnd[0].Equal(after.LastGC), after.PauseTotal >= before.PauseTotal)
}

func readMetrics() {
	samples := []metrics.Sample{
		{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/gc/heap/allocs:bytes"}, {Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/sched/goroutines:goroutines"}, {Name: "/gc/gogc:percent"}, {Name: "/no/such:thing"},
	}
	metrics.Read(samples)
	for _, s := range samples {
		if s.Value.Kind() == metrics.KindUint64 {
			fmt.Println(s.Name, s.Value.Uint64() > 0)
		} else {
			fmt.Println(s.Name, s.Value.Kind() == metrics.KindBad)
		}
	}
}

func main() {
	if len(os.Args) > 1 {
		crash(os.Args[1])
	}
	collections()
	readMetrics()
	crashOutput()
	old := debug.SetMaxStack(1 << 20)
	fmt.Println(old, debug.SetMaxStack(old))
	fmt.Println(pprof.Lookup("goroutine") != nil, pprof.Lookup("heap").WriteTo(new(bytes.Buffer), 1))
}
