package implied_test

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/judge"
)

// What a body names is made before it, wherever the document has it.
func TestWhatABodyNamesIsMadeFirst(t *testing.T) {
	s := &trader{last: 100, kept: map[string]any{}}
	document := trades + strings.Replace(buyers, "    post:\n", "    post:\n      operationId: signUp\n", 1) // the order is that of the ids
	report := inEarnest(t, document, s)
	if r := verdictOf(t, report, "POST /orders: plain"); r.Verdict != judge.Conforms || len(s.orders) == 0 {
		t.Errorf("expected that orders are taken, got %s: %s", r.Verdict, r.Reason)
	}
	if len(report.Left) > 0 || len(s.kept) > 0 {
		t.Errorf("left %q, %v", report.Left, s.kept)
	}
}
