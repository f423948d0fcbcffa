package judge

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/limits"
)

// A Subject says what an answer was to, as far as it bears on what must hold for every answer.
type Subject struct {
	Operation *contract.Operation
	// Front is whether a gateway in front of the service may have answered, so that the
	// operation's schemas do not apply.
	Front bool
	// UnknownID is whether the request names an id of nothing.
	UnknownID bool
	// Throttled is whether the answer asks to come back later.
	Throttled bool
}

func (j *Judge) subject(k *cases.Case, op *contract.Operation, x *exchange.Exchange) Subject {
	return Subject{Operation: op, Front: k.Front, UnknownID: j.aboutID(k), Throttled: Throttled(x)}
}

// Aspects judges what must hold for every exchange, whatever the case: that it was
// answered, the form of the answer, and that the answer discloses nothing. op is the
// operation that the request was for.
func (j *Judge) Aspects(k *cases.Case, op *contract.Operation, x *exchange.Exchange) []Finding {
	return j.AspectsOf(j.subject(k, op, x), x)
}

// AspectsOf does the same for an exchange that belongs to no case of the contract's conditions.
func (j *Judge) AspectsOf(s Subject, x *exchange.Exchange) []Finding {
	op := s.Operation
	var all []Finding
	alike := map[contract.Aspect]int{}
	add := func(aspect contract.Aspect, got string, p contract.Problem) {
		requirement := j.c.RequirementJudging(op, aspect)
		if requirement == nil {
			return
		}
		if alike[aspect]++; alike[aspect] > limits.Findings { // a server decides how many there are
			return
		}
		f := j.finding(requirement.ID)
		f.Verdict, f.Got, f.Origin = broken(f.Level), got, &Origin{keyword: p.Keyword}
		if p.Clause != "" {
			f.Clause, f.Line = p.Clause, p.Line
		}
		all = append(all, f)
	}
	leaks := func() {
		for _, name := range x.Leaked {
			add(contract.AspectNoCredentials, "the answer carries the "+name, contract.Problem{})
		}
	}
	if x.Failure != nil { // what is no whole answer can disclose as much as one
		leaks()
		return append(all, j.unanswered(op, x)...)
	}
	if x.Answer.Status >= 500 && !s.Throttled {
		add(contract.AspectAnswered, outcome(j.c, x), contract.Problem{})
	}
	leaks()
	front := s.Front || s.Throttled
	problems := append(j.c.JudgeAnswer(op, x.Request.Method, x.Answer), headerProblems(x)...)
	if notJSON(problems) { // one fault: the answer is something else than JSON, and says so
		problems = slices.DeleteFunc(problems, func(p contract.Problem) bool { return p.Aspect == contract.AspectJSON })
	}
	path, _, _ := strings.Cut(x.Request.Path, "?")
	for _, p := range append(problems, j.c.JudgeIDEcho(op, path, x.Answer)...) {
		if front && !slices.Contains(byWhomever, p.Aspect) || p.Aspect == contract.AspectIDEcho && s.UnknownID {
			continue
		}
		if p.Aspect == contract.AspectStatus && x.Answer.Status >= 300 {
			continue // judged as the outcome of the rule
		}
		add(p.Aspect, p.String(), p)
	}
	return all
}

// aboutID reports whether a case is about an id of nothing: whoever takes it for that of something
// else shows that, and what is wrong is that it was taken.
func (j *Judge) aboutID(k *cases.Case) bool {
	r := j.c.Refusal(k.Condition)
	return r != nil && slices.ContainsFunc(r.When, func(w contract.When) bool { return w.Relation == contract.Unknown })
}

// codeFaults says, for each fit that is not the best, what is wrong with the status and the
// error code of a refusal.
var codeFaults = map[contract.Fit]struct {
	aspect contract.Aspect
	says   string
}{
	contract.NoFit:     {contract.AspectCodeMeaning, "%s in answer to %s"},
	contract.Unlisted:  {contract.AspectCodeDocumented, "%s in answer to %s: no page lists the code"},
	contract.Tolerated: {contract.AspectCodePrecise, "%s in answer to %s: second best, because %s"},
}

