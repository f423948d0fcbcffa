package contract_test

import (
	"slices"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

const plainDocument = `
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /ping:
    get:
      operationId: ping
      responses: {'200': {description: ok}}
`

// A document that states no requirements has those that any document implies, each with sources that
// exist; one that states some has no others.
func TestImpliedRequirements(t *testing.T) {
	plain, err := contract.Parse("plain.yaml", []byte(plainDocument))
	if err != nil {
		t.Fatal(err)
	}
	var tested, judged int
	for _, r := range plain.Requirements() {
		switch {
		case r.Tests != "" && plain.RequirementTesting(r.Tests) == r:
			tested++
		case r.Judges != "" && plain.RequirementJudging(plain.Operation("ping"), r.Judges) == r:
			judged++
		default:
			t.Errorf("%s: tests %q, judges %q", r.ID, r.Tests, r.Judges)
		}
		if sources := plain.Sources(r.Source...); len(sources) != len(r.Source) || r.Line != 0 {
			t.Errorf("%s: got %d sources of %v, line %d", r.ID, len(sources), r.Source, r.Line)
		}
	}
	if !plain.Implied() || tested < 10 || judged < 10 {
		t.Errorf("implied %v: got %d rules and %d aspects", plain.Implied(), tested, judged)
	}
	own := load(t)
	if own.Implied() || slices.ContainsFunc(own.Requirements(), func(r *contract.Requirement) bool { return r.Tests != "" }) {
		t.Error("openapi.yaml has implied requirements besides its own")
	}
}
