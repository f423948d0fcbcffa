package wire_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/wire"
)

// A wrong clock is mentioned, but not a difference that the network explains, or an invalid
// date.
func TestClockSkew(t *testing.T) {
	sent := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	came := sent.Add(30 * time.Second) // the answer took 30 seconds
	at := func(d time.Duration) string { return came.Add(d).Format(http.TimeFormat) }
	for name, tt := range map[string]struct{ date, want string }{
		"together":  {at(0), ""},
		"a little":  {at(-2 * time.Minute), ""},
		"ahead":     {at(20 * time.Minute), ", and the endpoint's clock is 20m0s ahead of this machine's, by which signatures are dated"},
		"behind":    {at(-8 * time.Hour), ", and the endpoint's clock is 8h0m0s behind this machine's, by which signatures are dated"},
		"no date":   {"", ""},
		"a bad one": {"yesterday", ""},
	} {
		x := exchange.Exchange{Started: sent, Duration: 30 * time.Second, Answer: &contract.Answer{Status: 401, Header: http.Header{"Date": {tt.date}}}}
		if got := wire.ClockSkew(&x); got != tt.want {
			t.Errorf("%s: expected %q, got %q", name, tt.want, got)
		}
	}
	if got := wire.ClockSkew(&exchange.Exchange{Started: sent}); got != "" {
		t.Errorf("no answer: expected nothing, got %q", got)
	}
}
