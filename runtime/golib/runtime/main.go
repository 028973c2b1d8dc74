package runtime

import (
	"internal/cpu"
	"internal/runtime/atomic"
	"unsafe"
)

// main is the first goroutine: it runs the packages' initialisers in the linker's order, then main.main, then ends the process.
func main() {
	m := galeModule()
	initGodebug()
	cpu.Initialize(godebugEnv)
	timeVariables(&timeStartNano, &timeLocal)
	go forceGC()
	for atomic.Load(&forceGCStarted) == 0 {
		Gosched()
	}
	for i := 0; i < m.ninits; i++ {
		unit := initUnitAt(m, i)
		if unit.guard != nil {
			if *unit.guard != 0 {
				continue
			}
			*unit.guard = 1
		}
		funcOf(&unit.code)()
	}
	funcOf(&m.mainMain)()
	runExitHooks(0)
	exit(0)
}

// goexit1 ends a goroutine whose function has returned.
func goexit1() {
	goexit0()
}

func initUnitAt(m *module, i int) *initUnit {
	return (*initUnit)(unsafe.Add(unsafe.Pointer(m.inits), uintptr(i)*unsafe.Sizeof(initUnit{})))
}
