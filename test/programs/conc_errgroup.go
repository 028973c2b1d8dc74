// A group of tasks of which the first error cancels the others, through a context.
package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

type group struct {
	wait   sync.WaitGroup
	once   sync.Once
	cancel context.CancelCauseFunc
	err    error
}

func withContext(parent context.Context) (*group, context.Context) {
	ctx, cancel := context.WithCancelCause(parent)
	return &group{cancel: cancel}, ctx
}

func (g *group) run(f func() error) {
	g.wait.Go(func() {
		if err := f(); err != nil {
			g.once.Do(func() { g.err = err; g.cancel(err) })
		}
	})
}

func (g *group) Wait() error {
	g.wait.Wait()
	g.cancel(nil)
	return g.err
}

var errBroken = errors.New("task 5 is broken")

func main() {
	g, ctx := withContext(context.WithValue(context.Background(), "name", "root"))
	causes := make([]error, 10)
	for i := range 10 {
		g.run(func() error {
			if i == 5 {
				time.Sleep(5 * time.Millisecond)
				return fmt.Errorf("failed: %w", errBroken)
			}
			<-ctx.Done()
			causes[i] = context.Cause(ctx)
			return ctx.Err()
		})
	}
	err := g.Wait()
	fmt.Println(err, errors.Is(err, errBroken), ctx.Err(), ctx.Value("name"))
	for i, c := range causes {
		if i != 5 && !errors.Is(c, errBroken) {
			fmt.Println(i, c)
		}
	}

	g, _ = withContext(context.Background())
	var sum [4]int
	for i := range 4 {
		g.run(func() error { sum[i] = i * i; return nil })
	}
	fmt.Println(g.Wait(), sum)

	slow, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	child, cancelChild := context.WithCancel(slow)
	defer cancelChild()
	stopped := make(chan struct{})
	context.AfterFunc(child, func() { close(stopped) })
	<-stopped
	fmt.Println(child.Err(), slow.Err(), errors.Is(child.Err(), context.DeadlineExceeded))
}
