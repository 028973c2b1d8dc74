package runtime

import (
	"unsafe"
)

const (
	Compiler = "gc"
	GOOS     = "linux"
	GOARCH   = "amd64"
)

// MemProfileRate is how many bytes are allocated between two samples of the memory profile.
var MemProfileRate int = 512 * 1024

// Version is the Go release whose language and library this program has.
func Version() string { return galeModule().buildVersion }

// GOROOT is the root of the Go tree that the program was built with.
func GOROOT() string {
	if s := getenv("GOROOT"); s != "" {
		return s
	}
	return galeModule().defaultGoroot
}

func goenvs() []string

func getenv(key string) string {
	for _, s := range goenvs() {
		if len(s) > len(key) && s[len(key)] == '=' && s[:len(key)] == key {
			return s[len(key)+1:]
		}
	}
	return ""
}

// GOMAXPROCS sets how many goroutines may run at once, and gives the previous number; n < 1 changes nothing.
func GOMAXPROCS(n int) int {
	old := gomaxprocs(0)
	if n <= 0 || n == old {
		return old
	}
	stopTheWorld(2)
	gomaxprocs(n)
	startTheWorld()
	return old
}

// SetDefaultGOMAXPROCS goes back to the number that the machine suggests.
func SetDefaultGOMAXPROCS() { GOMAXPROCS(ncpu()) }

// NumCPU is the number of processors that the process may use.
func NumCPU() int { return ncpu() }

// NumCgoCall is 0: there is no cgo in this program.
func NumCgoCall() int64 { return 0 }

// NumGoroutine is the number of goroutines that exist.
func NumGoroutine() int { return gcount() }

// Gosched lets other goroutines run.
func Gosched()

// Breakpoint stops in a debugger.
func Breakpoint()

// KeepAlive keeps x reachable up to here.
func KeepAlive(x any) {}

// LockOSThread binds the goroutine to its thread.
func LockOSThread()

// UnlockOSThread undoes one LockOSThread.
func UnlockOSThread()

// MemStats are the allocator's and collector's counts.
type MemStats struct {
	Alloc         uint64
	TotalAlloc    uint64
	Sys           uint64
	Lookups       uint64
	Mallocs       uint64
	Frees         uint64
	HeapAlloc     uint64
	HeapSys       uint64
	HeapIdle      uint64
	HeapInuse     uint64
	HeapReleased  uint64
	HeapObjects   uint64
	StackInuse    uint64
	StackSys      uint64
	MSpanInuse    uint64
	MSpanSys      uint64
	MCacheInuse   uint64
	MCacheSys     uint64
	BuckHashSys   uint64
	GCSys         uint64
	OtherSys      uint64
	NextGC        uint64
	LastGC        uint64
	PauseTotalNs  uint64
	PauseNs       [256]uint64
	PauseEnd      [256]uint64
	NumGC         uint32
	NumForcedGC   uint32
	GCCPUFraction float64
	EnableGC      bool
	DebugGC       bool
	BySize        [61]struct {
		Size    uint32
		Mallocs uint64
		Frees   uint64
	}
}

// ReadMemStats fills m.
func ReadMemStats(m *MemStats) {
	stopTheWorld(3)
	readmemstats(m)
	startTheWorld()
}

// A StackRecord is one call stack of a profile.
type StackRecord struct {
	Stack0 [32]uintptr
}

// Stack is the part of Stack0 in use.
func (r *StackRecord) Stack() []uintptr {
	for i, v := range r.Stack0 {
		if v == 0 {
			return r.Stack0[:i]
		}
	}
	return r.Stack0[:]
}

// A MemProfileRecord counts the objects allocated at one call stack.
type MemProfileRecord struct {
	AllocBytes, FreeBytes     int64
	AllocObjects, FreeObjects int64
	Stack0                    [32]uintptr
}

func (r *MemProfileRecord) InUseBytes() int64   { return r.AllocBytes - r.FreeBytes }
func (r *MemProfileRecord) InUseObjects() int64 { return r.AllocObjects - r.FreeObjects }
func (r *MemProfileRecord) Stack() []uintptr {
	for i, v := range r.Stack0 {
		if v == 0 {
			return r.Stack0[:i]
		}
	}
	return r.Stack0[:]
}

// A BlockProfileRecord counts waits at one call stack.
type BlockProfileRecord struct {
	Count  int64
	Cycles int64
	StackRecord
}

// MemProfile fills p with the memory profile as of the end of the last collection, if it has room for all n records.
func MemProfile(p []MemProfileRecord, inuseZero bool) (n int, ok bool) {
	return eachMemBucket(len(p), inuseZero, func(b *memBucket) {
		r := &p[0]
		r.AllocBytes, r.FreeBytes = b.allocs*b.size, b.frees*b.size
		r.AllocObjects, r.FreeObjects = b.allocs, b.frees
		clear(r.Stack0[copy(r.Stack0[:], unsafe.Slice(b.stack, b.depth)):])
		p = p[1:]
	})
}

