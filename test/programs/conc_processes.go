// Process pipelines with os/exec: output, input, exit codes, two processes joined by a pipe, one that is killed.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

func main() {
	out, err := exec.Command("echo", "hello", "from", "a child").Output()
	fmt.Printf("%q %v\n", out, err)

	c := exec.Command("tr", "a-z", "A-Z")
	c.Stdin = strings.NewReader("to upper case\n")
	out, err = c.CombinedOutput()
	fmt.Printf("%q %v\n", out, err)

	err = exec.Command("sh", "-c", "echo oops >&2; exit 3").Run()
	var exit *exec.ExitError
	fmt.Println(errors.As(err, &exit), err)

	first, second := exec.Command("seq", "1", "20000"), exec.Command("wc", "-l")
	second.Stdin, err = first.StdoutPipe()
	if err != nil {
		fmt.Println(err)
		return
	}
	var lines bytes.Buffer
	second.Stdout = &lines
	fmt.Println(second.Start(), first.Run(), second.Wait(), strings.TrimSpace(lines.String()))

	c = exec.Command("cat")
	in, _ := c.StdinPipe()
	outPipe, _ := c.StdoutPipe()
	fmt.Println(c.Start())
	go func() {
		for i := range 1000 {
			fmt.Fprintln(in, "line", i)
		}
		in.Close()
	}()
	all, err := io.ReadAll(outPipe)
	fmt.Println(len(all), err, c.Wait())

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c = exec.CommandContext(ctx, "sleep", "100")
	err = c.Start()
	time.AfterFunc(10*time.Millisecond, cancel) // not before there is a process to kill
	fmt.Println(err, c.Wait(), ctx.Err())

	c = exec.Command("sh", "-c", `echo "$GREETING in $(basename $PWD)"`)
	c.Env = append(os.Environ(), "GREETING=hi")
	c.Dir = "/tmp"
	out, err = c.Output()
	fmt.Printf("%q %v\n", out, err)
	_, err = exec.LookPath("no-such-program-anywhere")
	fmt.Println(err)
}
