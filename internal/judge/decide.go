package judge

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
)

// A Judge judges exchanges by a contract.
type Judge struct {
	c *contract.Contract
}

// New returns a judge.
func New(c *contract.Contract) *Judge { return &Judge{c} }

// Decide judges the exchange of a case at an aim. The finding is about the rule under
// test; if it is Masked, the next aim is needed.
func (j *Judge) Decide(k *cases.Case, aim cases.Aim, x *exchange.Exchange) Finding {
	f := j.finding(k.Requirement)
	f.Lawful = j.lawful(k, aim)
	f.Got = outcome(j.c, x)
	switch {
	case x.Failure != nil:
		f.Verdict = Error // the missing answer is a separate finding
	case Throttled(x):
		f.Verdict, f.Hint = Error, "the endpoint throttled every attempt; lower --rate or --concurrency, or try again later"
	case x.Answer.Status < 300:
		j.decideSuccess(k, aim, x, &f)
	case k.Condition == "":
		j.decideRefusedValid(k, aim, x, &f)
	default:
		j.decideRefusal(k, aim, x, &f)
	}
	return f
}

// finding returns an empty finding about a requirement.
func (j *Judge) finding(requirement string) Finding {
	f := Finding{Requirement: requirement, Exchange: -1}
	if r := j.c.Requirement(requirement); r != nil {
		f.Level, f.Clause, f.Line = r.Level, r.Clause, r.Line
	}
	return f
}

// Finding returns a finding about a requirement that a sequence of exchanges shows.
func (j *Judge) Finding(requirement string, v Verdict, got string, lawful []string) Finding {
	f := j.finding(requirement)
	f.Verdict, f.Got, f.Lawful = v, got, lawful
	if v == Deviates {
		f.Verdict = broken(f.Level)
	}
	return f
}

// lawful describes the lawful outcomes of a case at an aim.
func (j *Judge) lawful(k *cases.Case, aim cases.Aim) []string {
	if k.Condition == "" {
		switch {
		case len(aim.Conditions) == 0 && k.Level == contract.May:
			return []string{j.success(k), "refused"}
		case len(aim.Conditions) == 0:
			return []string{j.success(k)}
		}
		return j.c.Refusal(aim.Conditions[0]).Lawful()
	}
	lines := j.c.Refusal(k.Condition).Lawful()
	for _, c := range k.Lenient {
		if r := j.c.Refusal(c); r.Level == contract.May { // which no plainer case has said
			lines = append(lines, r.Lawful()...)
		}
	}
	if mayBeIgnored(k) && len(aim.Conditions) == 1 {
		lines = append(lines, j.success(k)+", as if it were not there")
	}
	return lines
}

func (j *Judge) success(k *cases.Case) string {
	return j.c.Operation(k.Operation).Success().Status
}

// Outcome describes the answer in a few words.
func (j *Judge) Outcome(x *exchange.Exchange) string { return outcome(j.c, x) }

// outcome describes the answer in a few words.
func outcome(c *contract.Contract, x *exchange.Exchange) string {
	if x.Failure != nil {
		return x.Failure.Message
	}
	s := fmt.Sprintf("%d %s", x.Answer.Status, http.StatusText(x.Answer.Status))
	if code := x.Code(); code != "" {
		s += ", " + code
		if known := c.Code(code); known != nil {
			s += " (" + known.Meaning + ")"
		} else {
			s += " (not in the documentation)"
		}
	}
	return strings.TrimSpace(s)
}

func (j *Judge) decideSuccess(k *cases.Case, aim cases.Aim, x *exchange.Exchange, f *Finding) {
	documented := fmt.Sprint(x.Answer.Status) == j.success(k)
	others := slices.DeleteFunc(slices.Clone(aim.Conditions), func(c string) bool { return c == k.Condition })
	switch {
	case k.Condition == "" && len(others) == 0:
		f.Verdict = Conforms
		if k.Level == contract.May {
			f.Verdict, f.Got = Observed, f.Got+": the request was accepted"
		}
		if !documented {
			f.Verdict = Deviates
		}
	case k.Condition != "" && k.Level == contract.Must:
		f.Verdict, f.Got = Deviates, f.Got+": the request was accepted"
	case len(j.binding(others)) > 0:
		broken := j.binding(others)[0]
		requirement := j.c.RequirementFor(j.c.Operation(k.Operation), broken)
		lawful := j.c.Refusal(broken).Lawful()
		got := f.Got
		*f = j.finding(requirement.ID)
		f.Verdict, f.Lawful, f.Got = Deviates, lawful, got+": the request was accepted"
	case k.Level == contract.Should && k.Ignorable:
		f.Verdict = Conforms
	case k.Level == contract.Should:
		f.Verdict, f.Got = Advisory, f.Got+": the request was accepted"
	default:
		f.Verdict, f.Got = Observed, f.Got+": the request was accepted"
	}
}

