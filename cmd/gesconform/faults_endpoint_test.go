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

// A share is which requests a trouble befalls, of those that come after the
// first few of a run.
type share string

const (
	some  share = "some"  // of every tenth that has not been seen before: its repetition is served well
	every share = "every" // all
	first share = "first" // each that has not been seen before, of which there are twice as many requests
)

// spared is how many requests of a run are served well before its trouble
// begins: the preflight, and a few cases that are judged.
const spared = 20

// A troubled endpoint serves the fake until its trouble begins.
type troubled struct {
	fake    *fakeserver.Server
	server  *httptest.Server
	share   share
	trouble func(e *troubled, w http.ResponseWriter, r *http.Request)

	mu     sync.Mutex
	came   int                        // requests in all
	struck int                        // those that the trouble befell
	seen   map[[sha256.Size]byte]bool // those that could have been struck
}

// withTrouble starts an endpoint. prepare, if there is one, has a look at the
// server before it listens.
func withTrouble(t *testing.T, share share, trouble func(*troubled, http.ResponseWriter, *http.Request)) *troubled {
	t.Helper()
	e := unstarted(t, share, trouble)
	e.server.Start()
	return e
}

func unstarted(t *testing.T, share share, trouble func(*troubled, http.ResponseWriter, *http.Request)) *troubled {
	t.Helper()
	e := &troubled{fake: fakeserver.New(fakeserver.WithJournal(0)), share: share, trouble: trouble, seen: map[[sha256.Size]byte]bool{}}
	e.server = httptest.NewUnstartedServer(e)
	t.Cleanup(e.server.Close)
	return e
}

func (e *troubled) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if e.strikes(r, body) {
		e.trouble(e, w, r)
		return
	}
	e.fake.ServeHTTP(w, r)
}

// strikes counts a request, and reports whether it is one of the share.
func (e *troubled) strikes(r *http.Request, body []byte) bool {
	var text strings.Builder
	_ = r.Header.WriteSubset(&text, map[string]bool{"X-Sdk-Date": true, "Authorization": true}) // a repetition has the date of its own second
	request := sha256.Sum256(fmt.Appendf(nil, "%s %s\n%s\n%s", r.Method, r.RequestURI, text.String(), body))
	e.mu.Lock()
	defer e.mu.Unlock()
	e.came++
	if e.came <= spared {
		return false
	}
	strikes := e.share == every
	if !e.seen[request] && !strikes && (e.share == first || r.Method != http.MethodHead) { // whose answer has no body to go wrong
		e.seen[request] = true
		strikes = e.share == first || len(e.seen)%10 == 0
	}
	if strikes {
		e.struck++
	}
	return strikes
}

// counts are how many requests came, and how many of them were struck.
func (e *troubled) counts() (came, struck int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.came, e.struck
}

// args are the arguments of a run that judges the endpoint with inert requests.
func (e *troubled) args(more ...string) []string {
	f := e.fake.Fixtures()
	return slices.Concat([]string{
		"run", "--endpoint", e.server.URL, "--project-id", f.ProjectID, "--graph-id", f.GraphID, "--token", f.Token, "--readonly-token", f.ReadonlyToken,
		"--expired-token", f.ExpiredToken, "--stopped-graph-id", f.StoppedGraphID, "--foreign-graph-id", f.ForeignGraphID,
		"--request-timeout", "500ms", "--concurrency", "32", "--seed", "1",
	}, more)
}

// onWire is a trouble that has the connection to itself, with the request read.
func onWire(act func(*net.TCPConn)) func(*troubled, http.ResponseWriter, *http.Request) {
	return func(_ *troubled, w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err) // no connection to have: the table is wrong
		}
		defer conn.Close()
		act(conn.(*net.TCPConn))
	}
}

// writes is a trouble that writes a text in the place of an answer.
func writes(text string) func(*troubled, http.ResponseWriter, *http.Request) {
	return onWire(func(c *net.TCPConn) { _, _ = io.WriteString(c, text) })
}

// hangsAfter is a trouble that writes a text and hangs.
func hangsAfter(text string) func(*troubled, http.ResponseWriter, *http.Request) {
	return onWire(func(c *net.TCPConn) { _, _ = io.WriteString(c, text); untilClosed(c) })
}

// answers is a trouble that gives an answer which is HTTP as it should be.
func answers(status int, body string, header ...string) func(*troubled, http.ResponseWriter, *http.Request) {
	return func(_ *troubled, w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}
