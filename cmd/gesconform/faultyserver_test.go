package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
)

// affected says which requests, after the first few of a run, get the fault instead of an
// answer.
type affected string

const (
	some  affected = "some"  // every third new one; its repetition gets a correct answer
	third affected = "third" // every third one, each time, but not the read with which a run begins
	every affected = "every" // all
	first affected = "first" // each new one; its repetition gets a correct answer
)

// someCases selects cases of all methods that send enough requests for some to be affected.
const someCases = "security || upgradeGraph && path || method"

// servedWell is how many requests get a correct answer before the faults begin: the preflight
// and a few cases.
const servedWell = 20

// A fault writes something wrong instead of an answer, or nothing.
type fault func(e *faultyServer, w http.ResponseWriter, r *http.Request)

// A faultyServer serves the fake, except for the requests that get the fault.
type faultyServer struct {
	fake     *fakeserver.Server
	server   *httptest.Server
	affected affected
	plain    [sha256.Size]byte // the first request
	fault    fault

	mu     sync.Mutex
	came   int                        // requests in all
	faulty int                        // those that got the fault
	seen   map[[sha256.Size]byte]bool // those that could have got it
}

func startFaulty(t *testing.T, affected affected, fault fault) *faultyServer {
	t.Helper()
	e := newFaulty(t, affected, fault)
	e.server.Start()
	return e
}

// startInMemory starts a server in memory, for a bubble of testing/synctest.
func startInMemory(t *testing.T, affected affected, fault fault) *faultyServer {
	t.Helper()
	e := newFaulty(t, affected, fault)
	_ = e.server.Listener.Close()
	e.server.Listener = listenInMemory(t)
	e.server.Start()
	return e
}

// newFaulty returns a server that does not listen yet.
func newFaulty(t *testing.T, affected affected, fault fault) *faultyServer {
	t.Helper()
	e := &faultyServer{fake: fakeserver.New(fakeserver.WithJournal(0)), affected: affected, fault: fault, seen: map[[sha256.Size]byte]bool{}}
	e.server = httptest.NewUnstartedServer(e)
	t.Cleanup(e.server.Close)
	return e
}

func (e *faultyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if e.isFaulty(r, body) {
		e.fault(e, w, r)
		return
	}
	e.fake.ServeHTTP(w, r)
}

// isFaulty counts a request, and reports whether it gets the fault.
func (e *faultyServer) isFaulty(r *http.Request, body []byte) bool {
	var text strings.Builder
	_ = r.Header.WriteSubset(&text, map[string]bool{"X-Sdk-Date": true, "Authorization": true}) // these differ when a request is repeated
	request := sha256.Sum256(fmt.Appendf(nil, "%s %s\n%s\n%s", r.Method, r.RequestURI, text.String(), body))
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.came++; e.came == 1 {
		e.plain = request
	}
	if e.came <= servedWell {
		return false
	}
	faulty := e.affected == every && r.Method != http.MethodHead // a body in answer to that is a fault of another kind
	if e.affected == third && request != e.plain {
		if _, again := e.seen[request]; !again {
			e.seen[request] = r.Method != http.MethodHead && len(e.seen)%3 == 0
		}
		faulty = e.seen[request]
	} else if !e.seen[request] && !faulty && (e.affected == first || r.Method != http.MethodHead) { // whose answer has no body to go wrong
		e.seen[request] = true
		faulty = e.affected == first || len(e.seen)%3 == 0
	}
	if faulty {
		e.faulty++
	}
	return faulty
}

// counts returns how many requests came, and how many of them got the fault.
func (e *faultyServer) counts() (came, faulty int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.came, e.faulty
}

// args returns the arguments of a run that judges the endpoint with inert requests.
func (e *faultyServer) args(more ...string) []string {
	f := e.fake.Fixtures()
	return slices.Concat([]string{
		"run", "--endpoint", e.server.URL, "--project-id", f.ProjectID, "--graph-id", f.GraphID, "--token", f.Token, "--readonly-token", f.ReadonlyToken,
		"--expired-token", f.ExpiredToken, "--stopped-graph-id", f.StoppedGraphID, "--foreign-graph-id", f.ForeignGraphID,
		"--request-timeout", "2s", "--concurrency", "32", "--seed", "1",
	}, more)
}

// onWire returns a fault that calls act with the connection, from which the request has
// been read.
func onWire(act func(net.Conn)) func(*faultyServer, http.ResponseWriter, *http.Request) {
	return func(_ *faultyServer, w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err) // a mistake in the test: the connection cannot be hijacked, as over HTTP/2
		}
		defer conn.Close()
		act(conn)
	}
}

// writes returns a fault that writes a text instead of an answer.
func writes(text string) func(*faultyServer, http.ResponseWriter, *http.Request) {
	return onWire(func(c net.Conn) { _, _ = io.WriteString(c, text) })
}

// hangsAfter returns a fault that writes a text and then hangs.
func hangsAfter(text string) func(*faultyServer, http.ResponseWriter, *http.Request) {
	return onWire(func(c net.Conn) { _, _ = io.WriteString(c, text); untilClosed(c) })
}

// answers returns a fault that is a complete HTTP answer.
func answers(status int, body string, header ...string) func(*faultyServer, http.ResponseWriter, *http.Request) {
	return func(_ *faultyServer, w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}
