package cases_test

import (
	"slices"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
)

func TestProbes(t *testing.T) {
	want := map[string][]cases.Probe{
		"upgradeGraph/body/absent":                               {{Part: "body", Rule: "required"}},
		"upgradeGraph/body/upgrade_version/missing":              {{Part: "body/upgrade_version", Rule: "required"}},
		"upgradeGraph/body/upgrade_version/null":                 {{Part: "body/upgrade_version", Rule: "nullable"}},
		"upgradeGraph/body/upgrade_version/malformed-words":      {{Part: "body/upgrade_version", Rule: "pattern"}},
		"upgradeGraph/body/upgrade_version/not-later-equal":      {{Part: "body/upgrade_version", Rule: "not-later"}},
		"upgradeGraph/body/unknown-member":                       {{Part: "body", Rule: "unknown"}},
		"upgradeGraph/body/force_upgrade/letter-case-upper":      {{Part: "body/force_upgrade", Rule: "letter-case"}},
		"upgradeGraph/media-type/missing":                        {{Part: "header/Content-Type", Rule: "required"}},
		"upgradeGraph/method/put":                                {{Part: "method", Rule: "method"}},
		"upgradeGraph/path/graph_id/unknown":                     {{Part: "path/graph_id", Rule: "unknown"}},
		"upgradeGraph/path/graph_id/unroutable-empty":            {{Part: "path/graph_id", Rule: "minLength"}},
		"upgradeGraph/path/project_id/malformed-nul":             {{Part: "path/project_id", Rule: "pattern"}},
		"upgradeGraph/security/token/made-up":                    {{Part: "security/X-Auth-Token", Rule: "not-issued"}},
		"upgradeGraph/security/token/missing-and-member-missing": {{Part: "security/X-Auth-Token", Rule: "required"}}, // only the rule under test
		"upgradeGraph/security/akSk/bearer":                      {{Part: "security/Authorization", Rule: "pattern"}},
		"upgradeGraph/lifecycle/second-refused":                  {{Part: "path/graph_id", Rule: "upgrading"}},
		"upgradeGraph/lifecycle/job-ends":                        nil,
		"upgradeGraph/valid/charset":                             {{Part: "header/Content-Type"}},
		"upgradeGraph/valid/force_upgrade-true":                  {{Part: "body/force_upgrade"}},
	}
	got := map[string][]cases.Probe{}
	for _, k := range derive(t, shipped(t)) {
		got[k.ID] = k.Probes
	}
	for id, probes := range want {
		if !slices.Equal(got[id], probes) {
			t.Errorf("%s: expected %v, got %v", id, probes, got[id])
		}
	}
}

// The probes of a case are among the rules of its operation: otherwise a report would count
// more rules as exercised than exist.
func TestProbesAreOfTheContract(t *testing.T) {
	c := shipped(t)
	for _, k := range derive(t, c) {
		op := c.Operation(k.Operation)
		if k.Condition != "" && len(k.Probes) == 0 {
			t.Errorf("%s: breaks %s; expected a probe, got none", k.ID, k.Condition)
		}
		for _, p := range k.Probes {
			if p.Rule != "" && !slices.Contains(cases.Rules(op), p) {
				t.Errorf("%s: %v is no rule of %s", k.ID, p, op.ID)
			}
			if p.Part != "method" && p.Part != "path" && !slices.Contains(cases.Parts(op), p.Part) {
				t.Errorf("%s: %s is no part of a request to %s", k.ID, p.Part, op.ID)
			}
		}
	}
}
