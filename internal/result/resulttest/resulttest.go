// Package resulttest has sample runs for the tests of packages that summarise, show and
// store results, and validates documents against docs/results.schema.json.
package resulttest

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

const sampleContract = `openapi: 3.0.3
info: {title: sample, version: 1.2.3}
paths:
  /graphs/{graph_id}/upgrade:
    parameters:
      - {name: graph_id, in: path, required: true, schema: {type: string}, x-source: [page]}
    post:
      operationId: upgradeGraph
      responses:
        '200': {description: done}
      x-requirements:
        - id: upgrade.later
          level: MUST
          text: A version that is not later is refused.
          source: [page, ours-d1]
          ours: []
          observes: later
        - id: upgrade.advice
          level: SHOULD
          text: A doubled member is refused.
          source: [standard]
          observes: advice
        - id: upgrade.effect
          level: MUST
          text: The upgrade has an effect.
          source: [page]
          observes: effect
        - id: upgrade.client
          level: MUST
          text: A client reads the job id.
          source: [page]
          appliesTo: [client]
          expects: asks-own-job
x-sources:
  page: {title: A page, url: 'https://example.com/', date: 2024-01-01}
  standard: {title: 'RFC 8259, section 4, Objects', url: 'https://www.rfc-editor.org/rfc/rfc8259#section-4', date: 2017-12-01}
  ours-d1: {title: Equal versions, reason: An upgrade to the same version stops a graph for nothing.}
x-error-codes: {}
x-refusals: {}
x-requirements:
  - id: answer.json
    level: MUST
    text: An answer is JSON.
    source: [page]
    judges: json
  - id: auth.permitted
    level: MUST
    text: A caller who may only read is refused.
    source: [page]
    observes: permitted
`

var parsedSample = sync.OnceValues(func() (*contract.Contract, error) {
	return contract.Parse("sample.yaml", []byte(sampleContract))
})

// Contract returns the sample contract, which has five requirements for a server.
func Contract(t *testing.T) *contract.Contract {
	t.Helper()
	c, err := parsedSample()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Exchange returns an exchange of a case with this sequence number, status and body.
func Exchange(sequence int, id string, status int, body string) exchange.Exchange {
	return exchange.Exchange{
		Sequence: sequence, Case: id, Aim: "current-version", Risk: "guarded", Attempt: 1,
		Started: time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC), Duration: 20 * time.Millisecond,
		URL: "http://127.0.0.1:8080/graphs/g1/upgrade", Operation: "upgradeGraph",
		Request: contract.Request{
			Method: http.MethodPost, Path: "/graphs/g1/upgrade",
			Header: http.Header{"X-Auth-Token": {"$GESCONFORM_TOKEN"}, "Content-Type": {"application/json"}},
			Body:   []byte(`{"upgrade_version":"1.0.5"}`),
		},
		Answer: &contract.Answer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)},
	}
}

// Case returns the result of a case of upgradeGraph.
func Case(id, requirement string, verdict judge.Verdict, reason string, findings ...judge.Finding) judge.Result {
	return judge.Result{
		Case: id, Operation: "upgradeGraph", Requirement: requirement, Verdict: verdict, Reason: reason, Findings: findings,
	}
}

// Finding returns a finding without an exchange.
func Finding(requirement string, level contract.Level, verdict judge.Verdict, got string) judge.Finding {
	return judge.Finding{Requirement: requirement, Level: level, Verdict: verdict, Got: got, Exchange: -1}
}

