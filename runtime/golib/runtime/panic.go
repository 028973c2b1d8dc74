package runtime

import (
	"internal/abi"
	"internal/runtime/sys"
	"unsafe"
)

// _defer is a deferred call that is not open-coded, or stands for the open-coded ones of a frame while a panic or Goexit is in
// progress (base/abi/layout.def, record Defer). The list of a goroutine goes outwards by sp. The stack copier moves sp.
type _defer struct {
	heap      bool
	rangefunc bool   // stands for the calls deferred by the body of a range-over-func loop: see head
	started   bool   // a panic or Goexit is running it
	open      bool   // the armed slots of the frame: see nextOpen
	bpDelta   uint32 // open: how far above sp the frame pointer is
	sp        uintptr
	pc        uintptr
	fn        func()
	link      *_defer
	head      *deferList
	panics    *_panic // the panic that started it
	bits      uint32  // open: how far above sp the byte of armed calls lies
	slots     uint32  // and slot 0
}

// deferList collects what the body of a range-over-func loop defers, innermost first.
type deferList struct {
	first *_defer
}

// _panic is a panic or a Goexit in progress. Those that were recovered stay listed until their deferred function has
// returned, since a new panic's text tells of them.
type _panic struct {
	arg        any
	link       *_panic
	recovered  bool
	aborted    bool
	goexit     bool
	repanicked bool
}

// newDefer is a record for use: one that was in use before, if there is.
func newDefer(gp *g) *_defer {
	d := gp.freeDefers
	if d == nil {
		d = new(_defer)
		d.heap = true
		return d
	}
	gp.freeDefers = d.link
	d.started = false
	d.panics = nil
	return d
}

// freeDefer keeps the record of a call that has been made or is being made. Records that a panic has started are not kept.
func freeDefer(gp *g, d *_defer) {
	d.fn = nil
	d.link = gp.freeDefers
	gp.freeDefers = d
}

// deferproc defers fn for its caller's frame.
//
//go:noinline
func deferproc(fn func()) {
	gp := getg()
	d := newDefer(gp)
	d.fn = fn
	d.sp = sys.GetCallerSP()
	d.pc = sys.GetCallerPC()
	d.link = gp.defers
	gp.defers = d
}

// findOpenFrame puts a record for the next frame with armed open-coded calls into the list, if there is one: from the frame
// with pc and sp outwards, or from that of `from`, which has left the list. Outside of panics those frames are in no list;
// there is never one behind a record that is started, or frames that return normally would leave it behind.
// d is an empty record: from the moment that sp is known until d is listed the stack must not move.
//
//go:nosplit
func findOpenFrame(gp *g, d, from *_defer, pc, sp uintptr) {
	if !findOpenDefers(d, from, pc, sp) {
		return
	}
	at := &gp.defers
	for *at != nil && (*at).sp < d.sp {
		at = &(*at).link
	}
	d.link = *at
	*at = d
}

func newOpenDefer() *_defer {
	d := new(_defer)
	d.heap = true
	d.open = true
	return d
}

// nextOpen takes the last armed call from the frame that d stands for; nil if there is none.
func nextOpen(d *_defer) *func() {
	armed := (*uint8)(unsafe.Pointer(d.sp + uintptr(d.bits)))
	if *armed == 0 {
		return nil
	}
	i := uintptr(7)
	for *armed>>i == 0 {
		i--
	}
	*armed &^= 1 << i
	return (*func())(unsafe.Pointer(d.sp + uintptr(d.slots) + 8*i))
}

// dropOpenFrames forgets the frames from d on that no panic is running: they go on as usual, and make their calls themselves.
func dropOpenFrames(gp *g, d *_defer) {
	at := &d.link
	for *at != nil && !(*at).started {
		if (*at).open {
			*at = (*at).link
		} else {
			at = &(*at).link
		}
	}
}

// deferrangefunc is called by a function before a range-over-func loop whose body defers; the body passes the result to
// deferprocat.
//
//go:noinline
func deferrangefunc() any {
	d := new(_defer)
	d.heap = true
	d.rangefunc = true
	d.head = new(deferList)
	d.sp = sys.GetCallerSP()
	d.pc = sys.GetCallerPC()
	gp := getg()
	d.link = gp.defers
	gp.defers = d
	return d.head
}

func deferprocat(fn func(), frame any) {
	list := frame.(*deferList)
	d := new(_defer)
	d.heap = true
	d.fn = fn
	d.link = list.first
	list.first = d
}

// unfoldRange replaces the rangefunc record on top by the calls that it collected.
func unfoldRange(gp *g) {
	d := gp.defers
	gp.defers = d.link
	var last *_defer
	first := d.head.first
	d.head.first = nil
	for c := first; c != nil; c = c.link {
		c.sp, c.pc = d.sp, d.pc
		last = c
	}
	if last != nil {
		last.link = gp.defers
		gp.defers = first
	}
}

