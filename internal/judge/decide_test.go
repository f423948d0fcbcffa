package judge_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

func shipped(t *testing.T) *contract.Contract {
	t.Helper()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// probe returns a case of upgradeGraph, or of the operation that has the condition, that tests
// a condition, or a valid one for "".
func probe(c *contract.Contract, condition string) *cases.Case {
	k := &cases.Case{ID: "upgradeGraph/test", Operation: "upgradeGraph", Condition: condition, Level: contract.Must, Requirement: "upgrade.accepted"}
	if r := c.Refusal(condition); r != nil {
		if c.RequirementFor(c.Operation(k.Operation), condition) == nil {
			k.Operation = "showJob"
		}
		k.Level, k.Front = r.Level, r.Front
		k.Requirement = c.RequirementFor(c.Operation(k.Operation), condition).ID
	}
	return k
}

// answer returns an exchange whose answer has a status and, from 400, an error code, or below
// it a job id.
func answer(status int, code string) *exchange.Exchange {
	body := `{"job_id":"j"}`
	if status >= 300 {
		body = fmt.Sprintf(`{"error_code":%q,"error_msg":"no"}`, code)
	}
	if status >= 300 && code == "" {
		body = "<html></html>"
	}
	return &exchange.Exchange{
		Request: contract.Request{Method: http.MethodPost, Path: "/v2/p/graphs/g/upgrade"},
		Answer:  &contract.Answer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)},
	}
}

func failed(kind exchange.FailureKind) *exchange.Exchange {
	x := answer(0, "")
	x.Answer, x.Failure = nil, &exchange.Failure{Kind: kind, Message: "it failed"}
	return x
}

var decisions = []struct {
	name, condition string
	others          string // further conditions of the aim, separated by spaces
	got             *exchange.Exchange
	want            judge.Verdict
	on              string // the requirement of the finding, if it is not that of the rule
}{
	{name: "lawful", condition: "missing-member", got: answer(400, "GES.7049"), want: judge.Conforms},
	{name: "lawful, second code", condition: "missing-member", got: answer(400, "GES.0001"), want: judge.Conforms},
	{name: "another status, real code", condition: "missing-member", got: answer(404, "GES.7049"), want: judge.Conforms},
	{name: "another meaning", condition: "missing-member", got: answer(400, "GES.7001"), want: judge.Deviates},
	{name: "a code that no page names", condition: "missing-member", got: answer(400, "GES.9123"), want: judge.Conforms},
	{name: "a code that no page names, wrong status", condition: "missing-member", got: answer(404, "GES.9123"), want: judge.Deviates},
	{name: "no code", condition: "missing-member", got: answer(400, ""), want: judge.Conforms},
	{name: "tolerated", condition: "wrong-type", got: answer(400, "GES.7036"), want: judge.Conforms},
	{name: "accepted, MUST", condition: "missing-member", got: answer(200, ""), want: judge.Deviates},
	{name: "accepted with another status, MUST", condition: "missing-member", got: answer(202, ""), want: judge.Deviates},
	{name: "accepted, SHOULD", condition: "duplicate-member", got: answer(200, ""), want: judge.Advisory},
	{name: "accepted, MAY", condition: "unknown-member", got: answer(200, ""), want: judge.Observed},
	{name: "refused, MAY", condition: "unknown-member", got: answer(400, "GES.7016"), want: judge.Conforms},
	{name: "refused wrongly, MAY", condition: "unknown-member", got: answer(400, "GES.7001"), want: judge.Observed},
	{name: "refused wrongly, SHOULD", condition: "duplicate-member", got: answer(400, "GES.7001"), want: judge.Advisory},
	{name: "500", condition: "missing-member", got: answer(500, "GES.0009"), want: judge.Deviates},
	{name: "redirect", condition: "missing-member", got: answer(302, ""), want: judge.Deviates},
	{name: "redirect of a path", condition: "unroutable-path", got: answer(301, ""), want: judge.Conforms},

	{name: "masked", condition: "missing-member", others: "unknown-graph", got: answer(404, "GES.0047"), want: judge.Masked},
	{name: "not masked", condition: "missing-member", others: "unknown-graph", got: answer(400, "GES.7049"), want: judge.Conforms},
	{name: "fits both", condition: "malformed-version", others: "target-not-later", got: answer(400, "GES.0001"), want: judge.Masked},
	{name: "fits the rule, and the other at a pinch", condition: "malformed-version", others: "target-not-later", got: answer(400, "GES.8000"), want: judge.Conforms},
	{name: "fits the other, and the rule at a pinch", condition: "wrong-type", others: "target-not-later", got: answer(400, "GES.7036"), want: judge.Masked},
	{name: "fits neither", condition: "missing-member", others: "unknown-graph", got: answer(400, "GES.7001"), want: judge.Deviates},
	{name: "a code that no page names, fits both", condition: "missing-member", others: "unknown-graph", got: answer(400, "GES.9123"), want: judge.Masked},
	{name: "fits a weaker other", condition: "invalid-utf8", others: "unknown-member", got: answer(400, "GES.7016"), want: judge.Conforms},
	{name: "accepted though masked", condition: "missing-member", others: "unknown-graph", got: answer(200, ""), want: judge.Deviates},
	{name: "accepted, MAY, besides a MUST", condition: "unknown-member", others: "target-not-later", got: answer(200, ""), want: judge.Deviates, on: "upgrade.target-later"},
	{name: "accepted, SHOULD, besides a MUST", condition: "duplicate-member", others: "unknown-graph", got: answer(200, ""), want: judge.Deviates, on: "upgrade.graph-known"},

	{name: "valid, accepted", got: answer(200, ""), want: judge.Conforms},
	{name: "valid, accepted with another status", got: answer(201, ""), want: judge.Deviates},
	{name: "valid, refused", got: answer(400, "GES.7016"), want: judge.Deviates},
	{name: "valid, masked", others: "unknown-graph", got: answer(404, "GES.0047"), want: judge.Masked},
	{name: "valid, masked by an equal version", others: "target-not-later", got: answer(400, "GES.7036"), want: judge.Masked},
	{name: "valid, refused for another reason", others: "unknown-graph", got: answer(415, "GES.7016"), want: judge.Deviates},
	{name: "valid but for the aim, accepted", others: "target-not-later", got: answer(200, ""), want: judge.Deviates, on: "upgrade.target-later"},

	{name: "no answer", condition: "missing-member", got: failed(exchange.Dropped), want: judge.Error},
	{name: "no answer in time", got: failed(exchange.TimedOut), want: judge.Error},
	{name: "429", condition: "missing-member", got: answer(429, "APIGW.0308"), want: judge.Error},
	{name: "429 without a code", got: answer(429, ""), want: judge.Error},
	{name: "503 of the gateway", condition: "missing-member", got: answer(503, "APIGW.0613"), want: judge.Error},
	{name: "503 of the service", condition: "missing-member", got: answer(503, "GES.0009"), want: judge.Deviates},
}

