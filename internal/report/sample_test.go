package report

import (
	"net/http"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

const sampleContract = `openapi: 3.0.3
info: {title: sample, version: 1.2.3}
paths:
  /graphs/{graph_id}/upgrade:
    parameters:
      - {name: graph_id, in: path, required: true, schema: {type: string}}
    post:
      operationId: upgradeGraph
      responses:
        '200': {description: done}
      x-requirements:
        - id: upgrade.later
          level: MUST
          text: A version that is not later is refused.
          source: [page]
          observes: later
        - id: upgrade.advice
          level: SHOULD
          text: A doubled member is refused.
          source: [page]
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
          observes: client
x-sources:
  page: {title: A page, url: 'https://example.com/', date: 2024-01-01}
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

func contractOf(t *testing.T) *contract.Contract {
	t.Helper()
	c, err := contract.Parse("sample.yaml", []byte(sampleContract))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sampleExchange is number sequence, answered with status and body.
func sampleExchange(sequence int, id string, status int, body string) exchange.Exchange {
	return exchange.Exchange{
		Sequence: sequence, Case: id, Aim: "current-version", Risk: "guarded", Attempt: 1,
		Started: time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC), Duration: 20 * time.Millisecond,
		URL: "http://127.0.0.1:8080/graphs/g1/upgrade",
		Request: contract.Request{
			Method: http.MethodPost, Path: "/graphs/g1/upgrade",
			Header: http.Header{"X-Auth-Token": {"$GESCONFORM_TOKEN"}, "Content-Type": {"application/json"}},
			Body:   []byte(`{"upgrade_version":"1.0.5"}`),
		},
		Answer: &contract.Answer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)},
	}
}

func caseResult(id, requirement string, verdict judge.Verdict, reason string, findings ...judge.Finding) judge.Result {
	return judge.Result{
		Case: id, Operation: "upgradeGraph", Requirement: requirement, Verdict: verdict, Reason: reason, Findings: findings,
	}
}

func found(requirement string, level contract.Level, verdict judge.Verdict, got string) judge.Finding {
	return judge.Finding{Requirement: requirement, Level: level, Verdict: verdict, Got: got, Exchange: -1}
}

// sampleResults have every verdict, and two cases that fail alike.
func sampleResults() []judge.Result {
	later := found("upgrade.later", contract.Must, judge.Deviates, "200, the upgrade was taken on")
	later.Lawful = []string{"400 GES.7049 or GES.0001", "409"}
	later.Hint = "compare versions part by part as numbers"
	later.Exchange = 0
	fine := found("answer.json", contract.Must, judge.Conforms, "JSON")
	fine.Exchange = 0
	equal := caseResult("upgradeGraph/version/equal", "upgrade.later", judge.Deviates, "", later, fine)
	equal.Aim = "current-version"
	equal.Exchanges = []exchange.Exchange{sampleExchange(7, equal.Case, 200, `{"job_id":"j1"}`)}
	older := caseResult("upgradeGraph/version/older", "upgrade.later", judge.Deviates, "", later)
	older.Exchanges = []exchange.Exchange{sampleExchange(3, older.Case, 200, `{"job_id":"j2"}`), sampleExchange(4, older.Case, 200, "")}
	return []judge.Result{
		older,
		equal,
		caseResult("upgradeGraph/body/doubled", "upgrade.advice", judge.Advisory, "",
			found("upgrade.advice", contract.Should, judge.Advisory, "200, passed over")),
		caseResult("upgradeGraph/effect/shown", "upgrade.effect", judge.NotApplicable, "risk destructive is not allowed"),
		caseResult("upgradeGraph/credentials/readonly", "auth.permitted", judge.Error, "unreachable: connection refused"),
		caseResult("upgradeGraph/version/newer", "upgrade.later", judge.Masked, "unknown-graph was answered first"),
	}
}

func sampleRun(t *testing.T) Run {
	t.Helper()
	return Summarise(contractOf(t), Run{
		Tool:    Tool{Name: "gesconform", Version: "0.1.0"},
		Target:  Target{Endpoint: "http://127.0.0.1:8080", ProjectID: "p1", GraphID: "g1", Risk: "guarded", Seed: 1, Filter: "body"},
		Started: time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC), Duration: 1500 * time.Millisecond,
		Plan:  Plan{Cases: 6, Inert: 1, Guarded: 4, Destructive: 1},
		Notes: []string{"a warning"},
	}, sampleResults())
}