// deferreturn runs the calls that its caller's frame has deferred. Recovery comes back to its call site.
//
//go:noinline
func deferreturn() {
	gp := getg()
	for {
		d := gp.defers
		// Asked for anew each time: a deferred call may have moved the stack.
		if d == nil || d.sp != sys.GetCallerSP() {
			return
		}
		if d.rangefunc {
			unfoldRange(gp)
			continue
		}
		if d.open {
			// Recovery has led here, with calls left.
			next := nextOpen(d)
			if next == nil {
				gp.defers = d.link
				continue
			}
			(*next)()
			continue
		}
		fn := d.fn
		gp.defers = d.link
		freeDefer(gp, d)
		fn()
	}
}

// runDefers runs deferred calls for p, innermost first, until one recovers (then it does not return) or none is left.
// findOpenFrame has listed the first open-coded ones. The compiler marks it, for calledByDefer.
//
//go:noinline
func runDefers(gp *g, p *_panic) {
	for {
		d := gp.defers
		if d == nil {
			return
		}
		if d.rangefunc {
			unfoldRange(gp)
			continue
		}
		if d.started {
			// An earlier panic or Goexit started this call, and it ended in p. That one will not go on.
			if d.panics != nil && d.panics != p {
				d.panics.aborted = true
			}
			if !d.open {
				d.fn = nil
				gp.defers = d.link
				continue
			}
		}
		if d.open {
			next := nextOpen(d)
			if next == nil {
				gp.defers = d.link
				findOpenFrame(gp, newOpenDefer(), d, 0, 0)
				continue
			}
			d.started = true
			d.panics = p
			(*next)()
			d.started = false
			d.panics = nil
			if p.recovered {
				recovered(gp, p, d)
			}
			continue
		}
		d.started = true
		d.panics = p
		d.fn()
		d.fn = nil
		if p.recovered {
			recovered(gp, p, d)
		}
		gp.defers = d.link
	}
}

// recovered goes on behind the frame of d, the record whose call has recovered, as if that frame had returned normally.
// d is in gp's list until the end: only there its sp follows a stack that moves.
//
//go:noinline
func recovered(gp *g, p *_panic, d *_defer) {
	gp.panics = p.link
	for gp.panics != nil && gp.panics.aborted && !gp.panics.goexit {
		gp.panics = gp.panics.link
	}
	if gp.panics != nil && gp.panics.goexit && gp.panics.aborted {
		// The panic came up in a call that Goexit had started: the goroutine goes on exiting.
		gp.panics.aborted = false
		exiting := gp.panics
		if !d.open {
			gp.defers = d.link
		}
		findOpenFrame(gp, newOpenDefer(), nil, sys.GetCallerPC()-1, sys.GetCallerSP())
		runDefers(gp, exiting)
		gp.panics = nil
		goexit0()
	}
	if gp.panics == nil {
		gp.sig = 0
	}
	dropOpenFrames(gp, d)
	target, bpDelta := d.pc, uintptr(d.bpDelta)
	if !d.open {
		target, bpDelta = deferReturn(d.pc)
		gp.defers = d.link
	}
	sp := d.sp
	recoverTo(sp, target, sp+bpDelta, 1)
}

// gopanic is the built-in panic.
//
//go:noinline
func gopanic(e any) {
	if e == nil {
		e = new(PanicNilError)
	}
	gp := getg()
	p := new(_panic)
	p.arg = e
	p.link = gp.panics
	gp.panics = p
	if p.link != nil && p.link.recovered && sameArgument(p.link.arg, e) {
		p.link.repanicked = true
	}
	findOpenFrame(gp, newOpenDefer(), nil, sys.GetCallerPC()-1, sys.GetCallerSP())
	runDefers(gp, p)
	preparePanics(gp.panics)
	fatalpanic(gp.panics)
}

// sameArgument: is a recovered value panicked with again? Values that cannot be compared are not.
func sameArgument(a, b any) bool {
	x, y := (*[2]unsafe.Pointer)(unsafe.Pointer(&a)), (*[2]unsafe.Pointer)(unsafe.Pointer(&b))
	return *x == *y
}

// gorecover is the built-in recover. It works only in a function that a running panic has called as its deferred call:
// between the frame that recovers and gopanic's machinery stand compiler-made wrappers at most.
//
//go:noinline
func gorecover() any {
	gp := getg()
	p := gp.panics
	if p == nil || p.goexit || p.recovered || !calledByDefer() {
		return nil
	}
	p.recovered = true
	return p.arg
}

// Goexit ends the goroutine that calls it after running its deferred calls.
//
//go:noinline
func Goexit() {
	gp := getg()
	p := new(_panic)
	p.goexit = true
	p.link = gp.panics
	gp.panics = p
	findOpenFrame(gp, newOpenDefer(), nil, sys.GetCallerPC()-1, sys.GetCallerSP())
	runDefers(gp, p)
	gp.panics = nil
	goexit0()
}

