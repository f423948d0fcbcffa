package selftest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// A kind of request, which a server may fail at.
type kind struct {
	name string
	is   func(r *http.Request, body string, f *fakeserver.Fixtures) bool
	mode int  // the first of the modes that sends it
	once bool // it may not be sent again to see what it does, so that what comes after it is not its fault
	one  bool // only one request is of the kind: it must not be the last to be answered, whatever is sent at the same time
}

var kinds = []kind{
	{"an array as body", func(r *http.Request, body string, _ *fakeserver.Fixtures) bool {
		return r.Method == http.MethodPost && strings.HasPrefix(body, "[")
	}, 0, false, false},
	{"a version with a letter", func(_ *http.Request, body string, _ *fakeserver.Fixtures) bool {
		return strings.Contains(body, `"v`)
	}, 0, false, false},
	{"the read of an unknown job", func(r *http.Request, _ string, _ *fakeserver.Fixtures) bool {
		return strings.Contains(r.URL.Path, "no-such-job")
	}, 0, false, false},
	{"a token that may only read", func(r *http.Request, _ string, f *fakeserver.Fixtures) bool {
		return r.Method == http.MethodPost && r.Header.Get("X-Auth-Token") == f.ReadonlyToken
	}, 0, false, true},
	{"the graph's own version", func(r *http.Request, body string, f *fakeserver.Fixtures) bool {
		return r.Method == http.MethodPost && strings.Contains(r.URL.Path, f.GraphID) && !containsAny(body, f.Versions)
	}, 1, false, false},
	{"a forced upgrade", func(r *http.Request, body string, f *fakeserver.Fixtures) bool {
		return strings.Contains(r.URL.Path, f.GraphID) && strings.Contains(body, "true") && containsAny(body, f.Versions)
	}, 3, true, false},
}

func containsAny(s string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}

// A fault is what a server does with one kind of request.
type fault struct {
	name string
	// answers gives the answer to the request, after which the server is down or refuses
	// everybody for so long; nil if it is the correct one.
	answers func(w http.ResponseWriter, r *http.Request)
	then    func(w http.ResponseWriter, r *http.Request) // how it answers everybody after that
	lasts   time.Duration                                // negative: for good
	first   bool                                         // the request is taken on before
}

func drop(http.ResponseWriter, *http.Request)     { panic(http.ErrAbortHandler) }
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func answer(status int, code string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { refusal(w, status, code) }
}

var faults = []fault{
	{name: "drops", answers: drop},
	{name: "hangs", answers: hang},
	{name: "401", answers: answer(http.StatusUnauthorized, "APIGW.0301")},
	{name: "403", answers: answer(http.StatusForbidden, "APIGW.0302")},
	{name: "500", answers: answer(http.StatusInternalServerError, "GES.7006")},
	{name: "502", answers: answer(http.StatusBadGateway, "APIGW.0201")},
	{name: "takes it on and drops", answers: drop, first: true},
	{name: "takes it on and hangs", answers: hang, first: true},
	{name: "drops and is down for a second", answers: drop, then: drop, lasts: time.Second},
	{name: "is down for a second after it", then: drop, lasts: time.Second},
	{name: "refuses everybody for a second after it", then: answer(http.StatusUnauthorized, "APIGW.0301"), lasts: time.Second},
	{name: "permits nobody anything for a second after it", then: answer(http.StatusForbidden, "APIGW.0302"), lasts: time.Second},
	{name: "answers everybody 503 for a second after it", then: answer(http.StatusServiceUnavailable, "GES.7005"), lasts: time.Second},
	{name: "refuses everybody for good after it", then: answer(http.StatusUnauthorized, "APIGW.0301"), lasts: -1},
	{name: "is down for good after it", then: drop, lasts: -1},
}

