package implied_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/fakedocument"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/bigdoc"
)

// With few requests for many operations, a run has something to say of as many of them as it can, changes among them, and
// of none much more than of another.
func TestFewRequestsReachManyOperations(t *testing.T) {
	c, err := contract.Parse("big.json", bigdoc.Document(200))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		risk                           cases.Risk
		most, operations, changes, one int
	}{
		{cases.Inert, 100, 70, 30, 5},
		{cases.Inert, 300, 110, 30, 10},
		{cases.Destructive, 300, 150, 80, 10},
		{cases.Destructive, 1000, 200, 120, 20},
	} {
		fake, err := fakedocument.New(fakedocument.Options{Contract: c, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		requests := map[string]int{}
		report := judgedBy(t, c, fake, func(o *implied.Options) {
			o.Risk, o.MaxRequests, o.Credentials = tt.risk, tt.most, fake.Credentials()
			o.Fixtures = []implied.Fixture{{Name: "tenant", Value: "acme", Free: true}}
			o.Exchange = func(x exchange.Exchange) { requests[x.Operation]++ }
		})
		decided, changed, sent, one := map[string]bool{}, map[string]bool{}, 0, 0
		for _, n := range requests {
			sent, one = sent+n, max(one, n)
		}
		for _, r := range report.Results {
			if r.Verdict == judge.Conforms || r.Verdict == judge.Observed {
				decided[r.Operation] = true
				if !strings.HasPrefix(r.Case, http.MethodGet) {
					changed[r.Operation] = true
				}
			}
		}
		t.Logf("%s, %d requests: %d operations, %d of them changes, at most %d requests for one", tt.risk, sent, len(decided), len(changed), one)
		if sent > tt.most || len(report.Unsent) == 0 || len(decided) < tt.operations || len(changed) < tt.changes || one > tt.one {
			t.Errorf("%s, at most %d requests: expected %d operations or more, %d of them changes, and at most %d requests for one, got %d, %d and %d with %d",
				tt.risk, tt.most, tt.operations, tt.changes, tt.one, len(decided), len(changed), one, sent)
		}
		for _, line := range broken(report, judge.Deviates) {
			t.Errorf("expected no deviation, got %q", line)
		}
	}
}

// What a short run finds it has requests left to confirm.
func TestFewRequestsConfirmWhatTheyFind(t *testing.T) {
	c, err := contract.Parse("big.json", bigdoc.Document(200))
	if err != nil {
		t.Fatal(err)
	}
	fake, err := fakedocument.New(fakedocument.Options{Contract: c, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	careless := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" && !r.URL.Query().Has("key") && strings.HasSuffix(r.URL.Path, "/things7") {
			r.Header.Set("Authorization", "Bearer "+fake.Credentials()["bearer"])
		}
		fake.ServeHTTP(w, r)
	})
	report := judgedBy(t, c, careless, func(o *implied.Options) {
		o.MaxRequests, o.Credentials, o.Fixtures = 400, fake.Credentials(), []implied.Fixture{{Name: "tenant", Value: "acme"}}
	})
	if got, want := broken(report, judge.Deviates), "credentials.required by GET /v1/{tenant}/things7: without credentials"; !slices.Contains(got, want) {
		t.Errorf("expected %q among %q", want, got)
	}
}
