package judge_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/judge"
)

// levels are those of the table of verdicts in docs/operators.md.
var levels = map[judge.Verdict]contract.Level{
	judge.Deviates: contract.Must, judge.Advisory: contract.Should, judge.Observed: contract.May,
}

// find judges an answer to a request that breaks one condition, and returns the worst verdict
// with the findings.
func find(t *testing.T, c *contract.Contract, condition string, status int, code string) (judge.Verdict, []judge.Finding) {
	t.Helper()
	k, x := probe(c, condition), answer(status, code)
	j := judge.New(c)
	f := j.Decide(k, cases.Aim{Name: "aim", Conditions: []string{condition}}, x)
	r := judge.Result{Verdict: f.Verdict, Findings: []judge.Finding{f}}
	if code, wrong := j.Code(k, f, x); wrong {
		r.Conclude(code)
	}
	for _, f := range r.Findings {
		if level, bound := levels[f.Verdict]; bound && f.Level != level {
			t.Errorf("%s, %d %s: %s is a %s, but the verdict is %s", condition, status, code, f.Requirement, f.Level, f.Verdict)
		}
		if f.Got == "" || f.Line == 0 || len(f.Lawful) == 0 {
			t.Errorf("%s, %d %s: expected what came, what is lawful and the line, got %+v", condition, status, code, f)
		}
	}
	return r.Verdict, r.Findings
}

// A lawful answer conforms; one that is second best is an advisory that says why, and so is a
// code that no page lists; a listed code that means something else deviates, for a SHOULD,
// too.
func TestRefusalsAndCodes(t *testing.T) {
	c := shipped(t)
	const madeUp = "GES.0666"
	for _, r := range c.Refusals() {
		kept := judge.Conforms
		for _, o := range r.Answers {
			status := statuses(o)[0]
			for _, code := range append(slices.Clone(o.Codes), someCode(o)) {
				if v, all := find(t, c, r.Condition, status, code); v != kept {
					t.Errorf("%s, %d %s: expected it to conform, got %+v", r.Condition, status, code, all)
				}
			}
			if len(o.Codes) == 0 {
				continue
			}
			v, all := find(t, c, r.Condition, status, madeUp)
			if v != judge.Advisory || all[0].Verdict != kept || all[1].Requirement != "answer.code-documented" {
				t.Errorf("%s, %d %s: expected an advisory, got %+v", r.Condition, status, madeUp, all)
			}
			for _, other := range c.Codes() {
				if c.Fit(r, status, other.Code) != contract.NoFit {
					continue
				}
				v, all := find(t, c, r.Condition, status, other.Code)
				if r.Level == contract.May {
					if v != judge.Observed {
						t.Errorf("%s, %d %s: expected it to be observed, got %+v", r.Condition, status, other.Code, all)
					}
					continue // the server may have passed over it, and speak of something else
				}
				if v != judge.Deviates || !slices.ContainsFunc(all, func(f judge.Finding) bool { return f.Requirement == "answer.code-meaning" }) {
					t.Errorf("%s, %d %s: expected the wrong meaning to deviate, got %+v", r.Condition, status, other.Code, all)
				}
			}
		}
		for _, o := range r.Tolerated {
			for _, status := range statuses(o) {
				for _, code := range o.Codes {
					v, all := find(t, c, r.Condition, status, code)
					if fit := c.Fit(r, status, code); fit == contract.Exact || fit == contract.Generic {
						continue // lawful besides
					}
					if v != judge.Advisory || all[0].Verdict != kept || all[1].Requirement != "answer.code-precise" || !strings.Contains(all[1].Got, o.Reason) {
						t.Errorf("%s, %d %s: expected an advisory that says %q, got %+v", r.Condition, status, code, o.Reason, all)
					}
				}
			}
		}
	}
}

// statuses returns the statuses of an outcome, of a class the first.
func statuses(o contract.Outcome) (all []int) {
	for status := http.StatusMultipleChoices; status < 600; status++ {
		if o.Covers(status) && (status%100 == 0 || !strings.Contains(o.Status, "XX")) {
			all = append(all, status)
		}
	}
	return all
}

