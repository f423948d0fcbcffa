package fakeserver

import (
	"slices"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

// The conditions that a defect names must exist, and what it answers to them must not be
// lawful, unless it is an equivalent.
func TestDefectsAgainstTheContract(t *testing.T) {
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range allDefects() {
		c := effects{policy: lawful()}
		for _, behave := range d.effects {
			behave(&c)
		}
		for condition, a := range c.policy.answers {
			r := document.Refusal(condition)
			if r == nil {
				t.Errorf("%s: unknown condition %q", d.Name, condition)
				continue
			}
			want := []contract.Fit{contract.NoFit}
			switch {
			case d.Equivalent != "":
				want = []contract.Fit{contract.Exact, contract.Generic}
			case d.Breaks == "answer.code-precise":
				want = []contract.Fit{contract.Tolerated}
			}
			if fit := document.Fit(r, a.status, a.code); !slices.Contains(want, fit) {
				t.Errorf("%s: %d %s has the fit %d for %s, expected one of %d", d.Name, a.status, a.code, fit, condition, want)
			}
		}
		for _, l := range c.policy.leniencies {
			if document.Refusal(l.condition) == nil {
				t.Errorf("%s: unknown condition %q", d.Name, l.condition)
			}
		}
		for _, condition := range c.policy.judgedFirst {
			if document.Refusal(condition) == nil {
				t.Errorf("%s: unknown condition %q", d.Name, condition)
			}
		}
	}
}
