package implied

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
)

// An operation may take the credentials of any of its alternatives. Its plain request has those of the first that the
// server accepts: one that it refuses may be wrong, which is no fault of the server's.

// proofs are what a run knows of alternatives, by the names of their schemes.
type proofs struct {
	accepted map[string]bool
	refused  map[string]string   // how the server refuses one, where it first did
	passedBy map[string][]string // operations that were judged with another one
	settled  map[*contract.Operation]settlement
}

// A settlement is the alternative that an operation is judged with, after others were refused.
type settlement struct {
	alternative int
	refused     map[int]string
}

func newProofs() proofs {
	return proofs{accepted: map[string]bool{}, refused: map[string]string{}, passedBy: map[string][]string{}, settled: map[*contract.Operation]settlement{}}
}

// nameOf names an alternative of an operation; "" for no credentials.
func nameOf(op *contract.Operation, alternative int) string {
	if alternative < 0 {
		return ""
	}
	return alternativeNames(op.Security[alternative])
}

// rejection says how the server refuses an alternative that it has accepted nowhere; "" for others.
func (p *proofs) rejection(op *contract.Operation, alternative int) string {
	name := nameOf(op, alternative)
	if p.accepted[name] {
		return ""
	}
	return p.refused[name]
}

// refuse keeps that the server refuses an alternative.
func (p *proofs) refuse(name, says string) { p.refused[name] = cmp.Or(p.refused[name], says) }

// order returns what an operation takes, the alternatives that the server is known to refuse last.
func (r *run) order(op *contract.Operation) []int {
	all := r.o.usable(op)
	if s, ok := r.proofs.settled[op]; ok {
		return append([]int{s.alternative}, slices.DeleteFunc(all, func(i int) bool { return i == s.alternative })...)
	}
	if op.Anonymous() && !slices.Contains(all, -1) {
		all = append(all, -1)
	}
	slices.SortStableFunc(all, func(a, b int) int { return r.proofs.rank(op, a) - r.proofs.rank(op, b) })
	return all
}

// rank sorts alternatives that are known to be refused behind the others.
func (p *proofs) rank(op *contract.Operation, alternative int) int {
	if p.rejection(op, alternative) != "" {
		return 1
	}
	return 0
}

// alternative has a ground take the first alternative that is not known to be refused, and reports whether there is any.
func (r *run) alternative(g *ground) bool {
	order := r.order(g.op)
	if len(order) == 0 {
		return false
	}
	g.alternative = order[0]
	if g.refused == nil {
		return true
	}
	maps.Copy(g.refused, r.proofs.settled[g.op].refused)
	for _, i := range order[1:] {
		if why := r.proofs.rejection(g.op, i); why != "" {
			g.refused[i] = why
		}
	}
	return true
}

// accepted sends a plain request again with the credentials of each other alternative while the answer is a refusal,
// and returns the first that is none, or else what was sent at first.
func (r *run) accepted(ctx context.Context, k *Case, g *ground, t cases.Template, x exchange.Exchange, refusal func(*exchange.Exchange) bool) (cases.Template, exchange.Exchange) {
	first, tried, last, aim := g.alternative, map[int]string{}, x, aimAlternative
	if x.Aim == aimDelete {
		aim = aimDelete // which the limits of the run do not keep back
	}
	for g.alternative >= 0 && hasLeft(&last) && refusal(&last) {
		tried[g.alternative] = r.judge.Outcome(&last)
		if isUnauthorized(&last) {
			r.proofs.refuse(nameOf(g.op, g.alternative), tried[g.alternative])
		}
		next, ok := r.untried(g.op, tried)
		if !ok {
			break
		}
		g.alternative = next
		from := r.renewed(ctx, k, g.base)
		again, err := r.o.build(from, variation{}, false)
		if err != nil {
			break
		}
		last = r.deliver(ctx, k.ID, aim, g.op, again)
		if hasLeft(&last) && !refusal(&last) && !isUnauthorized(&last) {
			g.sent = from.valueOf(nil)
			r.judgedWith(g, tried)
			return again, last
		}
	}
	g.alternative = first
	return t, x
}

// untried returns the next alternative of an operation: one that is given, or none if that is one.
func (r *run) untried(op *contract.Operation, tried map[int]string) (next int, ok bool) {
	for _, i := range r.o.usable(op) {
		if tried[i] == "" {
			return i, true
		}
	}
	return -1, op.Anonymous() && tried[-1] == ""
}

// judgedWith keeps that an operation is judged with another alternative than those that were tried.
func (r *run) judgedWith(g *ground, tried map[int]string) {
	r.proofs.settled[g.op] = settlement{g.alternative, tried}
	for i, says := range tried {
		name := nameOf(g.op, i)
		if g.refused != nil {
			g.refused[i] = says
		}
		r.proofs.refuse(name, says)
		if at := label(g.op); !slices.Contains(r.proofs.passedBy[name], at) {
			r.proofs.passedBy[name] = append(r.proofs.passedBy[name], at)
		}
	}
}

// mostNamed is how many operations or cases a note names.
const mostNamed = 3

// shortened lists some names, of many the first.
func shortened(all []string) string {
	text := strings.Join(all[:min(len(all), mostNamed)], ", ")
	if more := len(all) - mostNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// notes says which alternatives the server has refused where others passed.
func (p *proofs) notes() (all []string) {
	for _, name := range slices.Sorted(maps.Keys(p.passedBy)) {
		all = append(all, fmt.Sprintf("credentials: %s not proved: the server refuses it for %s (%s), but not another alternative that the document lists, or none; "+
			"it may have expired or lack rights, so that this is not held against the server", name, shortened(p.passedBy[name]), p.refused[name]))
	}
	return all
}
