package report

import (
	"strings"
	"testing"
)

// entry is a known deviation as a file has it.
func entry(lines ...string) string {
	return "- " + strings.Join(lines, "\n  ") + "\n"
}

const because = "reason: it has always been so\n  ticket: OPS-1\n  expires: 2025-06-01"

func TestReadExpectationsRefuses(t *testing.T) {
	c, _ := shipped(t)
	for name, tc := range map[string]struct{ text, want string }{
		"nothing":             {"", "known.yaml:1: expected a list of known deviations, got nothing"},
		"a mapping":           {"requirement: upgrade.target-later\n", "known.yaml:1: expected a list of known deviations, got a mapping"},
		"no YAML":             {"- {\n", "known.yaml:"},
		"a text":              {"# why\n- upgrade.target-later\n", `known.yaml:2: expected a known deviation with requirement or case, reason, ticket and expires, got "upgrade.target-later"`},
		"unknown key":         {entry("requirement: upgrade.target-later", "reasons: x"), `known.yaml:2: unknown key "reasons", did you mean reason?`},
		"unknown requirement": {entry("requirement: upgrade.target-latr", because), `known.yaml:1: requirement: unknown requirement "upgrade.target-latr", did you mean upgrade.target-later?`},
		"unknown case":        {entry("case: upgradeGraph/method/putt", because), `known.yaml:1: case: unknown case "upgradeGraph/method/putt", did you mean upgradeGraph/method/put?`},
		"pattern of none":     {entry("case: upgradeGraph/methods/*", because), `known.yaml:1: case: unknown case "upgradeGraph/methods/*", did you mean upgradeGraph/method/`},
		"neither":             {entry(because), "known.yaml:1: expected a requirement or a case, got neither"},
		"no reason":           {entry("requirement: upgrade.method", "ticket: A", "expires: 2025-06-01"), "known.yaml:1: reason: is missing"},
		"no ticket":           {entry("requirement: upgrade.method", "reason: A", "expires: 2025-06-01"), "known.yaml:1: ticket: is missing"},
		"no day":              {entry("requirement: upgrade.method", "reason: A", "ticket: B"), "known.yaml:1: expires: is missing"},
		"empty reason":        {entry("requirement: upgrade.method", "reason: ' '"), "known.yaml:2: reason: expected a text, got"},
		"null ticket":         {entry("requirement: upgrade.method", "ticket: null"), "known.yaml:2: ticket: expected a text, got nothing"},
		"a list for a text":   {entry("requirement: [upgrade.method]"), "known.yaml:1: requirement: expected a text, got a list"},
		"no date":             {entry("requirement: upgrade.method", "expires: soon"), `known.yaml:2: expires: expected a day such as 2026-12-31, got "soon"`},
		"no such date":        {entry("requirement: upgrade.method", "expires: 2025-02-30"), `known.yaml:2: expires: expected a day such as 2026-12-31, got "2025-02-30"`},
		"twice":               {entry("reason: a", "reason: b"), "known.yaml:2: reason: is given twice"},
	} {
		_, err := ReadExpectations("known.yaml", []byte(tc.text), c)
		if err == nil || !strings.HasPrefix(err.Error(), "read expectations: "+tc.want) {
			t.Errorf("%s: expected %q, got %v", name, tc.want, err)
		}
	}
}

func TestReadExpectationsReads(t *testing.T) {
	c, _ := shipped(t)
	known, err := ReadExpectations("known.yaml", []byte("# of the old region\n"+
		entry("requirement: upgrade.target-later", "case: upgradeGraph/body/upgrade_version/not-later-*", because)+
		entry("case: upgradeGraph/method/put", because)+entry("requirement: answer.json", because)), c)
	if err != nil {
		t.Fatal(err)
	}
	want := []Expectation{
		{Requirement: "upgrade.target-later", Case: "upgradeGraph/body/upgrade_version/not-later-*"},
		{Case: "upgradeGraph/method/put"},
		{Requirement: "answer.json"},
	}
	if len(known.all) != len(want) {
		t.Fatalf("expected %d, got %+v", len(want), known.all)
	}
	for i, e := range want {
		got := known.all[i].Expectation
		if got.Requirement != e.Requirement || got.Case != e.Case || got.Because() != "it has always been so (OPS-1, until 2025-06-01)" {
			t.Errorf("%d: expected %+v, got %+v", i, e, got)
		}
	}
	if n := len(known.all[0].named); n != 8 {
		t.Errorf("expected the pattern to name 8 cases, got %d", n)
	}
}

// An empty list names nothing, which is not wrong.
func TestReadExpectationsOfNone(t *testing.T) {
	c, _ := shipped(t)
	if known, err := ReadExpectations("known.yaml", []byte("[]\n"), c); err != nil || len(known.all) != 0 {
		t.Errorf("expected none, got %+v, %v", known, err)
	}
}
