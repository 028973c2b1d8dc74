package runtime

import (
	"internal/profilerecord"
	"unsafe"
)

// What runtime/pprof, runtime/trace and internal/coverage ask for. Of the profiles there are those of memory
// (prof/mem_profile.h) and of goroutines; the others have no records, a CPU profile is empty, starting a trace fails (StartTrace).

// A memBucket counts the sampled allocations of one size at one call stack. It is never freed; the collector changes the counts
// while the world is stopped.
type memBucket struct {
	next          *memBucket
	size          int64
	allocs, frees int64
	depth         int
	stack         *uintptr
}

func memProfile() *memBucket

// eachMemBucket calls f for the buckets of the profile if there are at most room.
func eachMemBucket(room int, inuseZero bool, f func(b *memBucket)) (n int, ok bool) {
	if MemProfileRate < 0 {
		return 0, true
	}
	first := memProfile()
	wanted := func(b *memBucket) bool { return b.allocs != 0 && (inuseZero || b.allocs != b.frees) }
	for b := first; b != nil; b = b.next {
		if wanted(b) {
			n++
		}
	}
	if n > room {
		return n, false
	}
	left := n // a collection may end meanwhile
	for b := first; b != nil && left > 0; b = b.next {
		if wanted(b) {
			f(b)
			left--
		}
	}
	return n - left, true
}

//go:linkname pprofMemProfile runtime.pprof_memProfileInternal
func pprofMemProfile(p []profilerecord.MemProfileRecord, inuseZero bool) (n int, ok bool) {
	return eachMemBucket(len(p), inuseZero, func(b *memBucket) {
		p[0] = profilerecord.MemProfileRecord{
			AllocBytes: b.allocs * b.size, FreeBytes: b.frees * b.size,
			AllocObjects: b.allocs, FreeObjects: b.frees,
			Stack: unsafe.Slice(b.stack, b.depth),
		}
		p = p[1:]
	})
}

//go:linkname pprofBlockProfile runtime.pprof_blockProfileInternal
func pprofBlockProfile(p []profilerecord.BlockProfileRecord) (n int, ok bool) { return 0, true }

//go:linkname pprofMutexProfile runtime.pprof_mutexProfileInternal
func pprofMutexProfile(p []profilerecord.BlockProfileRecord) (n int, ok bool) { return 0, true }

//go:linkname pprofThreadCreate runtime.pprof_threadCreateInternal
func pprofThreadCreate(p []profilerecord.StackRecord) (n int, ok bool) { return 0, true }

//go:linkname pprofGoroutineLeak runtime.pprof_goroutineLeakProfileWithLabels
func pprofGoroutineLeak(p []profilerecord.StackRecord, labels []unsafe.Pointer) (n int, ok bool) {
	return 0, true
}

// maxProfileDepth is the number of frames of a profile's stack.
const maxProfileDepth = 128

//go:linkname pprofMakeStack runtime.pprof_makeProfStack
func pprofMakeStack() []uintptr { return make([]uintptr, maxProfileDepth) }

//go:linkname pprofGoroutines runtime.pprof_goroutineProfileWithLabels
func pprofGoroutines(p []profilerecord.StackRecord, labels []unsafe.Pointer) (n int, ok bool) {
	for i := range p {
		p[i].Stack = pprofMakeStack()
	}
	return eachGoroutine(len(p), func(i int) []uintptr { return p[i].Stack }, func(i, depth int, label unsafe.Pointer) {
		p[i].Stack = p[i].Stack[:depth]
		if i < len(labels) {
			labels[i] = label
		}
	})
}

// eachGoroutine writes the stacks of the program's goroutines, the caller's first, to buffers and tells done of each, if there are at
// most room. The world is stopped meanwhile: neither function may allocate.
func eachGoroutine(room int, buffer func(i int) []uintptr, done func(i, depth int, labels unsafe.Pointer)) (n int, ok bool) {
	stopTheWorld(3)
	var labels unsafe.Pointer
	n = 1
	for i := 0; ; i++ {
		depth := goroutineStack(i, &labels, nil, 0)
		if depth == -2 {
			break
		}
		if depth >= 0 {
			n++
		}
	}
	if n <= room {
		pcs := buffer(0)
		done(0, callersRaw(1, unsafe.SliceData(pcs), len(pcs)), getg().labels)
		for i, at := 0, 1; at < n; i++ {
			pcs = buffer(at)
			if depth := goroutineStack(i, &labels, unsafe.SliceData(pcs), len(pcs)); depth >= 0 {
				done(at, depth, labels)
				at++
			}
		}
	}
	startTheWorld()
	return n, n <= room
}

func goroutineStack(i int, labels *unsafe.Pointer, pcs *uintptr, n int) int

//go:linkname pprofExpandFrames runtime.pprof_fpunwindExpand
func pprofExpandFrames(dst, src []uintptr) int { return copy(dst, src) }

// Callers gives each inlined call a program counter of its own, so there is nothing to expand.
//
//go:linkname pprofExpandFinalFrame runtime/pprof.runtime_expandFinalInlineFrame
func pprofExpandFinalFrame(stack []uintptr) []uintptr { return stack }

// Waits would be measured in nanoseconds.
//
//go:linkname pprofCyclesPerSecond runtime/pprof.runtime_cyclesPerSecond
func pprofCyclesPerSecond() int64 { return 1000000000 }

//go:linkname pprofReadProfile runtime/pprof.readProfile
func pprofReadProfile() (data []uint64, tags []unsafe.Pointer, eof bool) { return nil, nil, true }

//go:linkname traceClockNow
func traceClockNow() uint64 { return uint64(nanotime()) }

//go:linkname traceClockUnits runtime/trace.runtime_traceClockUnitsPerSecond
func traceClockUnits() uint64 { return 1000000000 }

//go:linkname traceAdvance
func traceAdvance(stop bool) { throw("execution traces are not supported by gale yet") }

//go:linkname debugWriteHeapDump runtime/debug.WriteHeapDump
func debugWriteHeapDump(fd uintptr) { throw("heap dumps are not supported by gale yet") }

//go:linkname debugSetMaxStack runtime/debug.setMaxStack
func debugSetMaxStack(n int) int { return setMaxStack(n) }

func setMaxStack(n int) int

// setCrashFD sets where the report of a fatal error goes besides standard error.
//
//go:linkname setCrashFD
func setCrashFD(fd uintptr) uintptr { return swapCrashFD(fd) }

func swapCrashFD(fd uintptr) uintptr

// A covCounterBlob is the counters of one module of a program built for coverage; gale builds none.
type covCounterBlob struct {
	counters *uint32
	len      uint64
}

//go:linkname coverageCounters internal/coverage/cfile.getCovCounterList
func coverageCounters() []covCounterBlob { return nil }

