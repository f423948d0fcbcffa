package fakeserver_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// connections is how many clients upgrade at once, each its own graph.
const connections = 16

// fleet is a scenario with a graph for each connection.
func fleet(graphs int) *scenario.Scenario {
	s := scenario.Default()
	s.Upgrades = []scenario.Upgrade{{}} // they take no time, so that each request is accepted
	for i := range graphs {
		s.Graphs = append(s.Graphs, scenario.Graph{Name: fmt.Sprintf("fleet_%d", i), ID: fmt.Sprintf("fleet-%d", i), Project: s.Projects[0].Name})
	}
	return s
}

// bare is the floor: it decodes the body and answers a job_id.
func bare(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Version string `json:"upgrade_version"`
		Force   bool   `json:"force_upgrade"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"job_id": "f99f60f1-bba6-4cde-bd1a-ff4bdd1fd500000168232"})
}

// A caller upgrades one graph over and over on one connection. It does as
// little as it can, so that the time is the server's.
type caller struct {
	conn   net.Conn
	reader *bufio.Reader
	head   []byte // up to the length of the body
	next   int
	out    []byte
}

func newCaller(b *testing.B, addr, graph string, f fakeserver.Fixtures) *caller {
	b.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	head := fmt.Sprintf("POST /v2/%s/graphs/%s/upgrade HTTP/1.1\r\nHost: %s\r\nX-Auth-Token: %s\r\nContent-Type: application/json\r\nContent-Length: ",
		f.ProjectID, graph, addr, f.Token)
	return &caller{conn: conn, reader: bufio.NewReader(conn), head: []byte(head), next: 9}
}

func (c *caller) upgrade() error {
	body := `{"upgrade_version":"2.2.` + strconv.Itoa(c.next) + `","force_upgrade":false}`
	c.next++
	c.out = append(c.out[:0], c.head...)
	c.out = strconv.AppendInt(c.out, int64(len(body)), 10)
	c.out = append(append(c.out, "\r\n\r\n"...), body...)
	if _, err := c.conn.Write(c.out); err != nil {
		return err
	}
	length := 0
	for first := true; ; first = false {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
			rest, _ := io.ReadAll(io.LimitReader(c.reader, int64(c.reader.Buffered())))
			return fmt.Errorf("expected 200, got %s%s", line, rest)
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
		if len(line) <= 2 {
			break
		}
	}
	_, err := c.reader.Discard(length)
	return err
}

// A side is a server under load.
type side struct {
	callers []*caller
	took    time.Duration
}

func newSide(b *testing.B, h http.Handler, f fakeserver.Fixtures) *side {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() { _ = server.Close() })
	s := &side{}
	for i := range connections {
		s.callers = append(s.callers, newCaller(b, listener.Addr().String(), fmt.Sprintf("fleet-%d", i), f))
	}
	return s
}

// round sends a number of requests on each connection.
func (s *side) round(b *testing.B, requests int) {
	b.Helper()
	start := time.Now()
	var all sync.WaitGroup
	for _, c := range s.callers {
		all.Go(func() {
			for range requests {
				if err := c.upgrade(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	s.took += time.Since(start)
}

// The fake with all that it does (judging the request, state, jobs, journal)
// against a handler that does next to nothing, in turns.
func BenchmarkThroughput(b *testing.B) {
	fake := fakeserver.New(fakeserver.WithScenario(fleet(connections)))
	f := fake.Fixtures()
	ours, floor := newSide(b, fake, f), newSide(b, http.HandlerFunc(bare), f)
	const requests = 200
	ours.round(b, requests)
	floor.round(b, requests)
	ours.took, floor.took = 0, 0
	for b.Loop() {
		floor.round(b, requests)
		ours.round(b, requests)
	}
	sent := float64(b.N * connections * requests)
	b.ReportMetric(sent/ours.took.Seconds(), "req/s")
	b.ReportMetric(sent/floor.took.Seconds(), "bare-req/s")
	b.ReportMetric(floor.took.Seconds()/ours.took.Seconds(), "of-bare")
}