// Results returns results with every verdict except Observed, and two cases with the same
// deviation.
func Results() []judge.Result {
	later := Finding("upgrade.later", contract.Must, judge.Deviates, "200, the upgrade was accepted")
	later.Lawful = []string{"400 GES.7049 or GES.0001", "409"}
	later.Hint = "compare versions part by part as numbers"
	later.Exchange = 0
	later.Origin = &judge.Origin{Source: []string{"page", "ours-d1"}}
	fine := Finding("answer.json", contract.Must, judge.Conforms, "JSON")
	fine.Exchange = 0
	doubled := Finding("upgrade.advice", contract.Should, judge.Advisory, "200, ignored")
	doubled.Origin = &judge.Origin{Source: []string{"standard"}}
	equal := Case("upgradeGraph/version/equal", "upgrade.later", judge.Deviates, "", later, fine)
	equal.Aim = "current-version"
	equal.Exchanges = []exchange.Exchange{Exchange(7, equal.Case, 200, `{"job_id":"j1"}`)}
	older := Case("upgradeGraph/version/older", "upgrade.later", judge.Deviates, "", later)
	older.Exchanges = []exchange.Exchange{Exchange(3, older.Case, 200, `{"job_id":"j2"}`), Exchange(4, older.Case, 200, "")}
	return []judge.Result{
		older,
		equal,
		Case("upgradeGraph/body/doubled", "upgrade.advice", judge.Advisory, "", doubled),
		Case("upgradeGraph/effect/shown", "upgrade.effect", judge.NotApplicable, "risk destructive is not allowed"),
		Case("upgradeGraph/credentials/readonly", "auth.permitted", judge.Error, "unreachable: connection refused"),
		Case("upgradeGraph/version/newer", "upgrade.later", judge.Masked, "unknown-graph was answered first"),
	}
}

// Run returns a run with Results.
func Run(t *testing.T) result.Run {
	t.Helper()
	return result.Summarise(Contract(t), result.Run{
		Tool:    result.Tool{Name: "gesconform", Version: "0.1.0"},
		Target:  result.Target{Endpoint: "http://127.0.0.1:8080", ProjectID: "p1", GraphID: "g1", Risk: "guarded", Seed: 1, Filter: "body"},
		Started: time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC), Duration: 1500 * time.Millisecond,
		Plan:  result.Plan{Cases: 6, Inert: 1, Guarded: 4, Destructive: 1},
		Notes: []string{"a warning"},
	}, Results())
}

// Shipped returns the contract of this module and all its cases.
func Shipped(t *testing.T) (*contract.Contract, []*cases.Case) {
	t.Helper()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	all, err := cases.Derive(c)
	if err != nil {
		t.Fatal(err)
	}
	return c, all
}

// Ids of cases of the shipped contract whose version is not later than the graph's.
const (
	EqualVersion = "upgradeGraph/body/upgrade_version/not-later-equal"
	OlderVersion = "upgradeGraph/body/upgrade_version/not-later-older-patch"
	ZeroVersion  = "upgradeGraph/body/upgrade_version/not-later-older-zero"
)

// Covered returns a run of a few cases of the shipped contract, with its coverage.
func Covered(t *testing.T) result.Run {
	t.Helper()
	c, all := Shipped(t)
	aside := Decided(3, "upgradeGraph/media-type/text", "upgrade.media-type", judge.Error, 503, "GES.7016", "busy")
	aside.Exchanges[0].SetAside = "sent again"
	masked := Case("upgradeGraph/body/truncated", "upgrade.body-json", judge.Masked, "404 Not Found: refused as unknown-graph, so the rule of this case was not reached: that needs --risk guarded")
	run := result.Summarise(c, result.Run{}, []judge.Result{
		Decided(1, EqualVersion, "upgrade.target-later", judge.Conforms, 400, "GES.7036", "not later"),
		Decided(2, "upgradeGraph/security/token/missing", "auth.required", judge.Conforms, 401, "APIG.0301", "no token"),
		Case(OlderVersion, "upgrade.target-later", judge.NotApplicable, "needs --risk destructive"),
		Case("upgradeGraph/valid/force_upgrade-true", "upgrade.force-true", judge.NotApplicable, "needs --risk destructive"),
		Case("upgradeGraph/path/graph_id/foreign", "upgrade.graph-of-project", judge.NotApplicable, "needs --foreign-graph-id"),
		Case("upgradeGraph/path/graph_id/foreign-and-force_upgrade-false", "upgrade.graph-of-project", judge.NotApplicable, "needs --foreign-graph-id"),
		Case("upgradeGraph/path/graph_id/foreign-and-force_upgrade-true", "upgrade.graph-of-project", judge.NotApplicable, "needs --foreign-graph-id"),
		aside, masked,
	})
	run.Cover(c, all)
	return run
}

