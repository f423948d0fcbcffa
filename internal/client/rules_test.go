package client

import (
	"net/http"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// A client with several requests under way has not repeated those that had left before it was told to
// come back later.
func TestRetryAfterOfRequestsAtOnce(t *testing.T) {
	t.Parallel()
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	read := func(after, took time.Duration, status int) exchange.Exchange {
		answer := &contract.Answer{Status: status, Header: http.Header{}}
		if status == http.StatusTooManyRequests {
			answer.Header.Set("Retry-After", "1")
		}
		return exchange.Exchange{
			Aim: atEndpoint, Started: began.Add(after), Duration: took, Answer: answer,
			Request: contract.Request{Method: http.MethodGet, Path: "/v2/p/graphs/g/jobs/j/status"},
		}
	}
	refused := read(0, 100*time.Millisecond, http.StatusTooManyRequests)
	for _, tt := range []struct {
		name   string
		next   []exchange.Exchange
		broken bool
	}{
		{name: "none", broken: false},
		{name: "was under way", next: []exchange.Exchange{read(50*time.Millisecond, time.Millisecond, 200)}, broken: false},
		{name: "at once", next: []exchange.Exchange{read(101*time.Millisecond, time.Millisecond, 200)}, broken: true},
		{name: "one under way, one at once", next: []exchange.Exchange{read(50*time.Millisecond, time.Millisecond, 200), read(200*time.Millisecond, time.Millisecond, 200)}, broken: true},
		{name: "in time", next: []exchange.Exchange{read(1100*time.Millisecond, time.Millisecond, 200)}, broken: false},
		{name: "a coarse timer", next: []exchange.Exchange{read(1060*time.Millisecond, time.Millisecond, 200)}, broken: false},
	} {
		o := &observation{
			scenario: &Scenario{}, contract: document, outcome: &judge.ClientOutcome{Said: judge.SaidSuccess},
			exchanges: append([]exchange.Exchange{refused}, tt.next...),
		}
		if d := keepsRetryAfter(o, true); d == nil || d.broken != tt.broken {
			t.Errorf("%s: expected broken to be %t, got %+v", tt.name, tt.broken, d)
		}
	}
}

// An error code may be in what was left out of a long output. An output that is only shorter for the
// credentials that were removed has nothing left out.
func TestAnErrorCodeMayBeWhereTheOutputWasCut(t *testing.T) {
	t.Parallel()
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	refused := exchange.Exchange{
		Aim: atEndpoint, Request: contract.Request{Method: http.MethodPost, Path: "/v2/p/graphs/g/upgrade"},
		Answer: &contract.Answer{Status: http.StatusForbidden, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"error_code": "GES.0001"}`)},
	}
	for _, tt := range []struct {
		name, printed string
		bytes         int64
		decided       bool
		broken        bool
	}{
		{"shown", "ges.0001", 8, true, false},
		{"not shown", "refused", 7, true, true},
		{"without a token", "refused $GESCONFORM_TOKEN", 200, true, true},
		{"cut", "refused", keptPrinted + 1, false, false},
		{"cut, but shown", "GES.0001", keptPrinted + 1, true, false},
	} {
		o := &observation{
			scenario: &Scenario{}, contract: document, exchanges: []exchange.Exchange{refused},
			outcome: &judge.ClientOutcome{Said: judge.SaidFailure, Stderr: tt.printed, Printed: tt.bytes},
		}
		if d := errorCodeShown(o, true); (d != nil) != tt.decided || d != nil && d.broken != tt.broken {
			t.Errorf("%s: expected decided to be %t, and broken %t; got %+v", tt.name, tt.decided, tt.broken, d)
		}
	}
}