// The profilers of waits and of CPU time are not part of gale yet: each profile has no records, and a CPU profile cannot be started.

func BlockProfile(p []BlockProfileRecord) (n int, ok bool)             { return 0, true }
func MutexProfile(p []BlockProfileRecord) (n int, ok bool)             { return 0, true }
func ThreadCreateProfile(p []StackRecord) (n int, ok bool)             { return 0, true }
func SetBlockProfileRate(rate int)                                     {}
func SetMutexProfileFraction(rate int) int                             { return 0 }
func SetCPUProfileRate(hz int)                                         {}
func CPUProfile() []byte                                               { panic("CPUProfile no longer available") }

// GoroutineProfile fills p with the stacks of all goroutines, if it has room for all n.
func GoroutineProfile(p []StackRecord) (n int, ok bool) {
	return eachGoroutine(len(p), func(i int) []uintptr { return p[i].Stack0[:] }, func(i, depth int, _ unsafe.Pointer) {
		clear(p[i].Stack0[depth:])
	})
}

// SetCgoTraceback has no effect without cgo.
func SetCgoTraceback(version int, traceback, context, symbolizer unsafe.Pointer) {}

// StartTrace fails: execution traces are not part of gale yet.
func StartTrace() error { return errorString("execution traces are not supported by gale yet") }

// StopTrace has nothing to stop.
func StopTrace() {}

// ReadTrace has nothing to read.
func ReadTrace() []byte { return nil }

// A Pinner keeps objects where they are; gale's collector never moves any, so that it only keeps them alive.
type Pinner struct {
	refs *[]any
}

// Pin keeps the object that pointer refers to until Unpin.
func (p *Pinner) Pin(pointer any) {
	if p.refs == nil {
		p.refs = new([]any)
	}
	*p.refs = append(*p.refs, pointer)
}

// Unpin releases all objects.
func (p *Pinner) Unpin() { p.refs = nil }

// modinfo is filled in from the image.
//
//go:linkname modinfo runtime/debug.modinfo
func modinfo() string { return galeModule().modinfo }

//go:linkname debugSetTraceback runtime/debug.SetTraceback
func debugSetTraceback(level string) {
	switch level {
	case "none":
		setTracebackLevel(0)
	case "single", "":
		setTracebackLevel(1)
	case "all":
		setTracebackLevel(2)
	case "system":
		setTracebackLevel(3)
	case "crash", "wer":
		setTracebackLevel(4)
	default:
		n := 0
		for i := 0; i < len(level); i++ {
			if level[i] < '0' || level[i] > '9' {
				return
			}
			n = n*10 + int(level[i]-'0')
		}
		setTracebackLevel(n)
	}
}

//go:linkname debugFreeOSMemory runtime/debug.freeOSMemory
func debugFreeOSMemory() {
	GC()
	scavengeAll()
}

//go:linkname debugSetGCPercent runtime/debug.setGCPercent
func debugSetGCPercent(percent int32) int32 {
	old := gcSetPercent(int(percent))
	if percent < 0 { // no cycle runs when this returns
		semacquire(&collectsema)
		semrelease(&collectsema)
	}
	return int32(old)
}

//go:linkname debugSetMemoryLimit runtime/debug.setMemoryLimit
func debugSetMemoryLimit(limit int64) int64 { return gcSetMemoryLimit(limit) }

func setMaxThreads(n int) int

//go:linkname debugSetMaxThreads runtime/debug.setMaxThreads
func debugSetMaxThreads(n int) int {
	return setMaxThreads(n)
}

//go:linkname debugSetPanicOnFault runtime/debug.setPanicOnFault
func debugSetPanicOnFault(on bool) bool {
	gp := getg()
	old := gp.flags&gPanicOnFault != 0
	gp.flags &^= gPanicOnFault
	if on {
		gp.flags |= gPanicOnFault
	}
	return old
}

//go:linkname debugReadGCStats runtime/debug.readGCStats
func debugReadGCStats(pauses *[]uint64) {
	var m MemStats
	ReadMemStats(&m)
	n := min(m.NumGC, uint32(len(m.PauseNs)))
	p := (*pauses)[:0]
	for _, ring := range [2]*[256]uint64{&m.PauseNs, &m.PauseEnd} { // newest first
		for i := range n {
			p = append(p, ring[(m.NumGC-1-i)%uint32(len(ring))])
		}
	}
	*pauses = append(p, m.LastGC, uint64(m.NumGC), m.PauseTotalNs)
}