// TestAServerThatFailsAtOneKindIsFound is the reverse of TestWhatTheRunLostAccusesNobody: what a
// server does wrong at one kind of request is not taken for a loss, unless it lasts for good. It tries each
// fault at each kind with TestAll, and half of the pairs without.
func TestAServerThatFailsAtOneKindIsFound(t *testing.T) {
	t.Parallel()
	suite := inprocess.Load(t)
	all := os.Getenv(inprocess.TestAll) != ""
	for i, f := range faults {
		for j, k := range kinds {
			if !inprocess.Sampled(i+j, 10) || !all && (i+j)%2 > 0 || f.name == "403" && k.name == "a token that may only read" {
				continue // the latter is lawful
			}
			t.Run(f.name+"/"+k.name, func(t *testing.T) {
				t.Parallel()
				judgeFault(t, suite, &f, &k)
			})
		}
	}
}

func judgeFault(t *testing.T, suite inprocess.Suite, f *fault, k *kind) {
	s := &failing{fault: f, kind: k}
	o := suite.Judge(t, s.server, func(c *config.Config) {
		modes[k.mode].configure(c)
		if k.one {
			c.Concurrency = 1
		}
	}, suite.Cases)
	if !s.struck {
		t.Fatal("expected the fault to strike: the test shows nothing")
	}
	broken := map[string][]string{}
	undecided := 0
	for _, r := range o.Results {
		for _, d := range r.Deviations(false) {
			broken[d.Requirement] = append(broken[d.Requirement], r.Case+": "+d.Got)
		}
		if r.Verdict == judge.Error && strings.Contains(r.Reason, "the last request before that which was not a plain one: ") {
			undecided++
		}
	}
	switch {
	case f.lasts < 0 && len(broken) > 0:
		t.Errorf("expected no deviation, since nobody can tell, got %v", broken)
	case f.lasts < 0 && undecided == 0:
		t.Errorf("expected undecided cases that name the request after which it happened, got %v", reasons(o.Results))
	case f.lasts > 0 && k.once && f.answers == nil:
		if len(broken) > 0 {
			t.Errorf("expected no deviation, got %v", broken)
		}
	case f.lasts >= 0 && len(broken) == 0:
		t.Errorf("expected a deviation, got none; %v", reasons(o.Results))
	case f.lasts > 0 && broken["request.answered"] == nil:
		t.Errorf("expected request.answered to be broken, got %v", broken)
	}
	judgeAgain(t, suite, &o)
	extra := 0
	for _, x := range o.Exchanges {
		if x.Aim == "control" || strings.HasPrefix(x.Aim, "repeats ") {
			extra++
		}
	}
	if extra > 1300 {
		t.Errorf("expected few requests more, got %d of %d", extra, len(o.Exchanges))
	}
}

// reasons returns why cases are not decided, with how often.
func reasons(results []judge.Result) []string {
	count := map[string]int{}
	for _, r := range results {
		if r.Verdict == judge.Error {
			count[r.Reason]++
		}
	}
	var all []string
	for reason, n := range count {
		all = append(all, fmt.Sprintf("%d× %s", n, reason))
	}
	slices.Sort(all)
	return all
}

// failing is a server that fails at one kind of request.
type failing struct {
	fault  *fault
	kind   *kind
	mu     sync.Mutex
	struck bool
	until  time.Time
}

// strikes reports whether the request is of the kind, and whether the server fails for everybody.
func (s *failing) strikes(r *http.Request, body string, f *fakeserver.Fixtures) (kind, everybody bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	everybody = s.struck && s.fault.then != nil && (s.fault.lasts < 0 || time.Now().Before(s.until))
	if kind = !everybody && s.kind.is(r, body, f); kind {
		s.struck, s.until = true, time.Now().Add(s.fault.lasts)
	}
	return kind, everybody
}

func (s *failing) server(t *testing.T, network *inprocess.Listener) config.Config {
	fake := build(t)
	f := fake.Fixtures()
	return serve(t, network, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		kind, everybody := s.strikes(r, string(body), &f)
		switch {
		case everybody:
			s.fault.then(w, r)
		case kind && s.fault.answers != nil:
			if s.fault.first {
				fake.ServeHTTP(discarding{http.Header{}}, r)
			}
			s.fault.answers(w, r)
		default:
			fake.ServeHTTP(w, r)
		}
	}), f)
}

// discarding discards an answer.
type discarding struct{ header http.Header }

func (d discarding) Header() http.Header         { return d.header }
func (d discarding) Write(p []byte) (int, error) { return len(p), nil }
func (d discarding) WriteHeader(int)             {}
