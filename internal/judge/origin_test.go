package judge_test

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/judge"
)

// A finding names the sources of its requirement, of the condition that was tested and of the
// broken part of a schema, pages and RFCs first; and it is lowered only if none of these says
// what was broken.
func TestTrace(t *testing.T) {
	c := shipped(t)
	j := judge.New(c)
	equal, older := probe(c, "target-not-later"), probe(c, "target-not-later")
	equal.ID, older.ID = "upgradeGraph/body/upgrade_version/not-later-equal", "upgradeGraph/body/upgrade_version/not-later-older-patch"
	accepted := answer(200, "")
	noID := answer(200, "")
	noID.Answer.Body = []byte(`{"job_id":""}`)
	numberID := answer(200, "")
	numberID.Answer.Body = []byte(`{"job_id":7}`)
	inBody := func(k *cases.Case) []judge.Finding {
		return []judge.Finding{j.Decide(k, cases.Aim{Conditions: []string{k.Condition}}, accepted)}
	}
	upgrade := c.Operation("upgradeGraph")
	for name, tt := range map[string]struct {
		k        *cases.Case
		findings []judge.Finding
		source   string
		lowered  bool
	}{
		"a page says it":                     {older, inBody(older), "upgrade-eu-2024-01 error-codes-2021 ours-d10", false},
		"a decision adds the case":           {equal, inBody(equal), "upgrade-eu-2024-01 error-codes-2021 ours-d10", true},
		"a decision alone":                   {probe(c, "malformed-version"), inBody(probe(c, "malformed-version")), "error-codes-2021 ours-d10", true},
		"the type that a page has":           {probe(c, ""), j.Aspects(probe(c, ""), upgrade, numberID), "upgrade-eu-2024-01 ours-d6", false},
		"a keyword that a decision adds":     {probe(c, ""), j.Aspects(probe(c, ""), upgrade, noID), "upgrade-eu-2024-01 ours-d6", true},
		"what holds of every answer is ours": {probe(c, ""), j.Aspects(probe(c, ""), upgrade, answer(500, "GES.7006")), "upgrade-eu-2024-01 rfc9110-3.4 rfc9110-15.6 ours-d8", true},
	} {
		r := judge.Result{Verdict: judge.Conforms}
		r.Conclude(tt.findings...)
		j.Trace(tt.k, &r)
		if len(r.Findings) != 1 || r.Verdict != judge.Deviates || r.Findings[0].Level != contract.Must {
			t.Errorf("%s: expected a broken MUST, got %+v", name, r)
			continue
		}
		if got := strings.Join(r.Findings[0].SourceIDs(), " "); got != tt.source {
			t.Errorf("%s: expected the sources %s, got %s", name, tt.source, got)
		}
		r.OnlyDocumented()
		f := r.Findings[0]
		want, level := judge.Deviates, contract.Must
		if tt.lowered {
			want, level = judge.Advisory, contract.Should
		}
		if f.Verdict != want || r.Verdict != want || f.Level != level {
			t.Errorf("%s: expected %s %s, got %s %s in a result that is %s", name, want, level, f.Verdict, f.Level, r.Verdict)
		}
	}
}
