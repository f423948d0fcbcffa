package independent_test

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
	"github.com/gesconform/gesconform/internal/session"
)

// The command gives the same verdicts.
func TestTheWholeSuiteAgrees(t *testing.T) {
	t.Parallel()
	for _, r := range []struct {
		name string
		turn func(*knobs)
		want judge.Verdict
	}{
		{name: "lawful", turn: both(inOrder(bodyFirst...), answering(400, "GES.8011", "no-graph", "foreign")), want: judge.Conforms},
		{name: "wrong", turn: edited(taken, del("job_id")), want: judge.Deviates},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			s := makeService(r.turn)
			server := httptest.NewServer(s.handler())
			defer server.Close()
			c, err := contract.Default()
			if err != nil {
				t.Fatal(err)
			}
			cfg := configOf(s, server.URL)
			destructive.limit(&cfg)
			var out bytes.Buffer
			got, err := run.Run(context.Background(), run.Options{Options: session.Options{Contract: c, Config: cfg}, Out: &out})
			if got.Verdict != r.want || errors.Is(err, result.ErrDeviates) != (r.want == judge.Deviates) {
				t.Errorf("got %s (%v), expected %s\n%s", got.Verdict, err, r.want, explain(&got))
			}
			if !strings.Contains(out.String(), got.Headline) {
				t.Errorf("the output lacks the headline %q", got.Headline)
			}
		})
	}
}
