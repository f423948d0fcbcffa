package implied_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

// every calls one handler for each nth request, and another for the others.
func every(n int64, odd, usual http.Handler) http.Handler {
	var count atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if count.Add(1)%n == 0 {
			odd.ServeHTTP(w, r)
		} else {
			usual.ServeHTTP(w, r)
		}
	})
}

// after calls one handler for the first n requests, and another then.
func after(n int64, first, then http.Handler) http.Handler {
	var count atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if count.Add(1) <= n {
			first.ServeHTTP(w, r)
		} else {
			then.ServeHTTP(w, r)
		}
	})
}

func status(code int, header ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	})
}

// drop ends the connection without an answer.
var drop = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })

// gone shows pet 7 only for a while.
func gone(w http.ResponseWriter, _ *http.Request) bool {
	w.WriteHeader(http.StatusNotFound)
	return true
}

// Nobody is accused who keeps to the document, whatever the make of the server, nor for what
// happens to a run from outside.
func TestNobodyIsAccused(t *testing.T) {
	tests := map[string]struct {
		handler http.Handler
		failure string // a part of it
		fewest  int    // cases that conform
	}{
		"as documented":                 {petServer{}, "", 20},
		"limits the rate":               {every(3, status(429, "Retry-After", "0"), petServer{}), "", 20},
		"is overloaded now and then":    {every(7, status(503, "Retry-After", "0"), petServer{}), "", 20},
		"drops a connection at times":   {every(5, drop, petServer{}), "", 15},
		"fails now and then":            {every(5, status(500), petServer{}), "", 10},
		"calls every request invalid":   {status(422), "", 0},
		"is something else":             {status(404), "", 0},
		"refuses the credentials":       {status(401), "", 0},
		"credentials end":               {after(15, petServer{}, status(401)), "401", 2},
		"credentials end early":         {after(3, petServer{}, status(401)), "401", 1},
		"goes away":                     {after(15, petServer{}, drop), "no longer pass", 2},
		"goes away at once":             {drop, "does not answer", 0},
		"fails from some time on":       {after(15, petServer{}, status(500)), "no longer pass", 2},
		"throttles for ever after some": {after(15, petServer{}, status(429, "Retry-After", "0")), "throttles", 2},
		"an item vanishes":              {after(12, petServer{}, petServer{show: gone}), "", 5},
		"another page of text": {petServer{show: func(w http.ResponseWriter, _ *http.Request) bool {
			http.Error(w, "<h1>405</h1>", http.StatusMethodNotAllowed)
			return true
		}}, "", 10},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := judged(t, pets, tt.handler, func(o *implied.Options) {
				withKey(o)
				o.Concurrency = 4
			})
			if got := broken(report, judge.Deviates); len(got) > 0 && tt.failure == "" {
				t.Errorf("got deviations: %q", got)
			}
			if !strings.Contains(report.Failure, tt.failure) || (tt.failure == "") != (report.Failure == "") {
				t.Errorf("failure: expected %q, got %q", tt.failure, report.Failure)
			}
			good := 0
			for _, r := range report.Results {
				if r.Verdict == judge.Conforms {
					good++
				}
			}
			if good < tt.fewest {
				t.Errorf("expected at least %d cases that conform, got %d", tt.fewest, good)
			}
		})
	}
}

// A server that one request breaks ends the run, which names that request.
func TestServerThatARequestBreaks(t *testing.T) {
	var dead atomic.Bool
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("limit") == "51" {
			dead.Store(true)
		}
		if dead.Load() {
			panic(http.ErrAbortHandler)
		}
		petServer{}.ServeHTTP(w, r)
	})
	report := judged(t, pets, h, func(o *implied.Options) { withKey(o); o.Concurrency = 1 })
	if !strings.Contains(report.Failure, "the last request that was not plain: GET /pets: query limit: maximum+1") {
		t.Errorf("got %q", report.Failure)
	}
}

// An id that nobody gives and nothing shows is asked for.
func TestNeedsFixture(t *testing.T) {
	h := petServer{list: func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		_, err := w.Write([]byte("[]"))
		return err == nil
	}}
	report := judged(t, pets, h, withKey)
	if r := verdictOf(t, report, "GET /pets/{petId}: plain"); r.Verdict != judge.NotApplicable || !strings.Contains(r.Reason, "--fixture petId") {
		t.Errorf("got %s: %s", r.Verdict, r.Reason)
	}
	report = judged(t, pets, h, nil)
	if r := verdictOf(t, report, "GET /pets: plain"); r.Verdict != judge.NotApplicable || !strings.Contains(r.Reason, "--credential key=VALUE") {
		t.Errorf("got %s: %s", r.Verdict, r.Reason)
	}
}

// What is sent is cut, and what is left is named.
func TestBudget(t *testing.T) {
	for name, change := range map[string]func(*implied.Options){
		"--max-requests": func(o *implied.Options) { o.MaxRequests = 9 },
		"--time":         func(o *implied.Options) { o.Time = time.Nanosecond },
	} {
		var sent atomic.Int64
		report := judged(t, pets, every(1, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sent.Add(1)
			petServer{}.ServeHTTP(w, r)
		}), nil), func(o *implied.Options) { withKey(o); change(o) })
		if len(report.Unsent) == 0 || report.Failure != "" || sent.Load() > 9 {
			t.Errorf("%s: got failure %q, unsent %q, %d requests", name, report.Failure, report.Unsent, sent.Load())
		}
		if !slices.ContainsFunc(report.Results, func(r judge.Result) bool { return strings.Contains(r.Reason, name) }) {
			t.Errorf("%s: no result says so", name)
		}
	}
}
