package main

// An HTTP server and 100 connections of a client exchange 10,000 requests on loopback.
import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s", r.Method, r.URL.Path, b)
	})}
	go srv.Serve(ln)
	tr := &http.Transport{MaxIdleConnsPerHost: 100, MaxConnsPerHost: 100}
	cl := &http.Client{Transport: tr, Timeout: 60 * time.Second}
	var good atomic.Int64
	var wg sync.WaitGroup
	for c := 0; c < 100; c++ {
		wg.Go(func() {
			for i := 0; i < 100; i++ {
				body := fmt.Sprintf("body-%d-%d", c, i)
				path := fmt.Sprintf("/p/%d/%d", c, i)
				resp, err := cl.Post("http://"+ln.Addr().String()+path, "text/plain", strings.NewReader(body))
				if err != nil {
					fmt.Println(err)
					continue
				}
				b, _ := io.ReadAll(resp.Body)
				resp.Body.Close()
				if string(b) == "POST "+path+" "+body {
					good.Add(1)
				}
			}
		})
	}
	wg.Wait()
	fmt.Println(good.Load())
	srv.Close()
}
