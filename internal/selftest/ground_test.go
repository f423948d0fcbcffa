package selftest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// A loss is what a run may lose, apart from the server.
type loss struct {
	name string
	// answers reports whether it answers a request instead of the correct fake.
	answers func(w http.ResponseWriter, r *http.Request, f *fakeserver.Fixtures) bool
	acts    func(fake *fakeserver.Server, f *fakeserver.Fixtures) // what somebody else does, once
	network func(c net.Conn, s *striking) net.Conn                // what it makes of a connection; nil leaves it alone
	dials   func() error                                          // why there are no new connections, if there are none
	lasts   int                                                   // for how many requests; 0 for good
	passes  time.Duration                                         // for how long; 0 for good
	rate    float64                                               // requests per second; 0 for no limit
	want    string                                                // in the reason of what is not decided; "" if it passes and all is decided
	free    bool                                                  // it may pass unnoticed
}

func refusal(w http.ResponseWriter, status int, code string) bool {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error_code":%q,"error_msg":"no"}`, code)
	return true
}

func ownToken(r *http.Request, f *fakeserver.Fixtures) bool {
	return r.Header.Get("X-Auth-Token") == f.Token
}

// saying returns an answer to everybody.
func saying(status int, body string) func(http.ResponseWriter, *http.Request, *fakeserver.Fixtures) bool {
	return func(w http.ResponseWriter, _ *http.Request, _ *fakeserver.Fixtures) bool {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
		return true
	}
}

// refusing returns a refusal of the run's own credentials.
func refusing(status int, code string) func(http.ResponseWriter, *http.Request, *fakeserver.Fixtures) bool {
	return func(w http.ResponseWriter, r *http.Request, f *fakeserver.Fixtures) bool {
		return ownToken(r, f) && refusal(w, status, code)
	}
}

