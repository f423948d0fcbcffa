package selftest

import (
	"net/http"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/embedded"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// A run of the embedded fake finds the same however long each answer takes.
func TestTheEmbeddedFakeDoesNotDependOnSpeed(t *testing.T) {
	t.Parallel()
	suite := inprocess.Load(t)
	judged := func(takes time.Duration) []judge.Result {
		o := suite.Judge(t, func(t *testing.T, network *inprocess.Listener) config.Config {
			fake, handler, err := embedded.Build()
			if err != nil {
				t.Fatal(err)
			}
			c := serve(t, network, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(takes)
				handler.ServeHTTP(w, r)
			}), fake.Fixtures())
			embedded.SetLimits(&c, nil)
			return c
		}, func(*config.Config) {}, suite.Cases)
		if o.Failure != nil {
			t.Fatal(o.Failure)
		}
		if o.Config.Risk != cases.Destructive {
			t.Fatalf("expected that a run may do everything, got %s", o.Config.Risk)
		}
		return o.Results
	}
	want := judged(0)
	for i, got := range judged(time.Second) {
		if got.Verdict != want[i].Verdict {
			t.Errorf("%s: expected %s, got %s: %s", got.Case, want[i].Verdict, got.Verdict, got.Reason)
		}
	}
	for _, r := range want {
		if r.Case == "upgradeGraph/lifecycle/second-refused" && r.Verdict != judge.Conforms {
			t.Errorf("expected that a second upgrade is refused, got %s: %s", r.Verdict, r.Reason)
		}
	}
}