// someCode returns a code of an outcome, or any if it takes any.
func someCode(o contract.Outcome) string { return append(slices.Clone(o.Codes), "GES.7016")[0] }

// What a server can truthfully say about a broken request is at worst an advisory, and what is
// not so deviates. None of these answers is on a page for its condition.
func TestSecondBest(t *testing.T) {
	c := shipped(t)
	for answers, want := range map[string]judge.Verdict{
		"upgrade-under-way: 400 GES.7002, 400 GES.7003, 400 GES.7037, 409 GES.7001, 423 GES.7015, 408 GES.7005": judge.Advisory,
		"upgrade-under-way: 400 GES.7018, 400 GES.7013, 400 GES.7000, 500 GES.7001, 409 GES.7018":               judge.Deviates,
		"stopped-graph: 400 GES.7002, 400 GES.7015, 404 GES.7003, 409 GES.7001":                                 judge.Advisory,
		"stopped-graph: 400 GES.7037, 400 GES.7036, 400 GES.7024, 503 GES.7003":                                 judge.Deviates,
		"missing-member: 400 GES.7036, 422 GES.7049, 404 GES.7016, 400 APIGW.0201, 400 APIG.0602":               judge.Advisory,
		"missing-member: 400 GES.7024, 400 GES.7001, 401 GES.7016, 403 GES.0001, 404 GES.0666, 500 GES.7049":    judge.Deviates,
		"malformed-version: 400 GES.7065, 400 GES.7050, 422 GES.0001":                                           judge.Advisory,
		"malformed-version: 400 GES.7002, 400 GES.7017, 502 APIGW.0201":                                         judge.Deviates,
		"target-not-later: 400 GES.7065, 409 GES.7036, 400 GES.7048, 422 GES.7016, 403 GES.7036":                judge.Advisory,
		"target-not-later: 400 GES.7018, 400 GES.7002, 401 GES.7036":                                            judge.Deviates,
		"unknown-graph: 401 GES.0047, 403 GES.0015, 400 GES.0001, 404 GES.8402, 410 GES.7000, 400 GES.2067":     judge.Advisory,
		"unknown-graph: 401 APIGW.0301, 401 GES.0001, 403 GES.7041, 400 GES.7013, 400 GES.7001, 500 GES.0047":   judge.Deviates,
		"foreign-graph: 404 GES.7041, 403 GES.0015, 401 GES.0047, 400 GES.0001":                                 judge.Advisory,
		"foreign-graph: 400 GES.7003, 401 APIGW.0301, 400 GES.7019":                                             judge.Deviates,
		"not-permitted: 404 GES.7041, 401 GES.7041, 400 APIGW.0302":                                             judge.Advisory,
		"not-permitted: 403 GES.7024, 401 APIGW.0301, 403 GES.7000":                                             judge.Deviates,
		"unknown-job: 403 GES.7007, 400 GES.0016, 400 GES.8302, 400 GES.0001":                                   judge.Advisory,
		"unknown-job: 404 GES.7000, 404 GES.0047, 400 GES.7010, 500 GES.8302":                                   judge.Deviates,
		"missing-credentials: 400 GES.0001, 400 GES.8007":                                                       judge.Advisory,
		"missing-credentials: 400 APIGW.0301, 403 APIGW.0302, 400 GES.7016, 401 GES.7000":                       judge.Deviates,
		"duplicate-member: 400 GES.7049, 422 GES.7016":                                                          judge.Advisory,
		"duplicate-member: 400 GES.7018":                                                                        judge.Deviates, // though the rule is only a SHOULD
	} {
		condition, list, _ := strings.Cut(answers, ": ")
		for _, one := range strings.Split(list, ", ") {
			var status int
			var code string
			if _, err := fmt.Sscan(one, &status, &code); err != nil {
				t.Fatal(err)
			}
			if v, all := find(t, c, condition, status, code); v != want {
				t.Errorf("%s, %s: expected %s, got %s: %+v", condition, one, want, v, all)
			}
		}
	}
}
