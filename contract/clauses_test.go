package contract_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/contract"
)

func quoteJSON(t *testing.T, s string) string {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFit(t *testing.T) {
	c := load(t)
	for _, test := range []struct {
		condition string
		status    int
		code      string
		want      contract.Fit
	}{
		{"unknown-graph", 404, "GES.0047", contract.Exact},
		{"unknown-graph", 400, "GES.8011", contract.Exact},
		{"unknown-graph", 400, "GES.0001", contract.Tolerated},
		{"unknown-graph", 400, "GES.7001", contract.NoFit},     // means something else
		{"unknown-graph", 403, "GES.8011", contract.Tolerated}, // another status
		{"unknown-graph", 401, "GES.0047", contract.Tolerated},
		{"unknown-graph", 403, "GES.0015", contract.Tolerated},
		{"unknown-graph", 401, "GES.0001", contract.NoFit}, // it may speak of the credentials
		{"unknown-graph", 403, "GES.7041", contract.NoFit}, // likewise
		{"unknown-graph", 500, "GES.0047", contract.NoFit},
		{"unknown-graph", 400, "GES.0666", contract.Unlisted},
		{"unknown-graph", 400, "", contract.Codeless},
		{"unknown-graph", 400, "ges.8011", contract.Codeless},
		{"unknown-graph", 403, "", contract.NoFit},
		{"missing-credentials", 401, "APIGW.0301", contract.Exact},
		{"missing-credentials", 401, "APIG.0301", contract.Exact}, // an alias of APIGW
		{"missing-credentials", 401, "APIG.0201", contract.NoFit},
		{"wrong-method", 405, "", contract.Generic},
		{"wrong-method", 404, "GES.7001", contract.Generic},
		{"wrong-method", 200, "", contract.NoFit},
		{"wrong-method", 500, "", contract.NoFit},
		{"unroutable-path", 301, "", contract.Generic},
		{"deep-nesting", 413, "", contract.Generic},
		{"deep-nesting", 400, "GES.7016", contract.Exact},
		{"upgrade-under-way", 409, "GES.7001", contract.Tolerated},
		{"upgrade-under-way", 409, "GES.7048", contract.Tolerated},
		{"upgrade-under-way", 409, "GES.0666", contract.NoFit}, // only a real code may have another status
		{"upgrade-under-way", 200, "GES.7001", contract.NoFit},
		{"stopped-graph", 400, "GES.7037", contract.NoFit}, // it is stopped
		{"missing-member", 400, "GES.7036", contract.Tolerated},
		{"malformed-version", 422, "GES.7065", contract.Tolerated},
		{"malformed-version", 400, "GES.7024", contract.NoFit},
	} {
		if got := c.Fit(c.Refusal(test.condition), test.status, test.code); got != test.want {
			t.Errorf("%s %d %q: got %d, want %d", test.condition, test.status, test.code, got, test.want)
		}
	}
	if !(contract.NoFit < contract.Codeless && contract.Codeless < contract.Generic && contract.Generic < contract.Unlisted &&
		contract.Unlisted < contract.Tolerated && contract.Tolerated < contract.Exact) {
		t.Error("the fits are not in order")
	}
}

func TestOutcome(t *testing.T) {
	for _, test := range []struct {
		outcome contract.Outcome
		status  int
		covers  bool
		text    string
	}{
		{contract.Outcome{Status: "400", Codes: []string{"A"}}, 400, true, "400 A"},
		{contract.Outcome{Status: "400", Codes: []string{"A", "B"}}, 401, false, "400 A or B"},
		{contract.Outcome{Status: "404", Codes: []string{"A", "B", "C"}}, 404, true, "404 A, B or C"},
		{contract.Outcome{Status: "4XX"}, 499, true, "4XX with any code"},
		{contract.Outcome{Status: "4XX"}, 500, false, "4XX with any code"},
		{contract.Outcome{Status: "4XX"}, 4, false, "4XX with any code"},
		{contract.Outcome{Status: "4XX"}, 4000, false, "4XX with any code"},
	} {
		if got := test.outcome.Covers(test.status); got != test.covers {
			t.Errorf("%v covers %d: got %v", test.outcome, test.status, got)
		}
		if got := test.outcome.String(); got != test.text {
			t.Errorf("got %q, want %q", got, test.text)
		}
	}
}

func TestRefusalAnswer(t *testing.T) {
	c := load(t)
	for condition, want := range map[string]string{
		"unknown-graph": "404 GES.0047", "malformed-project-id": "400 ", "wrong-method": "404 ", "unroutable-path": "400 ", "missing-credentials": "401 APIGW.0301",
	} {
		status, code := c.Refusal(condition).FirstLawful()
		if got := fmt.Sprintf("%d %s", status, code); got != want {
			t.Errorf("%s: got %q, want %q", condition, got, want)
		}
	}
	// The contract's first lawful answer must be lawful by its own rules.
	for _, r := range c.Refusals() {
		status, code := r.FirstLawful()
		if fit := c.Fit(r, status, code); fit != contract.Exact && fit != contract.Generic {
			t.Errorf("%s: %d %s has fit %d", r.Condition, status, code, fit)
		}
	}
	want := []string{
		"400 GES.7036 or GES.0001",
		"second best: GES.7048 or GES.7065 (it says that the upgrade to this version is not possible, but another code or status says more closely why)",
		"second best: GES.7016, GES.7068, GES.8000, GES.8005, APIGW.0201 or APIGW.0602 (it says that the request is wrong, but not that the version is not later)",
	}
	if got := c.Refusal("target-not-later").Lawful(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFind(t *testing.T) {
	c := withOddities(t)
	for _, test := range []struct {
		method, path string
		id           string
		known        bool
		values       string
	}{
		{"POST", "/v2/p/graphs/g/upgrade", "upgradeGraph", true, "map[graph_id:g project_id:p]"},
		{"GET", "/v2/p/graphs/g", "showGraph", true, "map[graph_id:g project_id:p]"},
		{"GET", "/v2/p/graphs/g/jobs/j/status", "showJob", true, "map[graph_id:g job_id:j project_id:p]"},
		{"GET", "/v2/p/graphs/g/upgrade", "", true, ""},
		{"DELETE", "/v2/p/graphs/g", "", true, ""},
		{"POST", "/v2/p/graphs/g/upgrade/", "", false, ""},
		{"POST", "/v2/p/graphs/g/upgrade/x", "", false, ""},
		{"POST", "//v2/p/graphs/g/upgrade", "", false, ""},
		{"POST", "/v2/p//graphs/g/upgrade", "", false, ""},
		{"POST", "/V2/p/graphs/g/upgrade", "", false, ""},
		{"POST", "/v1/p/graphs/g/upgrade", "", false, ""},
		{"POST", "/v2//graphs//upgrade", "upgradeGraph", true, "map[graph_id: project_id:]"},
		{"POST", "/v2/a%2Fb/graphs/%20+/upgrade", "upgradeGraph", true, "map[graph_id: + project_id:a/b]"},
		{"POST", "/v2/p/graphs/g/%75pgrade", "upgradeGraph", true, "map[graph_id:g project_id:p]"},
		{"POST", "/v2/p/graphs/g%zz/upgrade", "", false, ""},
		{"GET", "/", "", false, ""},
		{"GET", "", "", false, ""},
		{"GET", "/odd/1/true", "plain", true, "map[]"}, // the path without parameters is preferred
		{"PUT", "/odd/1/true", "odd", true, "map[kind:true n:1]"},
	} {
		op, values, known := c.Find(test.method, test.path)
		id, got := "", ""
		if op != nil {
			id, got = op.ID, fmt.Sprint(values)
		}
		if id != test.id || known != test.known || got != test.values {
			t.Errorf("%s %s: got %q %s, known %v", test.method, test.path, id, got, known)
		}
	}
}

func TestLines(t *testing.T) {
	c := load(t)
	upgrade := "/paths/~1v2~1{project_id}~1graphs~1{graph_id}~1upgrade/post"
	for _, test := range []struct {
		pointer string
		texts   []string
	}{
		{"", []string{"openapi:"}},
		{"/info/title", []string{"  title:"}},
		{"#/info/title", []string{"  title:"}},
		{upgrade, []string{"    post:"}},
		{upgrade + "/x-refusals/0", []string{"- missing-credentials"}},
		{upgrade + "/x-refusals/999", []string{"      x-refusals:"}}, // the nearest parent
		{upgrade + "/nothing/at/all", []string{"    post:"}},
		{"/components/schemas/UpgradeGraphRequest/properties/upgrade_version/pattern", under(versionClause, "pattern")},
	} {
		if got := c.Line(test.pointer); got != lineOf(t, test.texts...) {
			t.Errorf("%s: got %d, want %d", test.pointer, got, lineOf(t, test.texts...))
		}
	}
	for _, r := range c.Requirements() {
		if want := lineOf(t, "- id: "+r.ID+"\n"); r.Line != want || c.Line(r.Clause) != want {
			t.Errorf("%s: got %d and %d, want %d", r.ID, r.Line, c.Line(r.Clause), want)
		}
	}
	for _, r := range c.Refusals() {
		if want := lineOf(t, "\nx-refusals:", "\n  "+r.Condition+":\n"); r.Line != want {
			t.Errorf("%s: got %d, want %d", r.Condition, r.Line, want)
		}
	}
	for _, op := range c.Operations() {
		if op.Line != c.Line(op.Clause) || op.Line == 0 {
			t.Errorf("%s: got %d", op.ID, op.Line)
		}
	}
}

// Nothing in the document may be left out: the counts of the text and of the loaded
// contract must agree.
func TestAllIsLoaded(t *testing.T) {
	c := load(t)
	if got, want := len(c.Requirements()), strings.Count(string(gesconform.OpenAPI), "- id: "); got != want {
		t.Errorf("got %d requirements, want %d", got, want)
	}
	var ids []string
	for _, op := range c.Operations() {
		ids = append(ids, op.ID)
		if op.Success() == nil || op.Success().Status != "200" || op.Safe() != (op.Method == http.MethodGet) {
			t.Errorf("%s: success %v, safe %v", op.ID, op.Success(), op.Safe())
		}
		for _, r := range op.Refusals() {
			if c.RequirementFor(op, r.Condition) == nil {
				t.Errorf("%s: no requirement refuses %s", op.ID, r.Condition)
			}
		}
		for _, p := range op.Parameters {
			if op.Parameter(p.Name) != p || p.Example == nil && p.In != contract.InQuery {
				t.Errorf("%s: parameter %s", op.ID, p.Name)
			}
		}
	}
	if !slices.Equal(ids, []string{"listJobs", "showGraph", "showJob", "upgradeGraph"}) {
		t.Errorf("got %v", ids)
	}
	upgrade := c.Operation("upgradeGraph")
	if len(upgrade.Security) != 2 || upgrade.Schemes()[0].Name != "X-Auth-Token" || upgrade.Schemes()[1].Pattern == nil {
		t.Errorf("got %v", upgrade.Security)
	}
	if c.Operation("none") != nil || c.Requirement("none") != nil || c.Refusal("none") != nil || c.Code("none") != nil || c.Source("none") != nil || upgrade.Parameter("none") != nil {
		t.Error("expected nil for a name that does not exist")
	}
	if c.Code("APIG.0301") != c.Code("APIGW.0301") || c.Code("APIG.0301") == nil {
		t.Error("expected APIG.0301 and APIGW.0301 to be the same code")
	}
	if c.Source("rfc8259-2").Line != lineOf(t, "\n  rfc8259-2: ") {
		t.Errorf("got %d", c.Source("rfc8259").Line)
	}
}

func TestRequirementsOfWhat(t *testing.T) {
	c := load(t)
	upgrade, show := c.Operation("upgradeGraph"), c.Operation("showGraph")
	id := func(r *contract.Requirement) string {
		if r == nil {
			return ""
		}
		return r.ID
	}
	for _, test := range []struct{ got, want string }{
		{id(c.RequirementFor(upgrade, "unknown-graph")), "upgrade.graph-known"},
		{id(c.RequirementFor(show, "unknown-graph")), "graph.known"},
		{id(c.RequirementFor(show, "missing-credentials")), "auth.required"},
		{id(c.RequirementFor(show, "target-not-later")), ""},
		{id(c.RequirementJudging(upgrade, contract.AspectSchemaOfSuccess)), "upgrade.job-id"},
		{id(c.RequirementJudging(show, contract.AspectSchemaOfSuccess)), "answer.schema"}, // the wider one
		{id(c.RequirementJudging(show, contract.AspectCodeForm)), "answer.code-form"},
		{id(c.RequirementJudging(show, "")), ""},
		{id(c.RequirementAccepting(upgrade, "charset")), "upgrade.media-type-charset"},
		{id(c.RequirementAccepting(show, "charset-of-nothing")), ""},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
	relation := func(op *contract.Operation, r contract.Relation, part string) string {
		if refusal := c.RefusalForRelation(op, r, part); refusal != nil {
			return refusal.Condition
		}
		return ""
	}
	for _, test := range []struct{ got, want string }{
		{relation(upgrade, contract.Unknown, "graph_id"), "unknown-graph"},
		{relation(upgrade, contract.Unknown, "job_id"), ""},
		{relation(c.Operation("showJob"), contract.Unknown, "job_id"), "unknown-job"},
		{relation(upgrade, contract.NotLater, "/upgrade_version"), "target-not-later"},
		{relation(upgrade, contract.Expired, ""), "expired-credentials"},
		{relation(show, contract.NotPermitted, ""), ""},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
	if in, part, ok := upgrade.Place(contract.NotLater); in != contract.InBody || part != "/upgrade_version" || !ok {
		t.Errorf("got %s %s %v", in, part, ok)
	}
	if _, _, ok := show.Place(contract.NotLater); ok {
		t.Error("showGraph knows no version")
	}
}
