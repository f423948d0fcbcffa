package result

import (
	"cmp"
	"slices"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
)

// ResponseTimes says how long the answers took that the cases rest on, from the moment in which
// a request was sent, so that the network and a new connection are included, and a wait for the
// rate limit is not. Throttled requests do not count.
type ResponseTimes struct {
	Answers int           `json:"answers"`
	P50     time.Duration `json:"p50_ns"` // half of them did not take longer
	P90     time.Duration `json:"p90_ns"`
	P99     time.Duration `json:"p99_ns"`
	Max     time.Duration `json:"max_ns"`
	// Slowest is the sequence number of the slowest exchange, and SlowestCase its case.
	Slowest     int    `json:"slowest"`
	SlowestCase string `json:"slowest_case"`
	// Late is how many took longer than Target.MaxResponseTime.
	Late int `json:"late,omitempty"`
}

// responseTimesOf returns the times of all answers, or nil if there are none. An exchange that
// several cases rest on counts once.
func responseTimesOf(cases []Case, limit time.Duration) *ResponseTimes {
	seen := map[int]bool{}
	var t ResponseTimes
	var all []time.Duration
	for i := range cases {
		for n := range cases[i].Exchanges {
			x := &cases[i].Exchanges[n]
			if x.Answer == nil || x.Duration <= 0 || judge.Throttled(x) || seen[x.Sequence] {
				continue
			}
			seen[x.Sequence] = true
			all = append(all, x.Duration)
			if d := cmp.Compare(x.Duration, t.Max); d > 0 || d == 0 && x.Sequence < t.Slowest {
				t.Max, t.Slowest, t.SlowestCase = x.Duration, x.Sequence, x.Case
			}
			if limit > 0 && x.Duration > limit {
				t.Late++
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.Sort(all)
	t.Answers, t.P50, t.P90, t.P99 = len(all), Percentile(all, 50), Percentile(all, 90), Percentile(all, 99)
	return &t
}

// Percentile returns the smallest of the sorted durations that at least percent of them do not
// exceed.
func Percentile(sorted []time.Duration, percent int) time.Duration {
	return sorted[(len(sorted)*percent+99)/100-1]
}