// somebodyElse returns what a correct server answers when somebody else has changed the graph.
func somebodyElse(status, code string) func(http.ResponseWriter, *http.Request, *fakeserver.Fixtures) bool {
	return func(w http.ResponseWriter, r *http.Request, f *fakeserver.Fixtures) bool {
		about, ok := strings.CutPrefix(r.URL.Path, "/v2/"+f.ProjectID+"/graphs/"+f.GraphID)
		switch {
		case !ok || !ownToken(r, f):
			return false
		case r.Method == http.MethodPost && about == "/upgrade":
			return refusal(w, http.StatusBadRequest, code)
		case status == "": // deleted
			return r.Method == http.MethodGet && refusal(w, http.StatusBadRequest, code)
		case r.Method == http.MethodGet && about == "":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"graph":{"id":%q,"name":"ges_demo","status":%q,"data_store_version":"2.2.8"}}`, f.GraphID, status)
			return true
		}
		return false
	}
}

var losses = []loss{
	{name: "the token ends", want: "the credentials are no longer accepted", answers: refusing(http.StatusUnauthorized, "APIGW.0301")},
	{name: "the token ends, and the service says so", want: "the credentials are no longer accepted", answers: refusing(http.StatusUnauthorized, "GES.7040")},
	{name: "the token is refused for a while", lasts: 4, answers: refusing(http.StatusUnauthorized, "APIGW.0301")},
	{name: "the permission is withdrawn", want: "permit upgrades", free: true, answers: func(w http.ResponseWriter, r *http.Request, f *fakeserver.Fixtures) bool {
		return ownToken(r, f) && r.Method == http.MethodPost && refusal(w, http.StatusForbidden, "GES.7041")
	}},
	{name: "the token that may only read ends", want: "the credentials that may only read are not accepted", free: true, answers: func(w http.ResponseWriter, r *http.Request, f *fakeserver.Fixtures) bool {
		return r.Header.Get("X-Auth-Token") == f.ReadonlyToken && refusal(w, http.StatusUnauthorized, "APIGW.0301")
	}},
	{name: "every permission is withdrawn", want: "the credentials ", answers: refusing(http.StatusForbidden, "APIGW.0302")},
	{name: "connections are closed when they are used again", network: func(c net.Conn, s *striking) net.Conn { return &stale{Conn: c, strikes: s.strikes} }},
	{name: "idle connections are closed behind a slow network", rate: 16, free: true, network: func(c net.Conn, s *striking) net.Conn {
		return &stale{Conn: c, strikes: s.strikes, idle: 60 * time.Millisecond, latency: 30 * time.Millisecond}
	}},
	{name: "the network resets for a while", passes: 2500 * time.Millisecond, network: func(c net.Conn, s *striking) net.Conn { return &faulty{Conn: c, strikes: s.strikes} }},
	{name: "the network resets some for a while", passes: 2500 * time.Millisecond, rate: 50, network: func(c net.Conn, s *striking) net.Conn {
		return &faulty{Conn: c, strikes: s.strikes, oneIn: &s.oneIn}
	}},
	{name: "the network holds bytes for a while", passes: 2500 * time.Millisecond, network: func(c net.Conn, s *striking) net.Conn { return &faulty{Conn: c, strikes: s.strikes, holds: true} }},
	{name: "the server is restarted", passes: time.Second, dials: func() error { return syscall.ECONNREFUSED }, network: func(c net.Conn, s *striking) net.Conn { return &faulty{Conn: c, strikes: s.strikes} }},
	{name: "the server is gone", want: "the endpoint can no longer be reached", dials: func() error { return syscall.ECONNREFUSED }, network: func(c net.Conn, s *striking) net.Conn { return &faulty{Conn: c, strikes: s.strikes} }},
	{name: "a proxy makes no connections for a while", passes: 3 * time.Second, free: true, dials: func() error { return errors.New("Service Unavailable") }},
	{name: "a proxy makes no connections any more", want: "the endpoint can no longer be reached", free: true, dials: func() error { return errors.New("Proxy Authentication Required") }},
	{name: "a proxy wants credentials", want: "the proxy refuses", answers: saying(http.StatusProxyAuthRequired, "no")},
	{name: "a gateway has no backend for a while", passes: 2 * time.Second, answers: saying(http.StatusBadGateway, "<h1>502</h1>")},
	{name: "a gateway has no backend any more", want: "the endpoint only answers with server errors", answers: saying(http.StatusServiceUnavailable, "<h1>503</h1>")},
	{name: "somebody else deletes the graph", want: "the graph is no longer there", free: true, answers: somebodyElse("", "GES.7000")},
	{name: "somebody else stops the graph", want: "the graph is no longer running", free: true, answers: somebodyElse("900", "GES.7003")},
	{name: "somebody else upgrades the graph", want: "someone else may have upgraded the graph", free: true, acts: upgrading(func(*fakeserver.Fixtures) string { return "99.0.0" })},
	{name: "somebody else upgrades the graph to a version on offer", want: "someone else may have upgraded the graph", free: true, acts: upgrading(func(f *fakeserver.Fixtures) string { return f.Versions[len(f.Versions)/2] })},
}

// upgrading is an upgrade that somebody else starts.
func upgrading(to func(*fakeserver.Fixtures) string) func(*fakeserver.Server, *fakeserver.Fixtures) {
	return func(fake *fakeserver.Server, f *fakeserver.Fixtures) {
		r := httptest.NewRequest(http.MethodPost, "/v2/"+f.ProjectID+"/graphs/"+f.GraphID+"/upgrade", strings.NewReader(fmt.Sprintf(`{"upgrade_version":%q}`, to(f))))
		r.Header.Set("X-Auth-Token", f.Token)
		r.Header.Set("Content-Type", "application/json")
		fake.ServeHTTP(httptest.NewRecorder(), r)
	}
}

// A faulty connection fails while a loss strikes.
type faulty struct {
	net.Conn
	strikes func() bool
	holds   bool   // it passes nothing on, and does not fail
	oneIn   *oneIn // only one of so many fails; nil for all
}

// oneIn is true each seventh time.
type oneIn struct{ came atomic.Int64 }

func (o *oneIn) next() bool { return o == nil || o.came.Add(1)%7 == 0 }

// Read implements net.Conn.
func (c *faulty) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 || err == nil {
		if failed := c.fail(); failed != nil {
			return 0, failed
		}
	}
	return n, err
}

// Write implements net.Conn.
func (c *faulty) Write(p []byte) (int, error) {
	if err := c.fail(); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

func (c *faulty) fail() error {
	for c.holds && c.strikes() {
		time.Sleep(100 * time.Millisecond) // of the bubble's time
	}
	if c.holds || !c.strikes() || !c.oneIn.next() {
		return nil
	}
	_ = c.Conn.Close()
	return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
}

// A stale connection ends without a word when it is used again, as if the server had closed it
// in that moment.
type stale struct {
	net.Conn
	strikes  func() bool   // whether it does so by now
	idle     time.Duration // only if it was idle for so long
	latency  time.Duration // of what is read
	mu       sync.Mutex
	answered bool
	last     time.Time // when it was last used
}

// Read implements net.Conn.
func (c *stale) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && c.latency > 0 {
		time.Sleep(c.latency) // of the bubble's time
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answered, c.last = c.answered || n > 0 && !bytes.HasPrefix(p[:n], []byte("HTTP/1.1 100")), time.Now() // before the body is sent, too
	if errors.Is(err, io.ErrClosedPipe) {
		err = io.EOF
	}
	return n, err
}

// Write implements net.Conn.
func (c *stale) Write(p []byte) (int, error) {
	c.mu.Lock()
	again := c.answered && time.Since(c.last) >= c.idle
	c.mu.Unlock()
	if again && c.strikes() {
		return len(p), c.Close()
	}
	return c.Conn.Write(p)
}

// moments are after how many requests a loss begins.
var moments = []int64{3, 20, 150, 240, 260, 280, 300, 340, 400}

// TestWhatTheRunLostAccusesNobody puts each loss between the suite and the correct fake, at
// several moments and in each mode: at all of them with TestAll, at a twelfth of them without.
func TestWhatTheRunLostAccusesNobody(t *testing.T) {
	t.Parallel()
	suite := inprocess.Load(t)
	all := os.Getenv(inprocess.TestAll) != ""
	sample := testing.Short() || os.Getenv(inprocess.TestSample) != ""
	for i, l := range losses {
		for j, m := range modes {
			for n, after := range moments {
				if !all && (i+4*j+n)%12 > 0 || sample && (j < len(modes)-1 || after != moments[i%3+1]) {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/%d", l.name, m.name, after), func(t *testing.T) {
					t.Parallel()
					judgeLoss(t, suite, &l, m.configure, after)
				})
			}
		}
	}
}

// judgeLoss judges the correct fake behind a loss that begins after so many requests.
func judgeLoss(t *testing.T, suite inprocess.Suite, l *loss, configure func(*config.Config), after int64) {
	s := &striking{loss: l, after: after}
	o := suite.Judge(t, s.server, func(c *config.Config) {
		configure(c)
		if l.rate > 0 {
			c.Rate = l.rate
		}
		dial := c.Dial
		c.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if l.dials != nil && s.strikes() {
				return nil, l.dials()
			}
			conn, err := dial(ctx, network, address)
			if err == nil && l.network != nil {
				conn = l.network(conn, s)
			}
			return conn, err
		}
	}, suite.Cases)
	if s.struck.Load() == 0 {
		if after < 150 && !l.free {
			t.Error("expected the loss to strike: the test shows nothing")
		}
		return // the run was over before
	}
	undecided := 0
	for _, r := range o.Results {
		for _, f := range r.Deviations(true) {
			if f.Requirement != "request.answered-at-first" { // what passed when it was asked again
				t.Errorf("%s: %s: %s: %s", r.Case, f.Verdict, f.Requirement, f.Got)
			}
		}
		if r.Verdict == judge.Error {
			if undecided++; l.want != "" && !strings.Contains(r.Reason, l.want) && !strings.HasSuffix(r.Case, "/head") { // a 503 to HEAD says nobody whose it is
				t.Errorf("%s: expected the reason to say %q, got %q", r.Case, l.want, r.Reason)
			}
		}
	}
	if lost := l.want != ""; lost && undecided == 0 && !l.free {
		t.Error("expected undecided cases, got none")
	} else if !lost && undecided > 0 && l.passes == 0 {
		t.Errorf("expected every case to be decided, got %d that are not", undecided)
	}
	judgeAgain(t, suite, &o)
}

// striking is a loss as it strikes during a run.
type striking struct {
	loss   *loss
	after  int64
	came   atomic.Int64 // requests
	struck atomic.Int64 // how often it struck
	first  atomic.Pointer[time.Time]
	oneIn  oneIn
}

// active reports whether the loss strikes now whatever it applies to.
func (s *striking) active() bool {
	if s.came.Load() < s.after || s.loss.lasts > 0 && s.struck.Load() >= int64(s.loss.lasts) {
		return false
	}
	now := time.Now()
	s.first.CompareAndSwap(nil, &now)
	return s.loss.passes == 0 || now.Sub(*s.first.Load()) < s.loss.passes
}

// strikes does the same and counts it.
func (s *striking) strikes() bool { return s.active() && s.struck.Add(1) > 0 }

// server serves the correct fake behind the loss.
func (s *striking) server(t *testing.T, network *inprocess.Listener) config.Config {
	fake := build(t)
	f := fake.Fixtures()
	return serve(t, network, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.came.Add(1) == s.after && s.loss.acts != nil {
			s.struck.Add(1)
			s.loss.acts(fake, &f)
		}
		if s.loss.answers != nil && s.active() && s.loss.answers(w, r, &f) {
			s.struck.Add(1)
			_, _ = io.Copy(io.Discard, r.Body)
			return
		}
		fake.ServeHTTP(w, r)
	}), f)
}

// TestAHealthyServerGetsNoControl checks that what tells losses from deviations costs a lawful
// server nothing.
func TestAHealthyServerGetsNoControl(t *testing.T) {
	t.Parallel()
	suite := inprocess.Load(t)
	for seed := range int64(3) {
		for i, m := range modes {
			if !inprocess.Sampled(int(seed)+i, 4) {
				continue
			}
			o := suite.Judge(t, fake(fakeserver.WithVariations(seed)), m.configure, suite.Cases)
			for _, x := range o.Exchanges {
				if x.Aim == "control" {
					t.Errorf("%s, seed %d: %s got a control", m.name, seed, x.Case)
				}
			}
			if len(o.Exchanges) < 200 {
				t.Errorf("%s, seed %d: expected a whole run, got %d exchanges", m.name, seed, len(o.Exchanges))
			}
		}
	}
}
