package runtime

import (
	"internal/abi"
	"unsafe"
)

// Functions of the C++ side, bound through base/abi/gates.def.

func throw(s string)
func fatal(s string)
func fatalpanicExit()
func beginPanicReport()
func recoverTo(sp, pc, bp, value uintptr)
func exit(code int)

//go:noescape
func write(fd uintptr, p unsafe.Pointer, n int32) int32

//go:noescape
func callersRaw(skip int, pcs *uintptr, n int) int

//go:noescape
func pcFrame(pc uintptr, out *frameRecord, n int) int
func funcEntryOf(pc uintptr) uintptr

// deferReturn gives the pc of the deferreturn call in the function that contains pc, and how far above SP the frame pointer is.
func deferReturn(pc uintptr) (target, bpDelta uintptr)

//go:noescape
func findOpenDefers(out, from *_defer, pc, sp uintptr) bool
func calledByDefer() bool

//go:noescape
func stackText(buf *byte, n int, all bool) int
func setTracebackLevel(level int)

func typeString(t *abi.Type) string
func typePkgPath(t *abi.Type) string

func goschedguarded()
func goexit0()
func gomaxprocs(n int) int
func ncpu() int
func gcount() int
func newproc(fn func())

func gcStopWorld(reason int)
func gcRun(kind int) (due int)
func gcStart(kind int) (due int)
func gcWaitMarked()
func gcFinish() (due int)
func gcWanted() int
func gcDue() bool
func gcAlways() bool
func gcHandOver()
func gcHandedOver() bool
func gcSweep(spans int) (more bool)
func gcStartWorld()
func gcSetPercent(percent int) int
func gcSetMemoryLimit(limit int64) int64

//go:noescape
func readmemstats(m *MemStats)
func scavengeAll()

//go:noescape

func nanotime() int64
func rand() uint64
func galeModule() *module
func mallocgc(size uintptr, typ *abi.Type, zero bool) unsafe.Pointer

func printlock()
func printunlock()
func printbool(bool)
func printint(int64)
func printuint(uint64)
func printhex(uint64)
func printpointer(unsafe.Pointer)
func printuintptr(uintptr)
func printstring(string)
func printnl()
func printsp()
func printeface(any)
func printslice([]byte)

// module is the record that the linker makes of the image (base/abi/layout.def, record Module).
type module struct {
	magic            uint64
	next             *module
	text, etext      uintptr
	pclntab          uintptr
	pclntabLen       uintptr
	gofunc, findfunc uintptr
	types, etypes    uintptr
	typelinks        *int32
	ntypelinks       int
	itabs            uintptr
	nitabs           int
	data, edata      uintptr
	dataMask         uintptr
	bss, ebss        uintptr
	bssMask          uintptr
	noptrdata        [2]uintptr
	noptrbss         [2]uintptr
	gcroots          [2]uintptr
	inits            *initUnit
	ninits           int
	covctrs          [2]uintptr
	buildVersion     string
	modinfo          string
	godebugDefault   string
	defaultGoroot    string
	mainMain         uintptr
}

// initUnit is one step of package initialisation. A unit with a guard runs once even if several images hold it.
type initUnit struct {
	guard *uint32
	code  uintptr
}

// funcOf makes a func value of a code address.
func funcOf(code *uintptr) func() {
	closure := unsafe.Pointer(code)
	return *(*func())(unsafe.Pointer(&closure))
}
