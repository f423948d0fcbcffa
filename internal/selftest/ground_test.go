package selftest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

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
	network func(c net.Conn, strikes func() bool) net.Conn // what it makes of a connection; nil leaves it alone
	lasts   int                                            // for how many requests; 0 for good
	want    string                                         // in the reason of what is not decided; "" if it passes and all is decided
	free    bool                                           // it may pass unnoticed
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

var losses = []loss{
	{name: "the token ends", want: "the credentials are no longer accepted", answers: func(w http.ResponseWriter, r *http.Request, f *fakeserver.Fixtures) bool {
		return ownToken(r, f) && refusal(w, http.StatusUnauthorized, "APIGW.0301")
	}},
	{name: "the token ends, and the service says so", want: "the credentials are no longer accepted", answers: func(w http.ResponseWriter, r *http.Request, f *fakeserver.Fixtures) bool {
		return ownToken(r, f) && refusal(w, http.StatusUnauthorized, "GES.7040")
	}},
	{name: "the token is refused for a while", lasts: 4, answers: func(w http.ResponseWriter, r *http.Request, f *fakeserver.Fixtures) bool {
		return ownToken(r, f) && refusal(w, http.StatusUnauthorized, "APIGW.0301")
	}},
	{name: "the permission is withdrawn", want: "permit upgrades", free: true, answers: func(w http.ResponseWriter, r *http.Request, f *fakeserver.Fixtures) bool {
		return ownToken(r, f) && r.Method == http.MethodPost && refusal(w, http.StatusForbidden, "GES.7041")
	}},
	{name: "connections are closed when they are used again", network: func(c net.Conn, strikes func() bool) net.Conn { return &stale{Conn: c, strikes: strikes} }},
	{name: "every permission is withdrawn", want: "the credentials ", answers: func(w http.ResponseWriter, r *http.Request, f *fakeserver.Fixtures) bool {
		return ownToken(r, f) && refusal(w, http.StatusForbidden, "APIGW.0302")
	}},
}

// A stale connection ends without a word when it is used again, as if the server had closed it
// in that moment.
type stale struct {
	net.Conn
	strikes  func() bool // whether it does so by now
	mu       sync.Mutex
	answered bool
}

// Read implements net.Conn.
func (c *stale) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answered = c.answered || n > 0
	if errors.Is(err, io.ErrClosedPipe) {
		err = io.EOF
	}
	return n, err
}

// Write implements net.Conn.
func (c *stale) Write(p []byte) (int, error) {
	c.mu.Lock()
	again := c.answered
	c.mu.Unlock()
	if again && c.strikes() {
		return len(p), c.Close()
	}
	return c.Conn.Write(p)
}

// TestWhatTheRunLostAccusesNobody puts each loss between the suite and the correct fake, at
// several moments and in each mode.
func TestWhatTheRunLostAccusesNobody(t *testing.T) {
	t.Parallel()
	suite := inprocess.Load(t)
	for _, l := range losses {
		for i, m := range modes {
			for _, after := range []int64{3, 20, 150, 240, 260, 280, 300, 340, 400} {
				if testing.Short() && (after != 20 || i < len(modes)-1) {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/%d", l.name, m.name, after), func(t *testing.T) {
					t.Parallel()
					var came, struck atomic.Int64
					o := suite.Judge(t, losing(&l, after, &came, &struck), func(c *config.Config) {
						m.configure(c)
						if dial := c.Dial; l.network != nil {
							c.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
								conn, err := dial(ctx, network, address)
								if err == nil {
									conn = l.network(conn, func() bool { return came.Load() >= after && struck.Add(1) > 0 })
								}
								return conn, err
							}
						}
					}, suite.Cases)
					if struck.Load() == 0 {
						if after < 150 {
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
							if undecided++; l.want != "" && !strings.Contains(r.Reason, l.want) {
								t.Errorf("%s: expected the reason to say %q, got %q", r.Case, l.want, r.Reason)
							}
						}
					}
					if lost := l.want != ""; lost != (undecided > 0) && !l.free {
						t.Errorf("expected undecided cases: %t, got %d", lost, undecided)
					}
					judgeAgain(t, suite, &o)
				})
			}
		}
	}
}

// losing returns the correct fake behind a loss that begins after so many requests.
func losing(l *loss, after int64, came, struck *atomic.Int64) inprocess.Server {
	return func(t *testing.T, network *inprocess.Listener) config.Config {
		fake := build(t)
		f := fake.Fixtures()
		return serve(t, network, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if came.Add(1) > after && l.answers != nil && (l.lasts == 0 || struck.Load() < int64(l.lasts)) {
				_, _ = io.Copy(io.Discard, r.Body)
				if l.answers(w, r, &f) {
					struck.Add(1)
					return
				}
			}
			fake.ServeHTTP(w, r)
		}), f)
	}
}

// TestAHealthyServerGetsNoControl checks that what tells losses from deviations costs a lawful
// server nothing.
func TestAHealthyServerGetsNoControl(t *testing.T) {
	t.Parallel()
	suite := inprocess.Load(t)
	for seed := range int64(3) {
		for _, m := range modes {
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