// Code returns the finding about the status and the error code of a refusal, if they are not
// among the lawful ones: the code means something other than the broken rule, no page lists
// it, or it is only second best. decided is what Decide has found. What MAY be passed over can
// have been, so that the code speaks of something else.
func (j *Judge) Code(k *cases.Case, decided Finding, x *exchange.Exchange) (Finding, bool) {
	if k.Condition == "" || decided.Verdict == Masked || x.Failure != nil || Throttled(x) || x.Status() < 300 {
		return Finding{}, false
	}
	fit, condition := j.best(ownConditions(k), x)
	if condition == "" {
		condition = k.Condition
	}
	fault, wrong := codeFaults[fit]
	wrong = wrong && (fit != contract.NoFit || k.Level != contract.May && j.wrongMeaning(k, x))
	requirement := j.c.RequirementJudging(j.c.Operation(k.Operation), fault.aspect)
	if !wrong || requirement == nil {
		return Finding{}, false
	}
	f := j.finding(requirement.ID)
	f.Verdict, f.Lawful = broken(f.Level), decided.Lawful
	says := []any{outcome(j.c, x), condition, j.c.ReasonFor(j.c.Refusal(condition), x.Status(), x.Code())}
	f.Got = fmt.Sprintf(fault.says, says[:strings.Count(fault.says, "%s")]...)
	return f, true
}

func notJSON(problems []contract.Problem) bool {
	has := func(aspect contract.Aspect) bool {
		return slices.ContainsFunc(problems, func(p contract.Problem) bool { return p.Aspect == aspect })
	}
	return (has(contract.AspectMediaType) || has(contract.AspectContentCoding)) && has(contract.AspectJSON)
}

// Upheld returns findings for the aspects that an exchange confirms, so that the
// requirements on every answer count as exercised. No body that is not JSON confirms
// anything about its content.
func (j *Judge) Upheld(k *cases.Case, op *contract.Operation, x *exchange.Exchange) []Finding {
	return j.UpheldOf(j.subject(k, op, x), x)
}

// UpheldOf does the same for an exchange that belongs to no case of the contract's conditions.
func (j *Judge) UpheldOf(s Subject, x *exchange.Exchange) []Finding {
	op := s.Operation
	if x.Failure != nil || s.Throttled {
		return nil
	}
	held := []contract.Aspect{contract.AspectAnswered, contract.AspectFirstAttempt, contract.AspectNoCredentials, contract.AspectNoStackTrace}
	held = append(held, upheldHeaders(s, x)...)
	if !s.Front && x.Request.Method != http.MethodHead && x.JSON() != nil {
		held = append(held, contract.AspectMediaType, contract.AspectJSON)
		switch {
		case x.Answer.Status < 300:
			held = append(held, contract.AspectStatus, contract.AspectSchemaOfSuccess, contract.AspectFormat, contract.AspectHeaders, contract.AspectWriteOnly)
			if op.Safe() {
				held = append(held, contract.AspectIDEcho)
			}
		case x.Answer.Status >= 400:
			held = append(held, contract.AspectSchemaOfError, contract.AspectCodeForm, contract.AspectCodeMeaning, contract.AspectCodePrecise, contract.AspectCodeDocumented, contract.AspectStatusListed)
		}
	}
	all := make([]Finding, 0, len(held)) // for each exchange of a run
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

// Conclude adds findings to a result; the worst verdict counts.
func (r *Result) Conclude(findings ...Finding) {
	fresh := 0
	for i := range findings {
		if !r.has(&findings[i]) {
			fresh++
		}
	}
	r.Findings = slices.Grow(r.Findings, fresh) // a run keeps thousands, and doubling would leave a third unused
	for _, f := range findings {
		if r.has(&f) {
			continue
		}
		r.Findings = append(r.Findings, f)
		if f.Verdict == Deviates || f.Verdict == Advisory && r.Verdict != Deviates {
			r.Verdict = Worse(r.Verdict, f.Verdict)
		}
	}
}

// has reports whether the result has the same finding already: one is enough, even if
// every answer of a case shows it.
func (r *Result) has(f *Finding) bool {
	for i := range r.Findings {
		g := &r.Findings[i]
		if g.Requirement == f.Requirement && g.Verdict == f.Verdict && strings.EqualFold(g.Got, f.Got) {
			return true
		}
	}
	return false
}
