// Maps under contention: one with a mutex, one in shards with RWMutexes, and sync.Map.
package main

import (
	"fmt"
	"hash/maphash"
	"sync"
	"sync/atomic"
)

type locked struct {
	mu sync.Mutex
	m  map[string]int
}

func (l *locked) add(k string, n int) {
	l.mu.Lock()
	l.m[k] += n
	l.mu.Unlock()
}

type sharded struct {
	seed   maphash.Seed
	shards [16]struct {
		mu sync.RWMutex
		m  map[string]int
	}
}

func (s *sharded) add(k string, n int) {
	shard := &s.shards[maphash.String(s.seed, k)%16]
	shard.mu.Lock()
	if shard.m == nil {
		shard.m = map[string]int{}
	}
	shard.m[k] += n
	shard.mu.Unlock()
}

func (s *sharded) get(k string) int {
	shard := &s.shards[maphash.String(s.seed, k)%16]
	shard.mu.RLock()
	defer shard.mu.RUnlock()
	return shard.m[k]
}

func main() {
	l, s := &locked{m: map[string]int{}}, &sharded{seed: maphash.MakeSeed()}
	var sm sync.Map
	var reads atomic.Int64
	var group sync.WaitGroup
	for g := range 20 {
		group.Go(func() {
			for i := range 1000 {
				k := fmt.Sprint("key", (g*7+i)%100)
				l.add(k, i)
				s.add(k, i)
				v, _ := sm.LoadOrStore(k, new(atomic.Int64))
				v.(*atomic.Int64).Add(int64(i))
				if s.get(k) >= 0 {
					reads.Add(1)
				}
			}
		})
	}
	group.Wait()
	total := 0
	for k, v := range l.m {
		total += v
		x, _ := sm.Load(k)
		if s.get(k) != v || x.(*atomic.Int64).Load() != int64(v) {
			fmt.Println("differ at", k)
		}
	}
	fmt.Println(len(l.m), total, reads.Load())
}
