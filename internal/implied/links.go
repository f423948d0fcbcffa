package implied

import (
	"context"
	"slices"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/resources"
)

// links reads what the answers to plain requests link to.
func (r *run) links(ctx context.Context, all []*Case) {
	for _, k := range all {
		g := r.groundOf(k)
		i := slices.IndexFunc(g.leads, func(l resources.Lead) bool { return l.Clause == k.Clause })
		switch unfit, reason := g.unfit(k); {
		case unfit != "":
			r.undecided(k, unfit, reason)
		case i < 0:
			r.undecided(k, judge.NotApplicable, "the answer has nothing that the link could lead to")
		default:
			r.follow(ctx, k, g.leads[i])
		}
	}
}

// follow reads what a link leads to, twice if it is not there.
func (r *run) follow(ctx context.Context, k *Case, l resources.Lead) {
	order := r.order(l.Operation)
	if len(order) == 0 {
		r.undecided(k, judge.NotApplicable, "needs "+needsCredentials(l.Operation))
		return
	}
	to := base{op: l.Operation, alternative: order[0], values: map[*contract.Parameter]any{}}
	for _, p := range l.Operation.Parameters {
		if v, ok := l.Choice.Of(p); ok {
			to.values[p] = v.JSON()
		} else if value, err := r.o.plain(r.source, l.Operation, p); err == nil && p.Required {
			to.values[p] = value
		}
	}
	t, err := r.o.build(to, variation{}, false)
	if err != nil {
		r.undecided(k, judge.NotApplicable, err.Error())
		return
	}
	var x exchange.Exchange
	for _, aim := range []string{aimFirst, aimAgain} {
		if x = r.deliver(ctx, k.ID, aim, l.Operation, t); !hasLeft(&x) {
			r.unsent(k)
			return
		}
		if outcomeOf(l.Operation, &x) != notFound {
			break
		}
	}
	switch outcomeOf(l.Operation, &x) {
	case passed:
		r.shown(ctx, k, judge.Conforms, x, r.judge.Outcome(&x), "")
	case notFound:
		r.shown(ctx, k, judge.Deviates, x, r.judge.Outcome(&x), "the answer of "+label(k.Operation)+" leads there")
	default:
		r.shown(ctx, k, judge.Masked, x, r.judge.Outcome(&x), "")
	}
}
