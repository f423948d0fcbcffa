package implied

import (
	"context"
	"fmt"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// confirmed decides a case by the exchange that it has, and if that would accuse the server, by the
// control, the same request once more, and the control again.
func (r *run) confirmed(ctx context.Context, k *Case, g *ground, t cases.Template, first exchange.Exchange) judge.Result {
	result := r.judged(k, g, first)
	if why := g.lacking(k, &first); why != "" {
		return masked(result, why)
	}
	if len(result.Deviations(true)) == 0 {
		return result
	}
	if p, refuses := r.unsuited(ctx, k, g, &first); refuses {
		return masked(result, unsaid+": needs --fixture "+p.Name)
	}
	if why, refuses := r.unsuitedBody(ctx, k, g, &first); refuses {
		return masked(result, why)
	}
	if r.unsuitedDate(ctx, k, g, &first) {
		return masked(result, datesUnsaid)
	}
	if place, taken := g.isTaken(k); taken && k.kind == acceptedKind && isTaken(k.Operation, &first) {
		return masked(result, "something was made with the same "+place+" before, and it may have to be unique")
	}
	held := true
	if k.kind != plainKind {
		var control exchange.Exchange
		if control, held = r.checked(ctx, k, g, aimBefore); !held && !r.recovered(ctx, k, g, &control) {
			return lost(result, g.reason)
		}
	}
	if g.fresh != 0 { // what was made must not be in its way
		from := r.renewed(ctx, k, g.base)
		if again, err := r.o.build(from, k.change, false); err == nil {
			t, g.sent = again, from.valueOf(k.change.body)
		}
	}
	second := r.deliver(ctx, k.ID, aimAgain, k.Operation, t)
	if !hasLeft(&second) {
		return lost(result, notAgain)
	}
	again := r.judged(k, g, second)
	if o := outcomeOf(k.Operation, &second); held && (o == serverFault || o == unanswered) && len(again.Deviations(true)) > 0 {
		if k.kind != plainKind {
			_, _ = r.checked(ctx, k, g, aimAfter)
		}
		third := r.deliver(ctx, k.ID, aimOnce, k.Operation, t)
		if !hasLeft(&third) {
			return lost(again, notAgain)
		}
		again, second = repeated(again, r.judged(k, g, third), r.judge.Outcome(&third)), third
	}
	if held {
		again = repeated(result, again, r.judge.Outcome(&second))
	}
	if k.kind == plainKind {
		if second.Failure != nil && !r.elsewhere(ctx, k, g) {
			r.fail("the server does not answer: %s", second.Failure.Message)
		}
		if second.Failure != nil && second.Failure.Kind == exchange.Unreachable {
			return lost(again, second.Failure.Message) // nothing has reached the server
		}
		return again
	}
	if control, holds := r.checked(ctx, k, g, aimAfter); !holds && !r.recovered(ctx, k, g, &control) {
		if second.Failure == nil && second.Status() < 500 {
			return lost(again, g.reason) // it has not broken the server itself
		}
	}
	return again
}

const notAgain = "it could not be sent again, so that what came is not held against the server"

// repeated returns a result with the findings of the first exchange that the second one has, too;
// the others are withdrawn.
func repeated(first, again judge.Result, says string) judge.Result {
	result := judge.Result{Aim: first.Aim, Reason: first.Reason, Exchanges: append(first.Exchanges, again.Exchanges...)}
	for i, f := range first.Findings {
		if f.Verdict == judge.Deviates || f.Verdict == judge.Advisory {
			if !contains(again.Findings, f) {
				withdraw(&f, says)
			}
		}
		if i == 0 {
			result.Verdict = f.Verdict
		}
		result.Conclude(f)
	}
	return result
}

// contains reports whether one of some findings says the same as f.
func contains(all []judge.Finding, f judge.Finding) bool {
	for _, g := range all {
		if sameCause(f)(g) && g.Verdict == f.Verdict {
			return true
		}
	}
	return false
}

// lost returns the result of a case whose ground is gone: nothing is held against the server.
func lost(result judge.Result, reason string) judge.Result {
	return judge.Result{Verdict: judge.Error, Reason: reason, Aim: result.Aim, Exchanges: result.Exchanges}
}

// masked returns the result of a case that another rule of the server has answered first.
func masked(result judge.Result, reason string) judge.Result {
	return judge.Result{Verdict: judge.Masked, Reason: reason, Aim: result.Aim, Exchanges: result.Exchanges}
}

// checked sends the request that shows whether the ground of a case still holds: the plain one, or for a
// change of what is absent the read of that.
func (r *run) checked(ctx context.Context, k *Case, g *ground, aim string) (x exchange.Exchange, holds bool) {
	plain := variation{}
	if a := k.change.attempt; a != nil && !a.bare() && k.Operation == g.control.op {
		plain.attempt = &attempt{alternative: a.alternative}
	}
	control := r.renewed(ctx, k, g.control)
	t, err := r.o.build(control, plain, false)
	if err != nil { // it was sent before
		return exchange.Exchange{Failure: &exchange.Failure{Kind: exchange.NotSent, Message: err.Error()}}, false
	}
	x = r.deliver(ctx, k.ID, aim, control.op, t)
	return x, outcomeOf(control.op, &x) == g.expects
}

// leastPolls is how often a plain request that fails is sent again, however short the time.
const leastPolls = 3

// recovered waits until the plain request passes again. If it does not, either the operation is
// given up or, if that of another one does not pass, either, the run.
func (r *run) recovered(ctx context.Context, k *Case, g *ground, failed *exchange.Exchange) bool {
	until := time.Now().Add(r.o.Recovery)
	wait := 20 * time.Millisecond
	for n := 0; hasLeft(failed) && (n < leastPolls || r.replays || time.Now().Add(wait).Before(until)); n++ {
		r.rest(ctx, min(wait, r.o.Recovery))
		x, passes := r.checked(ctx, k, g, aimPoll)
		if passes {
			return true
		}
		if hasLeft(&x) {
			*failed = x
		} else {
			break
		}
		wait = min(wait*2, time.Second)
	}
	says := r.judge.Outcome(failed)
	g.passed, g.verdict, g.reason = false, judge.Error, fmt.Sprintf("the plain request no longer passes: %s", says)
	if hasLeft(failed) && !r.elsewhere(ctx, k, g) {
		r.fail("plain requests that passed before no longer pass: %s %s: %s; the last request that was not plain: %s", g.op.Method, g.op.Path, says, k.ID)
	}
	return false
}

// elsewhere reports whether the plain request of another operation passes, if one has passed before.
func (r *run) elsewhere(ctx context.Context, k *Case, g *ground) bool {
	for _, op := range r.o.Contract.Operations() {
		other := r.grounds[groundOf{op, whatIsThere}]
		if other == nil || other == g || !other.passed {
			continue
		}
		_, passes := r.checked(ctx, k, other, aimElsewhere)
		return passes
	}
	return false
}
