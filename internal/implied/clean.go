package implied

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// clean deletes what the run has made, the newest first. The first thing that an operation deletes decides its
// cases: it is not deleted without credentials, and is not shown any more when it has been deleted.
//
// Neither the limits of the run nor its interruption keep it from deleting, for a while: the things are somebody's.
func (r *run) clean(ctx context.Context, cases []*Case) {
	over := r.over(ctx)
	if over {
		for _, k := range cases {
			r.unsent(k)
		}
		cases = nil
	}
	interrupted := ctx
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(interrupted, func() { time.AfterFunc(mostCleaning, stop) })()
	slices.SortStableFunc(cases, func(a, b *Case) int { return last(a) - last(b) })
	for i := len(r.made) - 1; i >= 0; i-- {
		m := r.made[i]
		var own []*Case
		for _, k := range cases {
			if k.Operation.ID == m.Delete {
				own = append(own, k)
			}
		}
		decided, answered := r.remove(ctx, own, m)
		if over && !answered {
			break // nobody waits for one failure after the other
		}
		if decided {
			cases = slices.DeleteFunc(cases, func(k *Case) bool { return k.Operation.ID == m.Delete })
		}
	}
	r.report.Left = r.leftOver()
	for _, k := range cases {
		if r.cut != "" {
			r.unsent(k)
			continue
		}
		r.undecided(k, judge.NotApplicable, "the run has made nothing that it deletes")
	}
}

// mostCleaning is how long a run that was interrupted goes on deleting.
const mostCleaning = 10 * time.Second

// goneWith reports whether a thing is part of another that was deleted.
func (r *run) goneWith(m *thing) bool {
	path := strings.TrimSuffix(m.Path, "/")
	return slices.ContainsFunc(r.made, func(other *thing) bool {
		return other.Deleted && strings.HasPrefix(path, strings.TrimSuffix(other.Path, "/")+"/")
	})
}

// last sorts the deletion itself behind those that must be refused.
func last(k *Case) int {
	if k.kind == deletedKind {
		return 1
	}
	return 0
}

// remove deletes a thing. own are the cases that this decides; decided is whether it has, answered whether the server
// still answers.
func (r *run) remove(ctx context.Context, own []*Case, m *thing) (decided, answered bool) {
	op, values, _ := r.o.Contract.Find(http.MethodDelete, m.Path)
	if op == nil || m.Delete == "" || len(r.o.usable(op)) == 0 {
		return false, true
	}
	g := &ground{base: r.o.deletion(r.source, op, values), refused: map[int]string{}}
	r.alternative(g)
	if len(own) > 0 {
		x, of := r.look(ctx, own[0], aimBefore, m.Path)
		if of == nil || outcomeOf(of, &x) != passed {
			own = nil // whether it is deleted, nobody could see
		}
	}
	for _, k := range own {
		if a := k.change.attempt; a != nil && !a.bare() && g.refused[a.alternative] != "" {
			r.undecided(k, judge.Error, g.notProved(k))
			continue
		}
		if k.kind != deletedKind {
			r.refused(ctx, k, g, m)
			continue
		}
		if m.Deleted {
			r.undecided(k, judge.Masked, "it was deleted by a request that should have been refused")
			continue
		}
		x, ok := r.delete(ctx, k, g, m)
		switch {
		case !ok:
			r.unsent(k)
		case outcomeOf(op, &x) == passed:
			r.deleted(ctx, k, g, m, x)
		default:
			result := r.says(k, judge.Masked, x, r.judge.Outcome(&x), "")
			r.twice(&result, op, nil, &x, func() exchange.Exchange { return r.deleteAnother(ctx, k, g, m) })
			r.conclude(k, result)
		}
	}
	answered = true
	if !m.Deleted {
		x, sent := r.delete(ctx, &Case{ID: "delete " + m.Path, Operation: op}, g, m)
		answered = sent && x.Failure == nil
	}
	return len(own) > 0, answered
}

// refused sends a deletion of a thing that must be refused.
func (r *run) refused(ctx context.Context, k *Case, g *ground, m *thing) {
	t, err := r.o.build(g.base, k.change, false)
	if err != nil {
		r.undecided(k, judge.NotApplicable, err.Error())
		return
	}
	x := r.deliver(ctx, k.ID, aimFirst, k.Operation, t)
	if !hasLeft(&x) {
		r.unsent(k)
		return
	}
	result := r.judged(k, g, x)
	if outcomeOf(k.Operation, &x) == passed {
		y, of := r.look(ctx, k, aimGone, m.Path)
		if of != nil && outcomeOf(of, &y) == notFound {
			m.Deleted = true
			r.noteDeleted(m)
		}
		result.Exchanges = append(result.Exchanges, y)
	}
	r.conclude(k, result)
}

// delete deletes a thing with the credentials that it takes. ok is false if the request did not leave.
func (r *run) delete(ctx context.Context, k *Case, g *ground, m *thing) (x exchange.Exchange, ok bool) {
	t, err := r.o.build(g.base, variation{}, false)
	if err != nil {
		return x, false
	}
	x = r.deliver(ctx, k.ID, aimDelete, g.op, t)
	_, x = r.accepted(ctx, k, g, t, x, isUnauthorized)
	if o := outcomeOf(g.op, &x); o == passed || o == notFound {
		m.Deleted = true
		r.noteDeleted(m)
	}
	ok = hasLeft(&x)
	return x, ok
}

// deleteAnother deletes another thing of the kind, since a deletion may have failed after it was done, or the same if
// there is no other.
func (r *run) deleteAnother(ctx context.Context, k *Case, g *ground, m *thing) exchange.Exchange {
	other := *g
	for i := len(r.made) - 1; i >= 0; i-- {
		one := r.made[i]
		if _, values, _ := r.o.Contract.Find(http.MethodDelete, one.Path); one != m && one.Delete == m.Delete && !one.Deleted {
			other.base, m = r.o.deletion(r.source, g.op, values), one
			other.alternative = g.alternative
			break
		}
	}
	x, _ := r.delete(ctx, k, &other, m)
	return x
}

func (r *run) noteDeleted(m *thing) {
	if r.o.Made != nil {
		m.Made.Deleted = true
		_ = r.o.Made(m.Made)
	}
}

// deleted looks whether what was deleted is still shown.
func (r *run) deleted(ctx context.Context, k *Case, g *ground, m *thing, x exchange.Exchange) {
	y, op := r.lookUntil(ctx, k, aimGone, m.Path, notFound)
	if op == nil {
		r.unsent(k)
		return
	}
	verdict, why := judge.Masked, ""
	switch outcomeOf(op, &y) {
	case notFound:
		verdict = judge.Conforms
	case passed:
		verdict, why = judge.Deviates, fmt.Sprintf("%s was answered with %s", label(g.op), r.judge.Outcome(&x))
	default: // another rule spoke first
	}
	f := r.judge.Finding(k.Requirement, verdict, r.judge.Outcome(&y), k.Lawful)
	f.Clause, f.Line, f.Hint, f.Exchange = k.Clause, k.Line, why, 1
	result := judge.Result{Verdict: f.Verdict, Findings: []judge.Finding{f}, Exchanges: []exchange.Exchange{x, y}, Aim: y.Aim}
	more := r.judge.AspectsOf(judge.Subject{Operation: k.Operation, Throttled: throttled(&x)}, &x)
	for i := range more {
		more[i].Exchange = 0
	}
	result.Conclude(more...)
	r.conclude(k, result)
}
