package result

import (
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// The times are those of answers, each counted once, and not of throttled requests.
func TestResponseTimes(t *testing.T) {
	took := func(sequence int, d time.Duration, status int) exchange.Exchange {
		return exchange.Exchange{Sequence: sequence, Case: "c", Duration: d, Answer: &contract.Answer{Status: status}}
	}
	var all []exchange.Exchange
	for i := range 100 {
		all = append(all, took(i+1, time.Duration(i+1)*time.Millisecond, 200))
	}
	again := all[99]
	all = append(all, took(101, time.Hour, 429), exchange.Exchange{Sequence: 102, Duration: time.Hour, Failure: &exchange.Failure{}})
	cases := []Case{{Result: judge.Result{Exchanges: all}}, {Result: judge.Result{Exchanges: []exchange.Exchange{again}}}}
	want := ResponseTimes{Answers: 100, P50: 50 * time.Millisecond, P90: 90 * time.Millisecond, P99: 99 * time.Millisecond, Max: 100 * time.Millisecond, Slowest: 100, SlowestCase: "c", Late: 5}
	if got := responseTimesOf(cases, 95*time.Millisecond); got == nil || *got != want {
		t.Errorf("expected %+v, got %+v", want, got)
	}
	if got := responseTimesOf(cases, 0); got.Late != 0 {
		t.Errorf("without a limit: expected none to be late, got %d", got.Late)
	}
	if got := responseTimesOf(nil, 0); got != nil {
		t.Errorf("without answers: got %+v", got)
	}
}
