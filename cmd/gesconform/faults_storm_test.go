package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
)

const (
	throttled429 = `{"error_code":"APIGW.0308","error_msg":"The throttling threshold has been reached"}`
	throttled503 = `{"error_code":"APIGW.0613","error_msg":"no"}`
)

func constant(text string) func() string { return func() string { return text } }

// storms are refusals, with what a gateway may say of when to come back, in terms
// that can be read and in others. However long that is, --request-timeout bounds
// the wait.
var storms = []struct {
	name   string
	status int
	body   string
	after  func() string // what Retry-After says
	whole  bool          // seen at every request as well
}{
	{"429", 429, throttled429, constant(""), true},
	{"503", 503, throttled503, constant(""), true},
	{"429, at once", 429, throttled429, constant("0"), true},
	{"503, in a second", 503, throttled503, constant("1"), false},
	{"429, at a date", 429, throttled429, func() string { return time.Now().Add(time.Minute).UTC().Format(http.TimeFormat) }, false},
	{"503, at a date that is over", 503, throttled503, constant("Mon, 02 Jan 2006 15:04:05 GMT"), false},
	{"429, garbage", 429, throttled429, constant("soon; maybe"), false},
	{"503, a negative number", 503, throttled503, constant("-5"), false},
	{"429, in a year", 429, throttled429, constant("31536000"), true},
	{"503, what overflows", 503, throttled503, constant("9223372036854775807"), false},
	{"429, more than a number", 429, throttled429, constant("99999999999999999999"), false},
}

// storm refuses for now, and says when to come back.
func storm(status int, body string, after func() string) func(*troubled, http.ResponseWriter, *http.Request) {
	return func(e *troubled, w http.ResponseWriter, r *http.Request) {
		var header []string
		if text := after(); text != "" {
			header = []string{"Retry-After", text}
		}
		answers(status, body, append(header, "Content-Type", "application/json")...)(e, w, r)
	}
}

// A storm that lets each request through the second time costs time and nothing
// else. One that does not end leaves the cases it has befallen unjudged, accuses
// nobody and asks five times for each at most.
func TestThrottlingStorms(t *testing.T) {
	t.Parallel()
	for _, tt := range storms {
		if testing.Short() && !tt.whole {
			continue
		}
		t.Run(tt.name+", every request once", func(t *testing.T) {
			t.Parallel()
			e, dir := withTrouble(t, first, storm(tt.status, tt.body, tt.after)), t.TempDir()
			c := spawn(t, nil, e.args("--output", dir, "--request-timeout", "200ms", "--label-filter", "showGraph || showJob")...)
			if c.status != exitConforms || c.stderr != "" {
				t.Errorf("expected status 0 and no word, got %d: %.500s %.500s", c.status, c.stdout, c.stderr)
			}
			if n := withVerdict(keptWhole(t, dir), judge.Error); n > 0 {
				t.Errorf("expected that all is judged, got %d cases that are not", n)
			}
			if came, struck := e.counts(); struck < 20 || came > spared+2*struck+50 {
				t.Errorf("%d requests came, %d of which were refused", came, struck)
			}
		})
		if !tt.whole || testing.Short() && tt.status == http.StatusServiceUnavailable {
			continue
		}
		t.Run(tt.name+", every request", func(t *testing.T) {
			t.Parallel()
			e, dir := withTrouble(t, every, storm(tt.status, tt.body, tt.after)), t.TempDir()
			c := spawn(t, nil, e.args("--output", dir, "--request-timeout", "200ms", "--label-filter", "showGraph")...)
			if c.status != exitNotJudged {
				t.Errorf("expected status 2, got %d: %.500s", c.status, c.stdout)
			}
			oneSentence(t, c, "could not judge: ", http.StatusText(tt.status))
			run := keptWhole(t, dir)
			for i := range run.Cases {
				if k := &run.Cases[i]; k.Verdict == judge.Error && !strings.Contains(k.Findings[0].Hint, "lower --concurrency, or try again later") {
					t.Errorf("%s: expected advice, got %+v", k.Case, k.Findings)
				}
			}
			if withVerdict(run, judge.Deviates) > 0 || withVerdict(run, judge.Conforms) < spared/2 {
				t.Errorf("expected no deviation, and the first cases to stay judged, got %d and %d", withVerdict(run, judge.Deviates), withVerdict(run, judge.Conforms))
			}
			if came, _ := e.counts(); came > spared+5*(len(run.Cases)+2) {
				t.Errorf("expected at most five requests a case, got %d for %d cases", came, len(run.Cases))
			}
		})
	}
}
