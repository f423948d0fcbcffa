package implied

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// reads sends the plain request of each operation that reads: first those whose ids are known, then
// those whose ids the answers to these have shown, until there is nothing new. Examples of the
// document come last, since nothing says that they exist. It returns the cases that wait for what the run has yet to make,
// and of those the requests that rest on examples.
func (r *run) reads(ctx context.Context, waiting []*Case, isToBeMade func(*Case) bool) []*Case {
	for examples := false; len(waiting) > 0; {
		var ready, later []*Case
		for _, k := range waiting {
			if r.resolve(r.groundOf(k), examples && !isToBeMade(k)) {
				ready = append(ready, k)
			} else {
				later = append(later, k)
			}
		}
		if len(ready) == 0 && examples {
			break
		}
		examples = len(ready) == 0
		for some := range slices.Chunk(ready, r.atOnce()) {
			r.plain(ctx, some)
		}
		waiting = later
	}
	var later []*Case
	for _, k := range waiting {
		if isToBeMade(k) {
			later = append(later, k)
			continue
		}
		g := r.groundOf(k)
		g.verdict, g.reason = judge.NotApplicable, "needs "+r.toGive(g)
		r.undecided(k, g.verdict, g.reason)
	}
	return later
}

// toBeMade returns what reports whether a read may be of something that some of the cases make.
func toBeMade(all []*Case) func(*Case) bool {
	var collections []string
	for _, k := range all {
		if k.kind == plainKind && (k.target == whatIsMade || k.target == whatHasAParent) {
			collections = append(collections, formOf(k.Operation.Path)+"/{}")
		}
	}
	return func(read *Case) bool {
		form := formOf(read.Operation.Path)
		return slices.ContainsFunc(collections, func(one string) bool { return form == one || strings.HasPrefix(form, one+"/") })
	}
}

// plain sends plain requests, and judges the answers one after the other.
func (r *run) plain(ctx context.Context, ready []*Case) {
	templates := make([]cases.Template, len(ready))
	exchanges := make([]exchange.Exchange, len(ready))
	r.parallel(len(ready), func(i int) {
		k := ready[i]
		var err error
		if templates[i], err = r.o.build(r.groundOf(k).base, k.change, false); err != nil {
			exchanges[i].Failure = &exchange.Failure{Kind: exchange.NotSent, Message: err.Error()}
			return
		}
		exchanges[i] = r.deliver(ctx, k.ID, aimFirst, k.Operation, templates[i])
	})
	for i, k := range ready {
		r.judgePlain(ctx, k, templates[i], exchanges[i])
	}
}

// judgePlain decides whether what an operation's cases rest on is there.
func (r *run) judgePlain(ctx context.Context, k *Case, t cases.Template, x exchange.Exchange) {
	g := r.groundOf(k)
	switch {
	case x.Failure != nil && x.Failure.Kind == exchange.NotSent:
		g.verdict, g.reason = judge.Error, x.Failure.Message
		r.keptBack(k, g.verdict, g.reason)
		return
	case !hasLeft(&x):
		g.verdict, g.reason = judge.NotApplicable, "the plain request was not sent"
		r.unsent(k)
		return
	}
	t, x = r.accepted(ctx, k, g, t, x, isUnauthorized)
	for outcomeOf(k.Operation, &x) == notFound && r.choose(g) {
		next, err := r.o.build(g.base, k.change, false)
		if err != nil {
			break
		}
		y := r.deliver(ctx, k.ID, aimNext, k.Operation, next)
		if !hasLeft(&y) {
			break
		}
		t, x = next, y
	}
	t, x = r.accepted(ctx, k, g, t, x, func(x *exchange.Exchange) bool { return outcomeOf(k.Operation, x) == notFound }) // hidden from some
	refusal := x
	again, y, more := r.asked(ctx, k, g, &x)
	if more != "" {
		t, x = again, y
	}
	result := r.confirmed(ctx, k, g, t, x)
	settled := result.Exchanges[len(result.Exchanges)-1]
	last := &settled
	r.settle(g, last)
	g.explain(&result)
	if more != "" && g.passed {
		r.wantsMore(k, &result, refusal, more)
	}
	g.note(result)
	g.leads = r.learn(g, last)
	r.conclude(k, result)
}

