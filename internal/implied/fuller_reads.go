package implied

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/jsonpointer"
	"github.com/gesconform/gesconform/internal/judge"
)

// What holds for bodies (fuller.go) holds for parameters: a read may want one that the document calls optional, or one of
// several.

// mostAsked is how many requests with more parameters are tried.
const mostAsked = 6

// asked looks for a plain request with optional parameters that passes, after one without was called invalid. It returns
// the request that did, has the ground rest on it, and says which parameters it has.
func (r *run) asked(ctx context.Context, k *Case, g *ground, refusal *exchange.Exchange) (t cases.Template, x exchange.Exchange, names string) {
	if outcomeOf(g.op, refusal) != invalid || r.fruitless >= mostFruitless {
		return t, x, ""
	}
	tried := false
	for n, more := range r.moreParameters(g.op, refusal) {
		from := g.base
		from.values = maps.Clone(g.values)
		var parameters []string
		for _, s := range more {
			from.values[s.parameter] = s.value
			parameters = append(parameters, s.parameter.Name)
		}
		t, err := r.o.build(from, variation{}, false)
		if err != nil {
			continue
		}
		y := r.deliver(ctx, k.ID, fmt.Sprintf("%s %d", aimFuller, n+1), g.op, t)
		if outcomeOf(g.op, &y) == passed {
			g.values, r.fruitless = from.values, 0
			return t, y, enumerated(parameters)
		}
		if !hasLeft(&y) {
			break
		}
		tried = true
	}
	if tried {
		r.fruitless++
	}
	return t, x, ""
}

// optionalNames are the names of the optional parameters of an operation, those of a few.
func optionalNames(op *contract.Operation) string {
	var all []string
	for _, p := range op.Parameters {
		if !p.Required && p.In != contract.InPath && len(all) < mostAsked {
			all = append(all, p.Name)
		}
	}
	return strings.Join(all, ", ")
}

// moreParameters returns which optional parameters are tried: those that a refusal names, each of a few alone, and all.
func (r *run) moreParameters(op *contract.Operation, refusal *exchange.Exchange) (all [][]setting) {
	var every, told []setting
	for _, p := range op.Parameters {
		if p.Required || p.In == contract.InPath {
			continue
		}
		value, err := r.o.plain(r.source, op, p)
		if err != nil {
			continue
		}
		every = append(every, setting{p, value})
		if mentions(refusal, member{place: "/" + jsonpointer.Escape(p.Name)}) {
			told = append(told, setting{p, value})
		}
	}
	if len(every) == 0 {
		return nil
	}
	if len(told) > 0 {
		all = append(all, told)
	}
	for _, s := range every[:min(len(every), mostAsked-2)] {
		all = append(all, []setting{s})
	}
	return append(all, every)
}

// wantsMore is what the refusal of a plain request says of a server that takes it with more.
func (r *run) wantsMore(k *Case, result *judge.Result, refusal exchange.Exchange, more string) {
	f := r.judge.Finding(k.Requirement, judge.Advisory, r.judge.Outcome(&refusal), k.Lawful)
	f.Clause, f.Line, f.Exchange = k.Clause, k.Line, len(result.Exchanges)
	f.Hint = fmt.Sprintf("the same with %s is accepted; if that is required, the document should say so", more)
	refusal.Operation = k.Operation.ID
	result.Exchanges = append(result.Exchanges, refusal)
	result.Conclude(f)
}
