package runtime

// coro is a coroutine of iter.Pull: two goroutines of which one runs at a time. The other one is `waiting` (runtime/sched/sema.cpp).
type coro struct {
	waiting uintptr
	f       func(*coro)
}

// newcoro makes a goroutine that waits to run f.
func newcoro(f func(*coro)) *coro {
	c := &coro{f: f}
	newcoroG(c, func() { corostart(c) })
	return c
}

func corostart(c *coro) {
	defer coroexit_m(c) // also when f calls Goexit
	c.f(c)
}

// coroswitch lets the other goroutine of c run, and returns when that one switches back or ends.
func coroswitch(c *coro) { coroswitch_m(c) }

func newcoroG(c *coro, f func())
func coroswitch_m(c *coro)
func coroexit_m(c *coro)