// preparePanics turns the arguments that are errors or Stringers into their texts while Go code can still be run.
func preparePanics(p *_panic) {
	for ; p != nil; p = p.link {
		switch v := p.arg.(type) {
		case error:
			p.arg = panicText(v.Error())
		case stringer:
			p.arg = panicText(v.String())
		}
	}
}

type stringer interface{ String() string }

// panicText is the text of an error or Stringer: it is printed as it is, further lines indented.
type panicText string

func fatalpanic(p *_panic) {
	beginPanicReport()
	printlock()
	printpanics(p)
	printunlock()
	gp := getg()
	if gp.sig != 0 {
		printSignal(gp)
	}
	fatalpanicExit()
}

func printSignal(gp *g) {
	name := "unknown signal"
	switch gp.sig {
	case sigSEGV:
		name = "SIGSEGV: segmentation violation"
	case sigBUS:
		name = "SIGBUS: bus error"
	case sigFPE:
		name = "SIGFPE: floating-point exception"
	}
	printstring("[signal ")
	printstring(name)
	printstring(" code=")
	printhex(uint64(gp.sigcode0))
	printstring(" addr=")
	printhex(uint64(gp.sigcode1))
	printstring(" pc=")
	printhex(uint64(gp.sigpc))
	printstring("]\n")
}

func printpanics(p *_panic) {
	if p.link != nil {
		printpanics(p.link)
		if p.link.repanicked {
			return
		}
		if !p.link.goexit {
			printstring("\t")
		}
	}
	if p.goexit {
		return
	}
	printstring("panic: ")
	printpanicval(p.arg)
	if p.repanicked {
		printstring(" [recovered, repanicked]")
	} else if p.recovered {
		printstring(" [recovered]")
	}
	printnl()
}

func printpanicval(v any) {
	switch v := v.(type) {
	case nil:
		printstring("nil")
	case panicText:
		printindented(string(v))
	case string:
		printindented(v)
	case bool:
		printbool(v)
	case int:
		printint(int64(v))
	case int8:
		printint(int64(v))
	case int16:
		printint(int64(v))
	case int32:
		printint(int64(v))
	case int64:
		printint(v)
	case uint:
		printuint(uint64(v))
	case uint8:
		printuint(uint64(v))
	case uint16:
		printuint(uint64(v))
	case uint32:
		printuint(uint64(v))
	case uint64:
		printuint(v)
	case uintptr:
		printuint(uint64(v))
	case float32:
		printfloat32(v)
	case float64:
		printfloat64(v)
	case complex64:
		printcomplex64(v)
	case complex128:
		printcomplex128(v)
	default:
		printcustom(v)
	}
}

// printcustom prints a value of a defined type with a basic kind as T(value), anything else as (T) address.
func printcustom(v any) {
	e := (*eface)(unsafe.Pointer(&v))
	name := typeString(e.typ)
	p := e.data
	open := func() { printstring(name); printstring("(") }
	switch e.typ.Kind() {
	case abi.Bool:
		open()
		printbool(*(*bool)(p))
	case abi.Int, abi.Int64:
		open()
		printint(*(*int64)(p))
	case abi.Int8:
		open()
		printint(int64(*(*int8)(p)))
	case abi.Int16:
		open()
		printint(int64(*(*int16)(p)))
	case abi.Int32:
		open()
		printint(int64(*(*int32)(p)))
	case abi.Uint, abi.Uint64, abi.Uintptr:
		open()
		printuint(*(*uint64)(p))
	case abi.Uint8:
		open()
		printuint(uint64(*(*uint8)(p)))
	case abi.Uint16:
		open()
		printuint(uint64(*(*uint16)(p)))
	case abi.Uint32:
		open()
		printuint(uint64(*(*uint32)(p)))
	case abi.Float32:
		open()
		printfloat32(*(*float32)(p))
	case abi.Float64:
		open()
		printfloat64(*(*float64)(p))
	case abi.Complex64:
		printstring(name)
		printcomplex64(*(*complex64)(p))
		return
	case abi.Complex128:
		printstring(name)
		printcomplex128(*(*complex128)(p))
		return
	case abi.String:
		printstring(name)
		printstring("(\"")
		printindented(*(*string)(p))
		printstring("\")")
		return
	default:
		printstring("(")
		printstring(name)
		printstring(") ")
		printpointer(e.data)
		return
	}
	printstring(")")
}

// printindented prints a text whose lines after the first start with a tab, so that it cannot be taken for a traceback.
func printindented(s string) {
	for {
		i := 0
		for i < len(s) && s[i] != '\n' {
			i++
		}
		if i == len(s) {
			printstring(s)
			return
		}
		printstring(s[:i+1])
		printstring("\t")
		s = s[i+1:]
	}
}

type eface struct {
	typ  *abi.Type
	data unsafe.Pointer
}

func efaceOf(p *any) *eface { return (*eface)(unsafe.Pointer(p)) }
