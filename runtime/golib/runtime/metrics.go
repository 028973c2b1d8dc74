package runtime

import "unsafe"

// metricSample is runtime/metrics.Sample.
type metricSample struct {
	name    string
	kind    int
	scalar  uint64
	pointer unsafe.Pointer
}

const (
	metricBad = iota
	metricUint64
	metricFloat64
)

// godebugMetrics are the counters of settings of GODEBUG that were used, by name of the metric.
var godebugMetrics map[string]func() uint64

//go:linkname readMetrics runtime/metrics.runtime_readMetrics
func readMetrics(samples unsafe.Pointer, n, _ int) {
	var m MemStats
	stopTheWorld(3)
	readmemstats(&m)
	percent := gcSetPercent(100)
	gcSetPercent(percent)
	startTheWorld()
	for i := range unsafe.Slice((*metricSample)(samples), n) {
		s := &unsafe.Slice((*metricSample)(samples), n)[i]
		s.kind, s.scalar, s.pointer = metricBad, 0, nil
		if read := godebugMetrics[s.name]; read != nil {
			s.kind, s.scalar = metricUint64, read()
		} else if s.name == "/gc/gogc:percent" {
			s.kind, s.scalar = metricUint64, uint64(percent)
		} else if v, ok := metricValue(s.name, &m); ok {
			s.kind, s.scalar = metricUint64, v
		}
	}
}

// metricValue is the metric of that name; those that gale does not keep (histograms, CPU classes) are unknown.
func metricValue(name string, m *MemStats) (uint64, bool) {
	switch name {
	case "/cgo/go-to-c-calls:calls":
		return 0, true
	case "/gc/cycles/automatic:gc-cycles":
		return uint64(m.NumGC - m.NumForcedGC), true
	case "/gc/cycles/forced:gc-cycles":
		return uint64(m.NumForcedGC), true
	case "/gc/cycles/total:gc-cycles":
		return uint64(m.NumGC), true
	case "/gc/gomemlimit:bytes":
		return uint64(gcSetMemoryLimit(-1)), true
	case "/gc/heap/allocs:bytes":
		return m.TotalAlloc, true
	case "/gc/heap/allocs:objects":
		return m.Mallocs, true
	case "/gc/heap/frees:bytes":
		return m.TotalAlloc - m.HeapAlloc, true
	case "/gc/heap/frees:objects":
		return m.Frees, true
	case "/gc/heap/goal:bytes":
		return m.NextGC, true
	case "/gc/heap/objects:objects":
		return m.HeapObjects, true
	case "/memory/classes/heap/free:bytes":
		return m.HeapIdle - m.HeapReleased, true
	case "/memory/classes/heap/objects:bytes":
		return m.HeapAlloc, true
	case "/memory/classes/heap/released:bytes":
		return m.HeapReleased, true
	case "/memory/classes/heap/stacks:bytes":
		return m.StackInuse, true
	case "/memory/classes/heap/unused:bytes":
		return m.HeapInuse - m.HeapAlloc, true
	case "/memory/classes/other:bytes":
		return m.OtherSys, true
	case "/memory/classes/total:bytes":
		return m.Sys, true
	case "/sched/gomaxprocs:threads":
		return uint64(GOMAXPROCS(0)), true
	case "/sched/goroutines:goroutines":
		return uint64(NumGoroutine()), true
	}
	return 0, false
}
