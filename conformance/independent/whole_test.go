package independent_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/conformance"
	"github.com/gesconform/gesconform/conformance/judge"
	"github.com/gesconform/gesconform/contract"
)

// The command's own way, with Ginkgo's specs, comes to the same verdicts. Ginkgo
// is global, so that these do not run in parallel.
func TestTheWholeSuiteAgrees(t *testing.T) {
	for _, r := range []struct {
		name string
		turn func(*knobs)
		want judge.Verdict
	}{
		{name: "lawful", turn: both(inOrder(bodyFirst...), answering(400, "GES.8011", "no-graph", "foreign")), want: judge.Conforms},
		{name: "wrong", turn: edited(taken, del("job_id")), want: judge.Deviates},
	} {
		t.Run(r.name, func(t *testing.T) {
			s, server := newServer(t, r.turn)
			c, err := contract.Default()
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			run, err := conformance.Run(context.Background(), conformance.Options{Contract: c, Config: configOf(s, server.URL, many), Out: &out})
			if run.Verdict != r.want || errors.Is(err, conformance.ErrDeviates) != (r.want == judge.Deviates) {
				t.Errorf("got %s (%v), expected %s\n%s", run.Verdict, err, r.want, explain(&run))
			}
			if !strings.Contains(out.String(), run.Headline) {
				t.Errorf("the output lacks the headline %q", run.Headline)
			}
		})
	}
}