// mayBeIgnored reports whether a request may be accepted as if what is under test were not
// there. Whether it was, no answer shows.
func mayBeIgnored(k *cases.Case) bool {
	return k.Level == contract.May || k.Level == contract.Should && k.Ignorable
}

// weaker reports whether all conditions have a lower level. A refusal that fits both
// them and a stricter condition then counts for the stricter one.
func (j *Judge) weaker(conditions []string, level contract.Level) bool {
	order := []contract.Level{contract.May, contract.Should, contract.Must}
	return !slices.ContainsFunc(conditions, func(c string) bool {
		return slices.Index(order, j.c.Refusal(c).Level) >= slices.Index(order, level)
	})
}

// binding returns the conditions that MUST be refused.
func (j *Judge) binding(conditions []string) []string {
	return slices.DeleteFunc(slices.Clone(conditions), func(c string) bool { return j.c.Refusal(c).Level != contract.Must })
}

// decideRefusedValid judges the refusal of a valid request. At some aims it breaks
// another rule.
func (j *Judge) decideRefusedValid(k *cases.Case, aim cases.Aim, x *exchange.Exchange, f *Finding) {
	if fit, condition := j.best(aim.Conditions, x); fit > contract.NoFit {
		f.Verdict, f.Got = Masked, f.Got+": refused as "+condition
		return
	}
	f.Verdict = broken(k.Level)
}

// decideRefusal judges the refusal of a broken request. One that is real keeps the rule;
// Code judges whether its status and code are the best.
func (j *Judge) decideRefusal(k *cases.Case, aim cases.Aim, x *exchange.Exchange, f *Finding) {
	others := slices.DeleteFunc(slices.Clone(aim.Conditions), func(c string) bool { return c == k.Condition })
	others = slices.DeleteFunc(others, func(c string) bool { return slices.Contains(k.Lenient, c) || slices.Contains(k.Possible, c) })
	own, _ := j.best(ownConditions(k), x)
	other, condition := j.best(others, x)
	switch {
	case other > contract.NoFit && other >= own && !(own == other && j.weaker(others, k.Level)):
		f.Verdict, f.Got = Masked, f.Got+": refused as "+condition
	case own > contract.NoFit:
		f.Verdict = Conforms
	default:
		f.Verdict = broken(k.Level)
		f.Hint = j.hint(k, x)
	}
}

func broken(level contract.Level) Verdict {
	switch level {
	case contract.Should:
		return Advisory
	case contract.May:
		return Observed
	default:
		return Deviates
	}
}

// ownConditions returns the conditions of which a refusal decides a case.
func ownConditions(k *cases.Case) []string {
	return slices.Concat([]string{k.Condition}, k.Lenient, k.Possible)
}

// best returns the best fit of an answer to one of the conditions, and the condition; of
// equal ones it is the first.
func (j *Judge) best(conditions []string, x *exchange.Exchange) (best contract.Fit, condition string) {
	for _, c := range conditions {
		if fit := j.c.Fit(j.c.Refusal(c), x.Status(), x.Code()); fit > best {
			best, condition = fit, c
		}
	}
	return best, condition
}

// hint says what the wrong refusal suggests.
func (j *Judge) hint(k *cases.Case, x *exchange.Exchange) string {
	refusal := j.c.Refusal(k.Condition)
	switch {
	case refusal.First:
		return "something else in the request may have been judged before the credentials"
	case j.wrongMeaning(k, x):
		return "the request was refused, but with a code that means something else"
	case x.Status() >= 500:
		return "the request was invalid, but a 5xx says that the server is at fault"
	default:
		return ""
	}
}

// wrongMeaning reports whether the status fits the refusal but the code, which is in the
// catalogue, does not.
func (j *Judge) wrongMeaning(k *cases.Case, x *exchange.Exchange) bool {
	refusal := j.c.Refusal(k.Condition)
	if refusal == nil || j.c.Code(x.Code()) == nil {
		return false
	}
	fit, _ := j.best(ownConditions(k), x)
	return fit == contract.NoFit && slices.ContainsFunc(refusal.Answers, func(o contract.Outcome) bool { return o.Covers(x.Status()) })
}

// Throttled reports whether the gateway or the service asks to come back later instead of
// answering. A 503 to HEAD counts, since without a body nobody can tell whose it is.
func Throttled(x *exchange.Exchange) bool {
	switch x.Status() {
	case http.StatusTooManyRequests:
		return true
	case http.StatusServiceUnavailable:
		return x.Request.Method == http.MethodHead || ges.FromGateway(x.Code())
	default:
		return false
	}
}
