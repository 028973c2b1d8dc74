// os/signal: Notify, Ignore, Stop, NotifyContext, and the default action that ends the program by the signal.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func send(s syscall.Signal) {
	if err := syscall.Kill(os.Getpid(), s); err != nil {
		fmt.Println(err)
	}
}

func main() {
	c := make(chan os.Signal, 4)
	signal.Notify(c, syscall.SIGUSR1, syscall.SIGUSR2)
	for range 3 {
		send(syscall.SIGUSR1)
		fmt.Println(<-c)
		send(syscall.SIGUSR2)
		fmt.Println(<-c)
	}
	signal.Ignore(syscall.SIGHUP)
	fmt.Println("ignored:", signal.Ignored(syscall.SIGHUP), signal.Ignored(syscall.SIGUSR1))
	send(syscall.SIGHUP)
	time.Sleep(20 * time.Millisecond) // a thread that has signals blocked for a moment drops it only then

	all := make(chan os.Signal, 4)
	signal.Notify(all)
	send(syscall.SIGINT)
	got := <-all
	for got == syscall.SIGURG { // the runtime's own request to stop; whoever wants all signals gets these, too
		got = <-all
	}
	fmt.Println("all:", got)
	signal.Stop(all)
	signal.Stop(c)

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT)
	send(syscall.SIGINT)
	<-ctx.Done()
	fmt.Println(ctx.Err())
	stop()

	signal.Reset()
	fmt.Println("now the default action")
	send(syscall.SIGTERM)
	time.Sleep(10 * time.Second)
	fmt.Println("still here")
}