// settle says whether the other cases of an operation can rest on the answer to its plain request.
func (r *run) settle(g *ground, x *exchange.Exchange) {
	says := r.judge.Outcome(x)
	switch o := outcomeOf(g.op, x); {
	case streams(x):
		g.verdict, g.reason = judge.Masked, goesOn
	case o == passed:
		if insteadOf(g.op, x) {
			g.verdict, g.reason = judge.Masked, fmt.Sprintf("the plain request is answered with %s: %s", insteadOfIt, says)
			return
		}
		g.passed, g.control = true, g.base
		r.proved = r.proved || g.alternative >= 0
		r.proofs.accepted[nameOf(g.op, g.alternative)] = true
	case o == unanswered, o == serverFault:
		g.verdict, g.reason = judge.Masked, "the plain request fails: "+says
	case o == notFound:
		g.verdict, g.reason = judge.NotApplicable, r.nothingThere(g, says)
	default:
		g.verdict, g.reason = judge.Masked, fmt.Sprintf("the plain request is refused: %s", says)
		g.unproved = g.alternative >= 0 && (outcomeOf(g.op, x) == redirected || x.Status() == http.StatusProxyAuthRequired)
		if isUnauthorized(x) && g.alternative >= 0 {
			g.verdict, g.reason = judge.Error, r.refusesCredentials(g, says)
		} else if needs := g.neededMembers(); needs != "" {
			g.reason += "; its body may have to name what there is: needs " + needs
		} else if o == invalid && g.body != nil {
			g.reason += "; " + moreUnsaid + ": " + howToSay
		} else if names := optionalNames(g.op); o == invalid && names != "" {
			g.reason += "; the server may want an optional parameter: --fixture NAME=… with a value for one of these would help: " + names
		}
	}
}

// explain says in the result of a plain request that did not pass why the others of its operation are not decided,
// either.
func (g *ground) explain(result *judge.Result) {
	switch {
	case g.verdict == "":
		return
	case result.Verdict == judge.Masked:
		result.Verdict = g.verdict
	case g.verdict == judge.Error: // whatever the refusal looks like
		result.Verdict = judge.Worse(result.Verdict, g.verdict)
	}
	result.Reason = g.reason
}

// refusesCredentials says that the server refuses all credentials that an operation was given.
func (r *run) refusesCredentials(g *ground, says string) string {
	var names []string
	for _, i := range r.o.usable(g.op) {
		names = append(names, nameOf(g.op, i))
	}
	return fmt.Sprintf("credentials: the server refuses %s: %s", strings.Join(names, ", and "), says)
}

// nothingThere says what to give for an operation whose plain request is answered with 404.
func (r *run) nothingThere(g *ground, says string) string {
	var flags []string
	for _, p := range g.op.ParametersIn(contract.InPath) {
		if text, given := r.o.given(g.op, p); given {
			flags = append(flags, fmt.Sprintf("another --fixture %s than %q", p.Name, text))
		} else {
			flags = append(flags, "--fixture "+p.Name)
		}
	}
	if needs := g.neededMembers(); needs != "" {
		flags = append(flags, needs)
	}
	if len(flags) == 0 {
		return "the plain request finds nothing: " + says
	}
	return fmt.Sprintf("needs %s: the plain request finds nothing: %s", strings.Join(flags, " "), says)
}

func alternativeNames(a contract.Alternative) string {
	var all []string
	for _, s := range a {
		all = append(all, s.ID)
	}
	return strings.Join(all, " and ")
}
