package judge_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

func TestAFaultOfTheAnswerIsTheOnlyDeviation(t *testing.T) {
	c := shipped(t)
	op := c.Operation("upgradeGraph")
	j := judge.New(c)
	body := func(status int, text string) *exchange.Exchange {
		x := answer(status, "")
		x.Answer.Body = []byte(text)
		return x
	}
	page := func(text string) *exchange.Exchange {
		x := body(200, text)
		x.Answer.Header.Set("Content-Type", "text/html")
		return x
	}
	refused := &cases.Case{Operation: op.ID, Requirement: "upgrade.body-json", Condition: "malformed-body"}
	valid := &cases.Case{Operation: op.ID, Requirement: "upgrade.media-type-charset", Accepts: "charset"}
	step := &cases.Case{Operation: op.ID, Requirement: "upgrade.accepted", Observes: "accepted"}
	job := &cases.Case{Operation: op.ID, Requirement: "upgrade.job-queryable", Observes: "job-queryable"}
	for _, tt := range []struct {
		name string
		k    *cases.Case
		x    *exchange.Exchange
		want []string
	}{
		{"a refusal with 5xx", refused, answer(500, "GES.7006"), []string{"deviates request.answered", "masked upgrade.body-json"}},
		{"a refusal with 422", refused, answer(422, "GES.7016"), []string{"deviates upgrade.body-json"}},
		{"a bad request that is accepted", refused, body(200, `{"job_id":"1"}`), []string{"deviates upgrade.body-json"}},
		{"a refusal with 200", refused, body(200, `{"error_code":"GES.7016","error_msg":"no"}`), []string{"deviates upgrade.job-id", "masked upgrade.body-json"}},
		{"a bad request that is accepted without a job", refused, body(200, `{}`), []string{"deviates upgrade.body-json", "deviates upgrade.job-id"}},
		{"an acceptance with 201", valid, body(201, `{"job_id":"1"}`), []string{"deviates answer.status", "masked upgrade.media-type-charset"}},
		{"a valid request that is refused", valid, answer(415, "GES.7016"), []string{"deviates upgrade.media-type-charset"}},
		{"an acceptance with 500", step, answer(500, "GES.7006"), []string{"deviates request.answered", "deviates upgrade.accepted"}},
		{"no answer to an acceptance", step, failed(exchange.Dropped), []string{"deviates request.answered", "masked upgrade.accepted"}},
		{"a read that is a page", job, page("<p>"), []string{"deviates answer.media-type", "masked upgrade.job-queryable"}},
		{"a read that is cut", job, body(200, `{"job_id":`), []string{"deviates answer.json", "masked upgrade.job-queryable"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			own := j.Finding(tt.k.Requirement, judge.Deviates, "what came", []string{"what is lawful"})
			own.Exchange = 0
			r := judge.Result{Verdict: own.Verdict, Findings: []judge.Finding{own}, Exchanges: []exchange.Exchange{*tt.x}}
			faults := j.Aspects(tt.k, op, tt.x)
			j.Yield(tt.k, op, &r, 0, faults)
			r.Conclude(faults...)
			if got := requirements(r.Findings); !slices.Equal(got, tt.want) {
				t.Errorf("expected %q, got %q", tt.want, got)
			}
			if r.Verdict != judge.Deviates {
				t.Errorf("expected the case to deviate, got %s", r.Verdict)
			}
			for _, f := range r.Findings {
				if f.Verdict == judge.Masked && !strings.Contains(f.Got, ": rests on ") {
					t.Errorf("expected the masked finding to name what it rests on, got %q", f.Got)
				}
			}
		})
	}
}
