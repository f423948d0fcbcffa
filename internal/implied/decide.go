package implied

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// decide says what an answer says about the rule of a case.
func (r *run) decide(k *Case, x *exchange.Exchange) judge.Finding {
	verdict, why := judge.Verdict(""), ""
	if k.kind.refine != nil && x.Failure == nil {
		verdict, why = k.kind.refine(k, x)
	}
	o := outcomeOf(k.Operation, x)
	if verdict == "" {
		verdict = k.kind.verdicts[o]
	}
	if k.target == whatIsAbsent && k.kind != unknownKind && o == notFound {
		verdict, why = judge.Masked, "" // the id spoke first
	}
	switch {
	case o == unanswered:
		verdict = judge.Error // the missing answer is a finding of its own
	case verdict == "":
		verdict = judge.Masked
	}
	f := r.judge.Finding(k.Requirement, verdict, r.judge.Outcome(x), k.Lawful)
	f.Clause, f.Line, f.Hint = k.Clause, k.Line, why
	return f
}

// judged returns the result of a case by one exchange.
func (r *run) judged(k *Case, g *ground, x exchange.Exchange) judge.Result {
	if streams(&x) {
		return judge.Result{Verdict: judge.Masked, Reason: goesOn, Exchanges: []exchange.Exchange{x}, Aim: x.Aim}
	}
	f := r.decide(k, &x)
	f.Exchange = 0
	result := judge.Result{Verdict: f.Verdict, Findings: []judge.Finding{f}, Exchanges: []exchange.Exchange{x}, Aim: x.Aim}
	if f.Verdict == judge.Masked || f.Verdict == judge.Error {
		result.Reason = f.Got
		if f.Hint != "" {
			result.Reason += ": " + f.Hint
		}
	}
	subject := judge.Subject{Operation: k.Operation, UnknownID: k.change.absent != nil, Throttled: throttled(&x)}
	found := r.causes(r.judge.AspectsOf(subject, &x))
	more := slices.DeleteFunc(r.news(found, k.Operation, g, &x), func(f judge.Finding) bool {
		return verdictBroken(result.Verdict) && isWithin(k.Clause, f.Clause)
	})
	if len(more) == 0 {
		more = slices.DeleteFunc(r.judge.UpheldOf(subject, &x), func(f judge.Finding) bool {
			return slices.ContainsFunc(found, func(broken judge.Finding) bool { return broken.Requirement == f.Requirement })
		})
	}
	for i := range more {
		more[i].Exchange = 0
		if r.judges(more[i].Requirement, contract.AspectAnswered) && more[i].Clause == "" {
			more[i].Clause, more[i].Line = k.Clause, k.Line // what makes the server fail is what the case varies
		}
	}
	result.Conclude(more...)
	return result
}

// news returns of what was found in an answer that which was not found in the answer to the plain request of a ground,
// which may be nil, and which is worth a word.
func (r *run) news(found []judge.Finding, op *contract.Operation, g *ground, x *exchange.Exchange) []judge.Finding {
	return slices.DeleteFunc(slices.Clone(found), func(f judge.Finding) bool {
		return g != nil && slices.ContainsFunc(g.known, sameCause(f)) || r.isShown(f) ||
			r.judges(f.Requirement, contract.AspectStatusListed) && !owesListedStatus(op, x.Status())
	})
}

// ofAnyAnswer are the aspects that an error of the server does not explain.
var ofAnyAnswer = []contract.Aspect{contract.AspectAnswered, contract.AspectNoCredentials, contract.AspectNoStackTrace}

// causes leaves what follows from something else out: that the body of a 5xx is not as documented.
func (r *run) causes(found []judge.Finding) []judge.Finding {
	if !slices.ContainsFunc(found, func(f judge.Finding) bool { return r.judges(f.Requirement, contract.AspectAnswered) }) {
		return found
	}
	return slices.DeleteFunc(found, func(f judge.Finding) bool {
		return !slices.ContainsFunc(ofAnyAnswer, func(a contract.Aspect) bool { return r.judges(f.Requirement, a) })
	})
}

const goesOn = "the answer goes on, as a stream does, and is not read to its end"

// streams reports whether a read is answered with success, and with a body of no stated length that does not end in
// time: events, a log that is followed, or a watch.
func streams(x *exchange.Exchange) bool {
	return x.Failure != nil && x.Failure.Kind == exchange.TimedOut && x.Answer != nil && mayRepeat(x.Request.Method) &&
		x.Answer.Status >= 200 && x.Answer.Status < 300 && x.Answer.Header.Get("Content-Length") == ""
}

// isShown reports whether what an answer breaks is a clause that a request broke before, and was accepted: the answer
// shows what the server has taken.
func (r *run) isShown(f judge.Finding) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.overlooked, func(clause string) bool { return isWithin(clause, f.Clause) || isAlike(clause, f.Clause) })
}

// isAlike reports whether two clauses are the same keyword of members of the same name, as those of a thing are in the
// schema of requests and in that of answers.
func isAlike(clause, other string) bool {
	const members = "/properties/"
	i, j := strings.LastIndex(clause, members), strings.LastIndex(other, members)
	return i >= 0 && j >= 0 && clause[i:] == other[j:]
}

// overlook keeps the clause of a request to what the run has made that broke it, and was accepted.
func (r *run) overlook(k *Case, x *exchange.Exchange) {
	if k.change.body == nil || !verdictBroken(k.kind.verdicts[passed]) || outcomeOf(k.Operation, x) != passed {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.overlooked = append(r.overlooked, k.Clause)
}

// isWithin reports whether a clause is another one, or stands in it.
func isWithin(clause, other string) bool {
	return other != "" && (clause == other || strings.HasPrefix(clause, other+"/"))
}

func verdictBroken(v judge.Verdict) bool { return v == judge.Deviates || v == judge.Advisory }

func (r *run) judges(requirement string, aspect contract.Aspect) bool {
	return r.o.Contract.Requirement(requirement).Judges == aspect
}

// usualRefusals are statuses that hardly a document lists.
var usualRefusals = map[int]bool{
	http.StatusNotFound: true, http.StatusMethodNotAllowed: true, http.StatusConflict: true, http.StatusRequestEntityTooLarge: true,
	http.StatusTooManyRequests: true, http.StatusRequestHeaderFieldsTooLarge: true,
}

// owesListedStatus reports whether an operation lists so many refusals that another one is worth a word.
func owesListedStatus(op *contract.Operation, status int) bool {
	listed := 0
	for _, r := range op.Responses {
		if strings.HasPrefix(r.Status, "4") {
			listed++
		}
	}
	return listed > 1 && !usualRefusals[status]
}

// note keeps what is wrong with the answers of an operation, so that each cause is found once. What is wrong about
// the rule of a case, which comes first, is a cause of its own.
func (g *ground) note(result judge.Result) {
	g.knows(result.Findings[min(1, len(result.Findings)):]...)
}

func (g *ground) knows(found ...judge.Finding) {
	for _, f := range found {
		if verdictBroken(f.Verdict) {
			g.known = append(g.known, f)
		}
	}
}

// sameCause returns whether a finding is about the same place of the document as f.
func sameCause(f judge.Finding) func(judge.Finding) bool {
	return func(g judge.Finding) bool { return f.Requirement == g.Requirement && f.Clause == g.Clause }
}

// withdraw lowers a finding that did not repeat by a level.
func withdraw(f *judge.Finding, says string) {
	if f.Level == contract.Must {
		f.Verdict = judge.Advisory
	} else {
		f.Verdict = judge.Observed
	}
	f.Hint = "it did not repeat: sent again, the same request got " + says
}
