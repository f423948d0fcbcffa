package fakeserver

import (
	"testing"

	"github.com/gesconform/gesconform/contract"
)

// What a defect answers to a condition must not be lawful, and the conditions
// that it names must exist.
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
				t.Errorf("%s: there is no condition %q", d.Name, condition)
				continue
			}
			if fit := document.Fit(r, a.status, a.code); (fit == contract.NoFit) == (d.Equivalent != "") {
				t.Errorf("%s: %d %s has the fit %d for %s", d.Name, a.status, a.code, fit, condition)
			}
		}
		for _, l := range c.policy.leniencies {
			if document.Refusal(l.condition) == nil {
				t.Errorf("%s: there is no condition %q", d.Name, l.condition)
			}
		}
		for _, condition := range c.policy.judgedFirst {
			if document.Refusal(condition) == nil {
				t.Errorf("%s: there is no condition %q", d.Name, condition)
			}
		}
	}
}
