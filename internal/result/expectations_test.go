package result_test

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestReadExpectationsRefuses(t *testing.T) {
	c, _ := resulttest.Shipped(t)
	for name, tc := range map[string]struct{ text, want string }{
		"nothing":             {"", "known.yaml:1: expected a list of known deviations, got nothing"},
		"a mapping":           {"requirement: upgrade.target-later\n", "known.yaml:1: expected a list of known deviations, got a mapping"},
		"no YAML":             {"- {\n", "known.yaml:"},
		"a text":              {"# why\n- upgrade.target-later\n", "known.yaml:2: expected a mapping with requirement, case, reason, ticket, expires, got text"},
		"unknown key":         {resulttest.Entry("requirement: upgrade.target-later", "reasons: x"), `known.yaml:2: unknown key "reasons", did you mean "reason"?`},
		"about clients":       {resulttest.Entry("requirement: client.retry-after", resulttest.Because), "known.yaml:1: requirement: client.retry-after is about clients, and a run judges a server"},
		"unknown requirement": {resulttest.Entry("requirement: upgrade.target-latr", resulttest.Because), `known.yaml:1: requirement: unknown requirement "upgrade.target-latr", did you mean "upgrade.target-later"?`},
		"unknown case":        {resulttest.Entry("case: upgradeGraph/method/putt", resulttest.Because), `known.yaml:1: case: unknown case "upgradeGraph/method/putt", did you mean "upgradeGraph/method/put"?`},
		"pattern of none":     {resulttest.Entry("case: upgradeGraph/methods/*", resulttest.Because), `known.yaml:1: case: unknown case "upgradeGraph/methods/*", did you mean "upgradeGraph/method/`},
		"neither":             {resulttest.Entry(resulttest.Because), "known.yaml:1: expected a requirement or a case, got neither"},
		"no reason":           {resulttest.Entry("requirement: upgrade.method", "ticket: A", "expires: 2025-06-01"), "known.yaml:1: reason: is missing"},
		"no ticket":           {resulttest.Entry("requirement: upgrade.method", "reason: A", "expires: 2025-06-01"), "known.yaml:1: ticket: is missing"},
		"no day":              {resulttest.Entry("requirement: upgrade.method", "reason: A", "ticket: B"), "known.yaml:1: expires: is missing"},
		"empty reason":        {resulttest.Entry("requirement: upgrade.method", "reason: ' '"), "known.yaml:2: reason: expected a value, got only white space"},
		"null ticket":         {resulttest.Entry("requirement: upgrade.method", "ticket: null"), "known.yaml:2: ticket: expected a value, got nothing"},
		"a list for a text":   {resulttest.Entry("requirement: [upgrade.method]"), "known.yaml:1: requirement: expected a value, got a list"},
		"no date":             {resulttest.Entry("requirement: upgrade.method", "expires: soon"), `known.yaml:2: expires: expected a day such as 2026-12-31, got "soon"`},
		"no such date":        {resulttest.Entry("requirement: upgrade.method", "expires: 2025-02-30"), `known.yaml:2: expires: expected a day such as 2026-12-31, got "2025-02-30"`},
		"alias":               {resulttest.Entry("requirement: &r upgrade.method", "reason: *r"), "known.yaml:1: expected no anchors and no aliases"},
		"twice":               {resulttest.Entry("reason: a", "reason: b"), `known.yaml:2: the key "reason" appears twice`},
	} {
		_, err := result.ReadExpectations("known.yaml", []byte(tc.text), resulttest.Names(t, c))
		if err == nil || !strings.HasPrefix(err.Error(), "read expectations: "+tc.want) {
			t.Errorf("%s: expected %q, got %v", name, tc.want, err)
		}
	}
}

func TestReadExpectationsReads(t *testing.T) {
	c, _ := resulttest.Shipped(t)
	known, err := result.ReadExpectations("known.yaml", []byte("# of the old region\n"+
		resulttest.Entry("requirement: upgrade.target-later", "case: upgradeGraph/body/upgrade_version/not-later-*", resulttest.Because)+
		resulttest.Entry("case: upgradeGraph/method/put", resulttest.Because)+resulttest.Entry("requirement: answer.json", resulttest.Because)), resulttest.Names(t, c))
	if err != nil {
		t.Fatal(err)
	}
	want := []result.Expectation{
		{Requirement: "upgrade.target-later", Case: "upgradeGraph/body/upgrade_version/not-later-*"},
		{Case: "upgradeGraph/method/put"},
		{Requirement: "answer.json"},
	}
	if len(known.Entries()) != len(want) {
		t.Fatalf("expected %d, got %+v", len(want), known.Entries())
	}
	for i, e := range want {
		got := known.Entries()[i]
		if got.Requirement != e.Requirement || got.Case != e.Case || got.Because() != "it has always been so (OPS-1, until 2025-06-01)" {
			t.Errorf("%d: expected %+v, got %+v", i, e, got)
		}
	}
	if n := len(known.CasesOf(0)); n != 19 {
		t.Errorf("expected the pattern to name 19 cases, got %d", n)
	}
}

// An empty list is valid.
func TestReadExpectationsOfNone(t *testing.T) {
	c, _ := resulttest.Shipped(t)
	if known, err := result.ReadExpectations("known.yaml", []byte("[]\n"), resulttest.Names(t, c)); err != nil || len(known.Entries()) != 0 {
		t.Errorf("expected none, got %+v, %v", known, err)
	}
}
