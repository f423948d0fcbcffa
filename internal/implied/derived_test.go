package implied_test

import (
	"slices"
	"testing"

	"github.com/gesconform/gesconform/internal/implied"
)

// What was derived already is sent, and nothing else.
func TestDerivedIsSent(t *testing.T) {
	report := judged(t, pets, petServer{}, func(o *implied.Options) {
		withKey(o)
		all, _, err := implied.Cases(*o)
		if err != nil {
			t.Fatal(err)
		}
		o.Derived = slices.DeleteFunc(all, func(k *implied.Case) bool { return k.Operation.Path != "/pets" })[:3]
	})
	if len(report.Results) != 3 || report.Underived != nil {
		t.Errorf("expected 3 results, got %d; underived: %v", len(report.Results), report.Underived)
	}
}

// What a limit has cut off is named by the ids of its cases, each once.
func TestUnsentIsNamedOnce(t *testing.T) {
	report := judged(t, pets, petServer{}, func(o *implied.Options) { withKey(o); o.MaxRequests = 1 })
	all := slices.Clone(report.Unsent)
	slices.Sort(all)
	if len(all) < 3 || len(slices.Compact(all)) != len(report.Unsent) {
		t.Errorf("expected each case once, got %q", report.Unsent)
	}
	for _, r := range report.Results {
		if slices.Contains(report.Unsent, r.Case) != (r.Reason == report.Limit) {
			t.Errorf("%s: %q, and the limit is %q", r.Case, r.Reason, report.Limit)
		}
	}
}
