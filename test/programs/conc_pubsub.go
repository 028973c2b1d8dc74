// Publish and subscribe: each subscriber gets all messages of its topic, in order, from the time it subscribed.
package main

import (
	"fmt"
	"sync"
)

type broker struct {
	mu     sync.RWMutex
	topics map[string][]chan string
	closed bool
}

func (b *broker) subscribe(topic string) <-chan string {
	c := make(chan string, 3)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.topics[topic] = append(b.topics[topic], c)
	return c
}

func (b *broker) publish(topic, message string) int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, c := range b.topics[topic] {
		c <- message
	}
	return len(b.topics[topic])
}

func (b *broker) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for _, cs := range b.topics {
		for _, c := range cs {
			close(c)
		}
	}
}

func main() {
	b := &broker{topics: map[string][]chan string{}}
	var group sync.WaitGroup
	reports := make([]string, 9)
	for i := range 9 {
		topic := []string{"news", "sport", "weather"}[i%3]
		c := b.subscribe(topic)
		group.Go(func() {
			n, last, ordered := 0, "", true
			for m := range c {
				ordered = ordered && m > last
				last = m
				n++
			}
			reports[i] = fmt.Sprint(topic, " ", n, " ", last, " ", ordered)
		})
	}
	var publishers sync.WaitGroup
	for _, topic := range []string{"news", "sport", "nobody"} {
		publishers.Go(func() {
			reached := 0
			for i := range 500 {
				reached += b.publish(topic, fmt.Sprintf("%s %04d", topic, i))
			}
			if want := map[string]int{"news": 1500, "sport": 1500}[topic]; reached != want {
				panic(fmt.Sprint(topic, reached))
			}
		})
	}
	publishers.Wait()
	b.close()
	group.Wait()
	for _, r := range reports {
		fmt.Println(r)
	}
}
