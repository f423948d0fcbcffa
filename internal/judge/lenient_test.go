package judge_test

import (
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/judge"
)

// A request that breaks a SHOULD, and a MUST even for a lenient reader, must be refused, as
// either; if it is accepted, the MUST is broken.
func TestLenientReaders(t *testing.T) {
	c := shipped(t)
	all, err := cases.Of(c)
	if err != nil {
		t.Fatal(err)
	}
	const body = "upgradeGraph/body/upgrade_version/"
	found := 0
	for id, want := range map[string]struct {
		rule, must string
		other      string // a code that is only lawful for the MUST
	}{
		body + "malformed-space-before":  {"upgrade.version-trimmed", "upgrade.target-later", "GES.7036"},
		body + "malformed-space-after":   {"upgrade.version-trimmed", "upgrade.target-later", "GES.7036"},
		body + "malformed-newline-after": {"upgrade.version-trimmed", "upgrade.target-later", "GES.7036"},
		body + "wrong-type-number":       {"upgrade.scalar-types", "upgrade.version-form", "GES.7036"},
		body + "wrong-type-boolean":      {"upgrade.scalar-types", "upgrade.version-form", "GES.7036"},
	} {
		for _, k := range all {
			if k.ID != id {
				continue
			}
			found++
			j, aim := judge.New(c), k.Aims[len(k.Aims)-1]
			if k.Requirement != want.rule {
				t.Errorf("%s: expected the requirement %s, got %s", id, want.rule, k.Requirement)
			}
			if f := j.Decide(k, aim, answer(200, "")); f.Verdict != judge.Deviates || f.Requirement != want.must {
				t.Errorf("%s, accepted: expected a deviation on %s, got %+v", id, want.must, f)
			}
			for _, code := range []string{"GES.0001", "GES.7016", want.other} {
				x := answer(400, code)
				f := j.Decide(k, aim, x)
				if f.Verdict != judge.Conforms || f.Requirement != want.rule {
					t.Errorf("%s, %s: expected it to conform, got %+v", id, code, f)
				}
				if also, wrong := j.Code(k, f, x); wrong {
					t.Errorf("%s, %s: expected nothing more, got %+v", id, code, also)
				}
			}
			if f := j.Decide(k, aim, answer(400, "GES.7024")); f.Verdict != judge.Advisory {
				t.Errorf("%s, another meaning: expected an advisory, got %+v", id, f)
			}
			if f := j.Decide(k, k.Aims[0], answer(404, "GES.0047")); f.Verdict != judge.Masked {
				t.Errorf("%s, no such graph: expected it to be masked, got %+v", id, f)
			}
		}
	}
	if found != 5 {
		t.Errorf("expected 5 cases, got %d", found)
	}
}
