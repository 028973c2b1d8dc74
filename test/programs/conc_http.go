// An HTTP server and its clients on loopback: 2,000 requests over 20 connections, with the right bodies.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /square/{n}", func(w http.ResponseWriter, r *http.Request) {
		var n int
		if _, err := fmt.Sscan(r.PathValue("n"), &n); err != nil {
			http.Error(w, "not a number", http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, "%d squared is %d", n, n*n)
	})
	mux.HandleFunc("POST /upper", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		io.WriteString(w, strings.ToUpper(string(body)))
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := &http.Server{Handler: mux}
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()
	base := "http://" + listener.Addr().String()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 20, MaxConnsPerHost: 20}, Timeout: time.Minute}
	var group sync.WaitGroup
	var mu sync.Mutex
	right, wrong := 0, ""
	for g := range 20 {
		group.Go(func() {
			for i := range 100 {
				n := g*100 + i
				want := fmt.Sprintf("%d squared is %d", n, n*n)
				resp, err := client.Get(fmt.Sprint(base, "/square/", n))
				have := ""
				if err != nil {
					have = err.Error()
				} else {
					body, _ := io.ReadAll(resp.Body)
					resp.Body.Close()
					have = string(body)
				}
				mu.Lock()
				if have == want {
					right++
				} else {
					wrong = have
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	fmt.Println("right:", right, wrong)
	for _, path := range []string{"/square/x", "/nowhere"} {
		resp, err := client.Get(base + path)
		if err != nil {
			fmt.Println(err)
			continue
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Println(resp.Status, resp.Header.Get("Content-Type"), strings.TrimSpace(string(body)))
	}
	resp, err := client.Post(base+"/upper", "text/plain", strings.NewReader(strings.Repeat("gale ", 20000)))
	if err == nil {
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Println(resp.StatusCode, len(body), string(body[:9]))
	} else {
		fmt.Println(err)
	}
	server.Close()
	fmt.Println(<-served)
}
