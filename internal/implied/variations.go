package implied

import (
	"context"
	"fmt"
	"slices"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// variations sends the cases that rest on plain requests.
func (r *run) variations(ctx context.Context, all []*Case) {
	for some := range slices.Chunk(all, r.atOnce()) {
		r.some(ctx, some)
	}
}

// some sends cases at the same time, and then judges the answers one after the other.
func (r *run) some(ctx context.Context, all []*Case) {
	templates := make([]cases.Template, len(all))
	exchanges := make([]exchange.Exchange, len(all))
	impossible := make([]error, len(all))
	r.parallel(len(all), func(i int) {
		k := all[i]
		g := r.groundOf(k)
		if v, _ := g.unfit(k); v != "" {
			return
		}
		change, err := r.filled(k)
		if err == nil {
			templates[i], err = r.o.build(g.base, change, false)
		}
		if err != nil {
			impossible[i] = err
			return
		}
		exchanges[i] = r.deliver(ctx, k.ID, aimFirst, k.Operation, templates[i])
	})
	r.checkThrottling(exchanges)
	r.checkCredentials(ctx, all, exchanges)
	for i, k := range all {
		g, x := r.groundOf(k), exchanges[i]
		unfit, reason := g.unfit(k)
		switch {
		case impossible[i] != nil:
			r.undecided(k, judge.NotApplicable, impossible[i].Error())
		case x.Failure != nil && x.Failure.Kind == exchange.NotSent:
			r.keptBack(k, judge.NotApplicable, x.Failure.Message)
		case unfit != "":
			r.undecided(k, unfit, reason)
		case !hasLeft(&x):
			r.unsent(k)
		default:
			result := r.confirmed(ctx, k, g, templates[i], x)
			if k.kind == proofKind && result.Verdict != judge.Conforms {
				g.refused[k.change.attempt.alternative] = result.Reason
				if isUnauthorized(&x) {
					r.proofs.refuse(nameOf(k.Operation, k.change.attempt.alternative), r.judge.Outcome(&x))
				}
			} else if k.kind == proofKind {
				r.proofs.accepted[nameOf(k.Operation, k.change.attempt.alternative)] = true
			}
			g.note(result)
			r.conclude(k, result)
		}
	}
}

// unfit returns the verdict on a case that its ground does not carry, and why; "" if it does.
func (g *ground) unfit(k *Case) (judge.Verdict, string) {
	if !g.passed {
		return g.verdict, g.reason
	}
	if a := k.change.attempt; a != nil && !a.bare() && g.refused[a.alternative] != "" {
		return judge.Error, g.notProved(k)
	}
	return "", ""
}

// notProved says that a case has credentials that the server refuses.
func (g *ground) notProved(k *Case) string {
	alternative := k.change.attempt.alternative
	return fmt.Sprintf("credentials: the plain request with %s did not pass: %s", nameOf(k.Operation, alternative), g.refused[alternative])
}

// manyThrottled is how many requests must be throttled at the end of some for the run to end.
const manyThrottled = 10

// checkThrottling ends the run if the last of some requests were all throttled, in spite of waiting.
func (r *run) checkThrottling(exchanges []exchange.Exchange) {
	n := 0
	for i := range exchanges {
		switch x := &exchanges[i]; {
		case x.Answer != nil && throttled(x):
			n++
		case x.Answer != nil:
			n = 0
		}
	}
	if n >= manyThrottled {
		r.fail("the server throttles every request; try again later, or with fewer at the same time: %d in a row", n)
	}
}

// checkCredentials sends a plain request again if credentials were refused: if they have ended, every
// request is refused, and that says nothing.
func (r *run) checkCredentials(ctx context.Context, all []*Case, exchanges []exchange.Exchange) {
	for i, k := range all {
		g, x := r.groundOf(k), exchanges[i]
		if unfit, _ := g.unfit(k); unfit != "" || k.kind == proofKind || g.alternative < 0 || !isUnauthorized(&x) {
			continue
		}
		control, passes := r.checked(ctx, k, g, aimCredentials)
		if passes || !isUnauthorized(&control) || r.recovered(ctx, k, g, &control) {
			return // what else is wrong, the suspects show
		}
	}
}

// filled returns the change of a case with the ids that only a run knows.
func (r *run) filled(k *Case) (variation, error) {
	v := k.change
	if v.absent == nil {
		return v, nil
	}
	var err error
	v.ids, err = r.store.Absent(k.Operation, 0)
	return v, err
}