func TestDecide(t *testing.T) {
	c := shipped(t)
	for _, tt := range decisions {
		t.Run(tt.name, func(t *testing.T) {
			k := probe(c, tt.condition)
			aim := cases.Aim{Name: "aim", Conditions: strings.Fields(tt.others + " " + tt.condition)}
			f := judge.New(c).Decide(k, aim, tt.got)
			if f.Verdict != tt.want {
				t.Errorf("expected %s, got %s: %s", tt.want, f.Verdict, f.Got)
			}
			on := tt.on
			if on == "" {
				on = k.Requirement
			}
			if f.Requirement != on {
				t.Errorf("expected a finding on %s, got %s", on, f.Requirement)
			}
			if f.Got == "" || len(f.Lawful) == 0 || f.Line == 0 || f.Clause == "" || f.Level == "" {
				t.Errorf("expected a finding with its outcomes, clause and line, got %+v", f)
			}
		})
	}
}

func TestCredentialsLeaveTheOthersNoSay(t *testing.T) {
	c := shipped(t)
	k := probe(c, "missing-credentials")
	aim := cases.Aim{Name: "absent-graph", Conditions: []string{"missing-credentials"}}
	for code, want := range map[string]judge.Verdict{"APIGW.0301": judge.Conforms, "APIG.0301": judge.Conforms, "GES.7049": judge.Deviates} {
		if f := judge.New(c).Decide(k, aim, answer(401, code)); f.Verdict != want {
			t.Errorf("401 %s: expected %s, got %s", code, want, f.Verdict)
		}
	}
	f := judge.New(c).Decide(k, aim, answer(404, "GES.0047"))
	if f.Verdict != judge.Deviates || f.Hint == "" {
		t.Errorf("404: expected it to deviate and a hint, got %s, %q", f.Verdict, f.Hint)
	}
}

func TestThrottled(t *testing.T) {
	for name, tt := range map[string]struct {
		x    *exchange.Exchange
		want bool
	}{
		"429": {answer(429, "GES.9999"), true}, "503 of the gateway": {answer(503, "APIG.0201"), true},
		"503": {answer(503, "GES.0009"), false}, "503 without code": {answer(503, ""), false}, "400 of the gateway": {answer(400, "APIGW.0201"), false},
		"none": {failed(exchange.TimedOut), false},
	} {
		if got := judge.Throttled(tt.x); got != tt.want {
			t.Errorf("%s: expected %t, got %t", name, tt.want, got)
		}
	}
}

func TestFindingOfASequence(t *testing.T) {
	j := judge.New(shipped(t))
	for requirement, want := range map[string]judge.Verdict{"upgrade.job-ends": judge.Deviates, "upgrade.failure-explained": judge.Advisory} {
		f := j.Finding(requirement, judge.Deviates, "got", []string{"lawful"})
		if f.Verdict != want || f.Got != "got" || len(f.Lawful) != 1 || f.Line == 0 {
			t.Errorf("%s: %+v", requirement, f)
		}
		if f := j.Finding(requirement, judge.Conforms, "", nil); f.Verdict != judge.Conforms {
			t.Errorf("%s: %+v", requirement, f)
		}
	}
}

// Of several rules that a refusal fits equally well, the first is named.
func TestTheFirstOfEqualRulesIsNamed(t *testing.T) {
	c := shipped(t)
	k := &cases.Case{Operation: "upgradeGraph", Requirement: "upgrade.accepted"}
	for _, conditions := range [][]string{{"missing-member", "wrong-type"}, {"wrong-type", "missing-member"}} {
		f := judge.New(c).Decide(k, cases.Aim{Conditions: conditions}, answer(400, "GES.7016"))
		if f.Verdict != judge.Masked || !strings.HasSuffix(f.Got, ": refused as "+conditions[0]) {
			t.Errorf("%q: expected masked as the first, got %s: %s", conditions, f.Verdict, f.Got)
		}
	}
}
