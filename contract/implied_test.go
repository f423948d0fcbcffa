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

// What an answer can show is judged only where the document has something for it.
func TestImpliedByWhatIsInTheDocument(t *testing.T) {
	for id, path := range map[string]string{
		"answer.format":            "get: {responses: {'200': {description: d, content: {application/json: {schema: {type: array, items: {type: string, format: date}}}}}}}",
		"answer.write-only":        "get: {responses: {'200': {description: d, content: {application/json: {schema: {properties: {a: {writeOnly: true}}}}}}}}",
		"answer.headers":           "get: {responses: {'200': {description: d, headers: {X-A: {schema: {type: string}}}}}}",
		"answer.head-without-body": "head: {responses: {'200': {description: d}}}",
		"answer.status-listed":     "get: {responses: {'200': {description: d}, '400': {description: d}}}",
	} {
		for _, other := range []string{"get: {responses: {default: {description: d, content: {application/json: {schema: {type: string, format: unheard-of}}}}}}", path} {
			c, err := contract.Parse("a.yaml", []byte("openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {/a: {"+other+"}}\n"))
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Requirement(id) != nil; got != (other == path) {
				t.Errorf("%s: got %t for %s", id, got, other)
			}
		}
	}
}

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
	if absent := []string{"answer.format", "answer.headers", "answer.write-only", "answer.head-without-body"}; slices.ContainsFunc(absent, func(id string) bool { return plain.Requirement(id) != nil }) {
		t.Errorf("expected none of %q in a document that has nothing for them", absent)
	}
	if !plain.Implied() || tested < 10 || judged < 5 {
		t.Errorf("implied %v: got %d rules and %d aspects", plain.Implied(), tested, judged)
	}
	own := load(t)
	if own.Implied() || slices.ContainsFunc(own.Requirements(), func(r *contract.Requirement) bool { return r.Tests != "" }) {
		t.Error("openapi.yaml has implied requirements besides its own")
	}
}
