package selftest

import (
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// TestLateAnswers checks that an answer is an advisory if it took longer than
// --max-response-time, which a replay finds, too; and that nothing is said of it without.
func TestLateAnswers(t *testing.T) {
	t.Parallel()
	suite := inprocess.Load(t)
	for _, limit := range []time.Duration{0, 50 * time.Millisecond, time.Second} { // answers take up to 100 ms
		o := suite.Judge(t, fake(fakeserver.WithVariations(1, "slow")), func(c *config.Config) {
			modes[0].configure(c)
			c.MaxResponseTime = limit
		}, suite.Cases)
		judgeAgain(t, suite, &o)
		late, inTime := 0, 0
		for _, r := range o.Results {
			for _, f := range r.Findings {
				switch {
				case f.Requirement != "answer.in-time":
				case f.Verdict == judge.Advisory:
					late++
				case f.Verdict == judge.Conforms:
					inTime++
				}
			}
		}
		if (late > 0) != (limit == 50*time.Millisecond) || (inTime > 0) != (limit > 0) {
			t.Errorf("with %s: %d late, %d in time", limit, late, inTime)
		}
	}
}
