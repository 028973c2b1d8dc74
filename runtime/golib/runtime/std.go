package runtime

import (
	"internal/abi"
	"unsafe"
)

// What packages of the standard library ask of the runtime by linkname, beyond the gates.

//go:linkname bitsOverflowError math/bits.overflowError
var bitsOverflowError error = errorString("integer overflow")

//go:linkname bitsDivideError math/bits.divideError
var bitsDivideError error = errorString("integer divide by zero")

//go:linkname registerPoolCleanup sync.runtime_registerPoolCleanup
func registerPoolCleanup(f func()) { poolCleanup = f }

// ---- crypto

//go:linkname fipsIsBypassed crypto/fips140.isBypassed
func fipsIsBypassed() bool { return getg().flags&gFipsBypass != 0 }

//go:linkname fipsSetBypass crypto/fips140.setBypass
func fipsSetBypass() { getg().flags |= gFipsBypass }

//go:linkname fipsUnsetBypass crypto/fips140.unsetBypass
func fipsUnsetBypass() { getg().flags &^= gFipsBypass }

//go:linkname fipsGetIndicator crypto/internal/fips140.getIndicator
func fipsGetIndicator() uint8 { return getg().fipsIndicator }

//go:linkname fipsSetIndicator crypto/internal/fips140.setIndicator
func fipsSetIndicator(v uint8) { getg().fipsIndicator = v }

//go:linkname ditSetDisabled crypto/subtle.setDITDisabled
func ditSetDisabled() {}

//go:linkname ditSetEnabled crypto/subtle.setDITEnabled
func ditSetEnabled() bool { return false }

// Marks in gc's assembly that tell which implementation is linked in: nothing to do.

//go:linkname boringCrypto crypto/internal/boring/sig.BoringCrypto
func boringCrypto() {}

//go:linkname boringFIPSOnly crypto/internal/boring/sig.FIPSOnly
func boringFIPSOnly() {}

//go:linkname boringStandardCrypto crypto/internal/boring/sig.StandardCrypto
func boringStandardCrypto() {}

// ---- internal/godebug

var godebugUpdate func(string, string)
var godebugIncrement func(string) func()
var godebugEnv string

func initGodebug() { godebugEnv = getenv("GODEBUG") }

//go:linkname godebugSetUpdate internal/godebug.setUpdate
func godebugSetUpdate(update func(string, string)) {
	godebugUpdate = update
	update(galeModule().godebugDefault, godebugEnv)
}

//go:linkname godebugRegisterMetric internal/godebug.registerMetric
func godebugRegisterMetric(name string, read func() uint64) {
	if godebugMetrics == nil {
		godebugMetrics = make(map[string]func() uint64)
	}
	godebugMetrics[name] = read
}

//go:linkname godebugSetNewIncNonDefault internal/godebug.setNewIncNonDefault
func godebugSetNewIncNonDefault(f func(string) func()) { godebugIncrement = f }

func godebugChanged(env string) {
	godebugEnv = env
	if godebugUpdate != nil {
		godebugUpdate(galeModule().godebugDefault, env)
	}
}

// ---- syscall, os

//go:linkname syscallSetenv syscall.runtimeSetenv
func syscallSetenv(key, value string) {
	if key == "GODEBUG" {
		godebugChanged(value)
	}
}

//go:linkname syscallUnsetenv syscall.runtimeUnsetenv
func syscallUnsetenv(key string) {
	if key == "GODEBUG" {
		godebugChanged("")
	}
}

//go:linkname syscallClearenv syscall.runtimeClearenv
func syscallClearenv(env map[string]int) {
	if _, ok := env["GODEBUG"]; ok {
		godebugChanged("")
	}
}

//go:linkname syscallCgocaller syscall.cgocaller
func syscallCgocaller(fn unsafe.Pointer, args ...uintptr) uintptr {
	throw("syscall.cgocaller: this program has no cgo")
	return 0
}

// syscallDoAllThreads runs a system call on every thread of the process.
//
//go:linkname syscallDoAllThreads syscall.runtime_doAllThreadsSyscall
func syscallDoAllThreads(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, err uintptr) {
	stopTheWorld(4)
	r1, r2, err = allThreadsSyscall(trap, a1, a2, a3, a4, a5, a6)
	startTheWorld()
	return
}

func allThreadsSyscall(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, err uintptr)

var exitHooks []func()

func runExitHooks(code int) {
	for i := len(exitHooks) - 1; i >= 0; i-- {
		exitHooks[i]()
	}
	exitHooks = nil
}

//go:linkname osBeforeExit os.runtime_beforeExit
func osBeforeExit(code int) { runExitHooks(code) }

// ---- internal/synctest: no goroutine is in a bubble

//go:linkname synctestIsInBubble internal/synctest.IsInBubble
func synctestIsInBubble() bool { return false }

//go:linkname synctestAssociate internal/synctest.associate
func synctestAssociate(p unsafe.Pointer) int { return 0 }