// Decided returns the result of a case that one exchange with this answer decided.
func Decided(sequence int, id, requirement string, verdict judge.Verdict, status int, code, message string) judge.Result {
	f := Finding(requirement, contract.Must, verdict, fmt.Sprintf("%d, %s", status, code))
	f.Exchange = 0
	f.Lawful = []string{"400 GES.7036 or GES.0001"}
	r := Case(id, requirement, verdict, "", f)
	r.Operation, _, _ = strings.Cut(id, "/")
	x := Exchange(sequence, id, status, fmt.Sprintf(`{"error_code":%q,"error_msg":%q}`, code, message))
	x.Request.Path = "/v2/p1/graphs/g1/upgrade"
	r.Exchanges = []exchange.Exchange{x}
	return r
}

// Known returns a run of the shipped contract, started at noon on 1 June 2025, in which an
// older version was accepted, an equal one was refused, and the answer to a wrong method
// was not JSON. change may change the results. entries are its known deviations, as Entry
// returns them.
func Known(t *testing.T, change func([]judge.Result), entries ...string) result.Run {
	t.Helper()
	c, _ := Shipped(t)
	page := Finding("answer.json", contract.Must, judge.Deviates, "no JSON")
	results := []judge.Result{
		Decided(1, EqualVersion, "upgrade.target-later", judge.Conforms, 400, "GES.7036", "not later"),
		Decided(2, OlderVersion, "upgrade.target-later", judge.Deviates, 200, "", ""),
		Decided(3, ZeroVersion, "upgrade.target-later", judge.Conforms, 400, "GES.7036", "not later"),
		Decided(4, "upgradeGraph/method/put", "upgrade.method", judge.Conforms, 405, "", ""),
	}
	results[3].Findings = append(results[3].Findings, page)
	results[3].Verdict = judge.Deviates
	if change != nil {
		change(results)
	}
	known, err := result.ReadExpectations("known.yaml", []byte(strings.Join(entries, "")), Names(t, c))
	if err != nil {
		t.Fatal(err)
	}
	run := result.Summarise(c, result.Run{Target: result.Target{Endpoint: "https://ges.example.com"}, Started: time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)}, results)
	run.Expect(known)
	return run
}

// Names returns what an expectation of a run against a deployment may name.
func Names(t *testing.T, c *contract.Contract) result.Names {
	t.Helper()
	known, err := result.NamesOf(c)
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// Mend changes the results of Known: the older version is refused, too.
func Mend(results []judge.Result) {
	results[1] = Decided(2, OlderVersion, "upgrade.target-later", judge.Conforms, 400, "GES.7036", "not later")
}

// Entry returns an entry of a file with known deviations.
func Entry(lines ...string) string {
	return "- " + strings.Join(lines, "\n  ") + "\n"
}

// Because has the mandatory lines of an Entry.
const Because = "reason: it has always been so\n  ticket: OPS-1\n  expires: 2025-06-01"

// Each returns a result for each requirement of the sample contract, all with one verdict.
func Each(verdict judge.Verdict) []judge.Result {
	var all []judge.Result
	for _, id := range []string{"upgrade.later", "upgrade.advice", "upgrade.effect", "answer.json", "auth.permitted"} {
		all = append(all, Case("case/"+id, id, verdict, "", Finding(id, contract.Must, verdict, "")))
	}
	return all
}

// OneCase returns a run of the sample contract with one case, which this answer decided.
func OneCase(t *testing.T, verdict judge.Verdict, status int, code, message string) result.Run {
	t.Helper()
	return result.Summarise(Contract(t), result.Run{}, []judge.Result{Decided(1, "upgradeGraph/x", "upgrade.later", verdict, status, code, message)})
}

// Targets returns the result of three targets: one deviates, one conforms as far as
// exercised, and one could not be reached.
func Targets(t *testing.T) *result.Targets {
	t.Helper()
	c := Contract(t)
	fine := []judge.Result{Case("upgradeGraph/version/equal", "upgrade.later", judge.Conforms, "", Finding("upgrade.later", contract.Must, judge.Conforms, "400"))}
	away := result.Run{Failure: "no connection: <b>refused</b>", Target: result.Target{Endpoint: "https://away.example.com"}}
	f := &result.Targets{}
	f.Add("cn-south-1", "cn-south-1", result.Summarise(c, result.Run{}, fine))
	f.Add("cn-north-4", "cn-north-4", Run(t))
	f.Add("away", "away", result.Summarise(c, away, nil))
	f.Conclude()
	return f
}

// JSON returns the results.json of a run.
func JSON(t *testing.T, run result.Run) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := result.WriteJSON(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
