// A pool of workers; tasks that take too long are given up by their caller.
package main

import (
	"fmt"
	"sort"
	"sync"
	"time"
)

type task struct {
	id     int
	hangs  bool
	result chan int
}

func worker(tasks <-chan task, quit <-chan struct{}, done *sync.WaitGroup) {
	defer done.Done()
	for t := range tasks {
		if t.hangs {
			<-quit // longer than anybody waits
		}
		t.result <- t.id * t.id
	}
}

func main() {
	tasks, quit := make(chan task), make(chan struct{})
	var workers sync.WaitGroup
	for range 8 {
		workers.Add(1)
		go worker(tasks, quit, &workers)
	}
	type answer struct {
		id, value int
		late      bool
	}
	answers := make(chan answer)
	for id := range 60 {
		go func() {
			t := task{id, id%15 == 7, make(chan int, 1)}
			tasks <- t
			patience := time.Hour
			if t.hangs {
				patience = 20 * time.Millisecond
			}
			select {
			case v := <-t.result:
				answers <- answer{id, v, false}
			case <-time.After(patience):
				answers <- answer{id, 0, true}
			}
		}()
	}
	var all []answer
	for range 60 {
		all = append(all, <-answers)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].id < all[j].id })
	late, sum := 0, 0
	for _, a := range all {
		if a.late {
			late++
			fmt.Println("task", a.id, "timed out")
		}
		sum += a.value
	}
	close(quit)
	close(tasks)
	workers.Wait()
	fmt.Println("late", late, "sum", sum)
}