//go:linkname synctestDisassociate internal/synctest.disassociate
func synctestDisassociate(p unsafe.Pointer) {}

//go:linkname synctestIsAssociated internal/synctest.isAssociated
func synctestIsAssociated(p unsafe.Pointer) bool { return false }

//go:linkname synctestAcquire internal/synctest.acquire
func synctestAcquire() any { return nil }

//go:linkname synctestRelease internal/synctest.release
func synctestRelease(b any) {}

//go:linkname synctestInBubble internal/synctest.inBubble
func synctestInBubble(b any, f func()) { throw("synctest bubbles are not supported by gale yet") }

//go:linkname synctestRun internal/synctest.Run
func synctestRun(f func()) { throw("synctest bubbles are not supported by gale yet") }

//go:linkname synctestWait internal/synctest.Wait
func synctestWait() { throw("synctest bubbles are not supported by gale yet") }

//go:linkname timeIsBubbled time.runtimeIsBubbled
func timeIsBubbled() bool { return false }

// ---- reflect

var staticValues [256]uint64

//go:linkname reflectStaticValues runtime.getStaticuint64s
func reflectStaticValues() *[256]uint64 {
	if staticValues[1] == 0 {
		for i := range staticValues {
			staticValues[i] = uint64(i)
		}
	}
	return &staticValues
}

//go:linkname reflectTypelinks reflect.typelinks
func reflectTypelinks() (sections []unsafe.Pointer, offsets [][]int32) {
	for m := galeModule(); m != nil; m = m.next {
		sections = append(sections, unsafe.Pointer(m.types))
		offsets = append(offsets, unsafe.Slice(m.typelinks, m.ntypelinks))
	}
	return
}

type runtimeSelect struct {
	dir uintptr // 1 send, 2 receive, 3 default
	typ unsafe.Pointer
	ch  unsafe.Pointer
	val unsafe.Pointer
}

type scase struct {
	ch   unsafe.Pointer
	elem unsafe.Pointer
}

//go:noescape
func selectgo(cases *scase, order *uint16, pcs *uintptr, nsends, nrecvs int, block bool) (int, bool)

func block()

// reflectSelect orders the cases as selectgo wants them: sends first, receives from the end.
//
//go:linkname reflectSelect reflect.rselect
func reflectSelect(cases []runtimeSelect) (int, bool) {
	if len(cases) == 0 {
		block()
	}
	sel := make([]scase, len(cases))
	orig := make([]int, len(cases))
	nsends, nrecvs, dflt := 0, 0, -1
	for i, c := range cases {
		var j int
		switch c.dir {
		case 3:
			dflt = i
			continue
		case 1:
			j = nsends
			nsends++
		case 2:
			nrecvs++
			j = len(cases) - nrecvs
		}
		sel[j] = scase{c.ch, c.val}
		orig[j] = i
	}
	if nsends+nrecvs == 0 {
		return dflt, false
	}
	if nsends+nrecvs < len(cases) {
		copy(sel[nsends:], sel[len(cases)-nrecvs:])
		copy(orig[nsends:], orig[len(cases)-nrecvs:])
	}
	order := make([]uint16, 2*(nsends+nrecvs))
	chosen, ok := selectgo(&sel[0], &order[0], nil, nsends, nrecvs, dflt == -1)
	if chosen < 0 {
		return dflt, ok
	}
	return orig[chosen], ok
}

// ---- runtime/pprof, runtime/trace, runtime/metrics, internal/coverage: nothing to report yet

//go:linkname pprofSetLabel runtime/pprof.runtime_setProfLabel
func pprofSetLabel(labels unsafe.Pointer) { getg().labels = labels }

//go:linkname pprofGetLabel runtime/pprof.runtime_getProfLabel
func pprofGetLabel() unsafe.Pointer { return getg().labels }

//go:linkname traceUserLog runtime/trace.userLog
func traceUserLog(id uint64, category, message string) {}

//go:linkname traceUserRegion runtime/trace.userRegion
func traceUserRegion(id, mode uint64, regionType string) {}

//go:linkname traceUserTaskCreate runtime/trace.userTaskCreate
func traceUserTaskCreate(id, parent uint64, taskType string) {}

//go:linkname traceUserTaskEnd runtime/trace.userTaskEnd
func traceUserTaskEnd(id uint64) {}

// ---- maps of the compiler's own calls

//go:linkname typedmemmove
//go:noescape
func typedmemmove(t *abi.Type, dst, src unsafe.Pointer)

// ---- internal/chacha8rand: the portable version stands for the assembly one

//go:linkname chachaGeneric internal/chacha8rand.block_generic
func chachaGeneric(seed *[4]uint64, blocks *[32]uint64, counter uint32)

//go:linkname chachaBlock internal/chacha8rand.block
func chachaBlock(seed *[4]uint64, blocks *[32]uint64, counter uint32) {
	chachaGeneric(seed, blocks, counter)
}
