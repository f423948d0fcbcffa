package conformance

import (
	"fmt"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/report"
)

// conform succeeds for a judge.Result without deviations and, if strict, without
// advisories.
func conform(c *contract.Contract, strict bool) *conformMatcher {
	return &conformMatcher{c, strict}
}

// conformMatcher is a Gomega matcher.
type conformMatcher struct {
	contract *contract.Contract
	strict   bool
}

// Match implements Gomega's interface.
func (m *conformMatcher) Match(actual any) (bool, error) {
	r, ok := actual.(judge.Result)
	if !ok {
		return false, fmt.Errorf("conform: expected a judge.Result, got %T", actual)
	}
	return len(r.Deviations(m.strict)) == 0, nil
}

// FailureMessage implements Gomega's interface.
func (m *conformMatcher) FailureMessage(actual any) string {
	r := actual.(judge.Result) //nolint:forcetypeassert // checked by Match
	var texts []string
	for _, f := range r.Deviations(m.strict) {
		texts = append(texts, report.FailureText(m.contract, r, f))
	}
	return strings.Join(texts, "\n\n")
}

// NegatedFailureMessage implements Gomega's interface.
func (m *conformMatcher) NegatedFailureMessage(actual any) string {
	return fmt.Sprintf("expected %s to deviate", actual.(judge.Result).Case) //nolint:forcetypeassert // as above
}
