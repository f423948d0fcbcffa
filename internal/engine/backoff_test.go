package engine

import (
	"net/http"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
)

// Retry-After is respected in both of its forms (RFC 9110, section 10.2.3), but no value makes
// a run wait less than the minimum or more than the maximum.
func TestBackOff(t *testing.T) {
	e := &Engine{config: &config.Config{RequestTimeout: time.Minute}}
	for name, tt := range map[string]struct {
		after string
		want  time.Duration
	}{
		"none":                {"", 200 * time.Millisecond}, // 50 ms, doubled for each attempt
		"at once":             {"0", 200 * time.Millisecond},
		"negative":            {"-5", 200 * time.Millisecond},
		"seconds":             {" 3 ", 3 * time.Second},
		"an hour":             {"3600", maxBackOff},
		"overflows":           {"9223372037", maxBackOff},
		"overflows to little": {"9223372036854775807", maxBackOff},
		"no number":           {"99999999999999999999", maxBackOff},
		"garbage":             {"soon; maybe", 200 * time.Millisecond},
		"a date":              {time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), maxBackOff},
		"a date that is over": {"Mon, 02 Jan 2006 15:04:05 GMT", 200 * time.Millisecond},
	} {
		x := exchange.Exchange{Answer: &contract.Answer{Status: 429, Header: http.Header{"Retry-After": {tt.after}}}}
		if got := e.backOff(&x, 2); got != tt.want {
			t.Errorf("%s: expected %s, got %s", name, tt.want, got)
		}
	}
	e.config.RequestTimeout = time.Second
	x := exchange.Exchange{Answer: &contract.Answer{Status: 429, Header: http.Header{"Retry-After": {"5"}}}}
	if got := e.backOff(&x, 1); got != time.Second {
		t.Errorf("expected that --request-timeout bounds it, got %s", got)
	}
}
