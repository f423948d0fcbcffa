package implied

import (
	"context"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// inOneGo is how many cases are sent before the answers are judged.
const inOneGo = 200

// variations sends the cases that rest on plain requests.
func (r *run) variations(ctx context.Context, all []*Case) {
	for len(all) > 0 {
		n := min(len(all), inOneGo)
		r.some(ctx, all[:n])
		all = all[n:]
	}
}

// some sends cases at the same time, and then judges the answers one after the other.
func (r *run) some(ctx context.Context, all []*Case) {
	templates := make([]cases.Template, len(all))
	exchanges := make([]exchange.Exchange, len(all))
	r.parallel(len(all), func(i int) {
		k := all[i]
		g := r.grounds[k.Operation]
		if !g.passed {
			return
		}
		change, err := r.filled(k)
		if err == nil {
			templates[i], err = r.o.build(g.base, change, false)
		}
		if err != nil {
			exchanges[i].Failure = &exchange.Failure{Kind: exchange.NotSent, Message: err.Error()}
			return
		}
		exchanges[i] = r.deliver(ctx, k.ID, aimFirst, k.Operation, templates[i])
	})
	for i, k := range all {
		g, x := r.grounds[k.Operation], exchanges[i]
		switch {
		case !g.passed:
			r.undecided(k, g.verdict, g.reason)
		case x.Failure != nil && x.Failure.Kind == exchange.NotSent:
			r.undecided(k, judge.Error, x.Failure.Message)
		case !left(&x):
			r.unsent(k)
		default:
			r.conclude(k, r.confirmed(ctx, k, g, templates[i], x))
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
