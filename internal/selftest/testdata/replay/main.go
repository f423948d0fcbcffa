// Command replay is the baseline of the benchmarks of a run: a bare client that starts the
// fake server in its own process and sends it the requests of a recorded run, with the same
// concurrency and waits, without judging.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
)

// A request is one of the record.
type request struct {
	Method string        `json:"method"`
	Path   string        `json:"path"`
	Header http.Header   `json:"header"`
	Body   []byte        `json:"body"`
	Pooled bool          `json:"pooled"` // may go beside others
	Fresh  bool          `json:"fresh"`  // goes on a connection of its own
	Wait   time.Duration `json:"wait"`   // how long the run waited after it, because the job was under way
}

func main() {
	debug.SetGCPercent(400)
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(record string) error {
	data, err := os.ReadFile(record)
	if err != nil {
		return err
	}
	var requests []request
	if err := json.Unmarshal(data, &requests); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		_ = http.Serve(listener, fakeserver.New(fakeserver.WithUpgradeTimes(20*time.Millisecond, 0))) //nolint:gosec // ends with the process
	}()
	client, fresh := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: -1}}
	send := func(r request) {
		u := &url.URL{Scheme: "http", Host: listener.Addr().String(), Opaque: "//" + listener.Addr().String() + r.Path}
		by := client
		if r.Fresh {
			by = fresh
		}
		response, err := by.Do(&http.Request{
			Method: r.Method, URL: u, Header: r.Header, Body: io.NopCloser(bytes.NewReader(r.Body)), ContentLength: int64(len(r.Body)),
		})
		if err != nil {
			panic(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	work := make(chan request)
	var workers sync.WaitGroup
	for range 16 {
		workers.Go(func() {
			for r := range work {
				send(r)
			}
		})
	}
	for _, r := range requests {
		if r.Pooled {
			work <- r
		}
	}
	close(work)
	workers.Wait()
	for _, r := range requests {
		if r.Pooled {
			continue
		}
		send(r)
		time.Sleep(r.Wait)
	}
	return nil
}
