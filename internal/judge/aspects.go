package judge

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
)

// Aspects judges what holds for every exchange, whatever the case: that it was
// answered, the form of the answer, and what the answer gives away.
// op is the operation that the request was meant for.
func (j *Judge) Aspects(k *cases.Case, op *contract.Operation, x *exchange.Exchange) []Finding {
	if x.Failure != nil {
		return j.unanswered(op, x)
	}
	var all []Finding
	add := func(aspect contract.Aspect, got, clause string, line int) {
		requirement := j.c.RequirementJudging(op, aspect)
		if requirement == nil {
			return
		}
		f := j.finding(requirement.ID)
		f.Verdict, f.Got = Deviates, got
		if clause != "" {
			f.Clause, f.Line = clause, line
		}
		all = append(all, f)
	}
	if x.Answer.Status >= 500 && !Throttled(x) {
		add(contract.AspectAnswered, outcome(j.c, x), "", 0)
	}
	for _, name := range x.Leaked {
		add(contract.AspectNoCredentials, "the answer carries the "+name, "", 0)
	}
	front := k.Front || Throttled(x)
	problems := j.c.JudgeAnswer(op, x.Request.Method, x.Answer)
	for _, p := range append(problems, j.c.JudgeIDEcho(op, x.Request.Path, x.Answer)...) {
		if front && p.Aspect != contract.AspectNoStackTrace {
			continue
		}
		if p.Aspect == contract.AspectStatus && x.Answer.Status >= 300 {
			continue // judged as the outcome of the rule
		}
		add(p.Aspect, p.String(), p.Clause, p.Line)
	}
	return all
}

// Meaning is the finding on an error code that means something else than the
// rule that was broken, where Decide has found that the answer fits none of the
// case's conditions.
func (j *Judge) Meaning(k *cases.Case, decided Finding, x *exchange.Exchange) (Finding, bool) {
	requirement := j.c.RequirementJudging(j.c.Operation(k.Operation), contract.AspectCodeMeaning)
	if decided.Verdict != Deviates || x.Failure != nil || requirement == nil || !j.wrongMeaning(k, x) {
		return Finding{}, false
	}
	f := j.finding(requirement.ID)
	f.Verdict, f.Got = Deviates, fmt.Sprintf("%s in answer to %s", outcome(j.c, x), k.Condition)
	return f, true
}

// Upheld lists the aspects that a clean exchange bears out, so that the
// requirements which judge every answer count as exercised.
func (j *Judge) Upheld(k *cases.Case, op *contract.Operation, x *exchange.Exchange) []Finding {
	if x.Failure != nil || Throttled(x) {
		return nil
	}
	held := []contract.Aspect{contract.AspectAnswered, contract.AspectNoCredentials, contract.AspectNoStackTrace}
	if !k.Front && x.Request.Method != http.MethodHead {
		held = append(held, contract.AspectMediaType, contract.AspectJSON)
		switch {
		case x.Answer.Status < 300:
			held = append(held, contract.AspectStatus, contract.AspectSchemaOfSuccess)
			if op.Safe() {
				held = append(held, contract.AspectIDEcho)
			}
		case x.Answer.Status >= 400:
			held = append(held, contract.AspectSchemaOfError, contract.AspectCodeForm, contract.AspectCodeMeaning)
		}
	}
	var all []Finding
	for _, aspect := range held {
		if requirement := j.c.RequirementJudging(op, aspect); requirement != nil {
			f := j.finding(requirement.ID)
			f.Verdict = Conforms
			all = append(all, f)
		}
	}
	return all
}

func (j *Judge) unanswered(op *contract.Operation, x *exchange.Exchange) []Finding {
	requirement := j.c.RequirementJudging(op, contract.AspectAnswered)
	if requirement == nil || x.Failure.Kind == exchange.Interrupted || x.Failure.Kind == exchange.NotSent {
		return nil
	}
	f := j.finding(requirement.ID)
	f.Verdict, f.Got = Deviates, x.Failure.Message
	if x.Failure.Kind == exchange.TimedOut {
		f.Hint = "raise --request-timeout if answers take that long here"
	}
	return []Finding{f}
}

// Conclude puts findings to a result and lets the heaviest decide.
func (r *Result) Conclude(findings ...Finding) {
	r.Findings = slices.Grow(r.Findings, len(findings)) // a run keeps thousands, and doubling would leave a third unused
	for _, f := range findings {
		if r.has(f) {
			continue
		}
		r.Findings = append(r.Findings, f)
		if f.Verdict == Deviates || f.Verdict == Advisory && r.Verdict != Deviates {
			r.Verdict = Worse(r.Verdict, f.Verdict)
		}
	}
}

// has reports whether the same has been found before: of what every answer of a
// case shows, once is enough.
func (r *Result) has(f Finding) bool {
	for _, g := range r.Findings {
		if g.Requirement == f.Requirement && g.Verdict == f.Verdict && strings.EqualFold(g.Got, f.Got) {
			return true
		}
	}
	return false
}
