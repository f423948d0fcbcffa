package implied

import (
	"context"
	"fmt"
	"math/big"
	"net/http"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// clean deletes what the run has made, the newest first. The first deletion by an operation decides its case:
// what was deleted is no longer shown.
func (r *run) clean(ctx context.Context, cases []*Case) {
	for i := len(r.made) - 1; i >= 0; i-- {
		m := r.made[i]
		var k *Case
		for _, other := range cases {
			if other != nil && other.Operation.ID == m.Delete {
				k = other
			}
		}
		if decided := r.remove(ctx, k, m); decided {
			for j, other := range cases {
				if other == k {
					cases[j] = nil
				}
			}
		}
		if !m.Deleted {
			r.report.Left = append(r.report.Left, r.leftOver(m))
		}
	}
	for _, k := range cases {
		if k != nil {
			r.undecided(k, judge.NotApplicable, "the run has made nothing that it deletes")
		}
	}
}

// leftOver returns the line that deletes a thing.
func (r *run) leftOver(m *thing) string {
	op := r.o.Contract.Operation(m.Delete)
	if op == nil {
		return m.URL + ", which no operation deletes"
	}
	b := &builder{o: &r.o, shown: true}
	if usable := r.o.usable(op); len(usable) > 0 {
		b.credentials(op, attempt{alternative: usable[0]})
	}
	header := http.Header{}
	for _, h := range b.headers {
		header.Add(h.Name, h.Value)
	}
	if len(b.cookies) > 0 {
		header.Set("Cookie", strings.Join(b.cookies, "; "))
	}
	return m.Curl(header, strings.Join(b.query, "&"))
}

// remove deletes a thing. k is the case that it decides, or nil; decided is whether it has.
func (r *run) remove(ctx context.Context, k *Case, m *thing) (decided bool) {
	op, values, _ := r.o.Contract.Find(http.MethodDelete, m.Path)
	if op == nil || m.Delete == "" {
		return false
	}
	usable := r.o.usable(op)
	if len(usable) == 0 {
		return false
	}
	g := &ground{base: base{op: op, alternative: usable[0], values: map[*contract.Parameter]any{}}}
	for _, p := range op.Parameters {
		if text, ok := values[p.Name]; ok && p.In == contract.InPath {
			g.values[p] = typed(p.Schema, text)
		} else if value, err := r.o.plain(r.source, op, p); err == nil && p.Required {
			g.values[p] = value
		}
	}
	by := &Case{ID: "delete " + m.Path, Operation: op}
	if k != nil {
		by = k
	}
	t, err := r.o.build(g.base, variation{}, false)
	if err != nil {
		return false
	}
	if k != nil { // that it was shown before
		if x, of := r.look(ctx, k, "before", m.Path); of == nil || outcomeOf(of, &x) != passed {
			k = nil
		}
	}
	x := r.deliver(ctx, by.ID, "delete", op, t)
	o := outcomeOf(op, &x)
	m.Deleted = o == passed || o == notFound
	if m.Deleted && r.o.Made != nil {
		m.Made.Deleted = true
		r.o.Made(m.Made)
	}
	if k == nil || o != passed {
		return false
	}
	r.deleted(ctx, k, g, m, x)
	return true
}

// deleted looks whether what was deleted is still shown.
func (r *run) deleted(ctx context.Context, k *Case, g *ground, m *thing, x exchange.Exchange) {
	y, op := r.lookUntil(ctx, k, "gone", m.Path, notFound)
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

// at returns the value that a JSON pointer leads to, or nil.
func at(v *contract.Value, pointer string) *contract.Value {
	for _, token := range strings.Split(pointer, "/")[1:] {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		if v == nil {
			return nil
		}
		if v.Kind == contract.KindArray {
			var n int
			if _, err := fmt.Sscanf(token, "%d", &n); err != nil || n < 0 || n >= len(v.Items) {
				return nil
			}
			v = v.Items[n]
			continue
		}
		v = v.Member(token)
	}
	return v
}

// same reports whether two scalars are equal.
func same(a, b *contract.Value) bool {
	if a.Kind == contract.KindNumber && b.Kind == contract.KindNumber {
		return sameNumber(a.Text, b.Text)
	}
	return a.Kind == b.Kind && a.Text == b.Text && a.Bool == b.Bool && len(a.Items) == len(b.Items) && len(a.Members) == len(b.Members)
}

// sameNumber reports whether two texts are the same number: 1.0 is 1.
func sameNumber(a, b string) bool {
	if len(a) > 40 || len(b) > 40 || strings.ContainsAny(a+b, "eE") {
		return a == b
	}
	x, ok := new(big.Rat).SetString(a)
	y, okay := new(big.Rat).SetString(b)
	return ok && okay && x.Cmp(y) == 0
}
