package engine

import (
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/judge"
)

// Equal findings about a case are kept once for all runs by a contract, and others are not.
func TestEqualFindingsAreShared(t *testing.T) {
	c, k := &contract.Contract{}, &cases.Case{}
	found := func(got string, lawful ...string) []judge.Finding {
		return []judge.Finding{{Requirement: "upgrade.target-later", Verdict: judge.Conforms, Got: got, Lawful: lawful, Origin: &judge.Origin{Source: []string{"S1"}}}}
	}
	first := shared(c, k, append(make([]judge.Finding, 0, 2), found("400", "400 GES.7016")...))
	same := func(other []judge.Finding) bool { return &other[0] == &first[0] }
	if again := shared(c, k, found("400", "400 GES.7016")); !same(again) || cap(again) > len(again) {
		t.Error("expected that equal findings are shared, with no room to append more")
	}
	for name, other := range map[string][]judge.Finding{
		"another answer":         shared(c, k, found("404", "400 GES.7016")),
		"other lawful outcomes":  shared(c, k, found("400", "400 GES.7036")),
		"another case":           shared(c, &cases.Case{}, found("400", "400 GES.7016")),
		"another contract, last": shared(&contract.Contract{}, k, found("400", "400 GES.7016")),
	} {
		if same(other) {
			t.Errorf("%s: expected findings of their own", name)
		}
	}
}
