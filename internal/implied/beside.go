package implied

import (
	"context"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// A case may need more than its own request: reads of what was made, and the plain request that it is compared with.
// The answers to these must keep to the document, too.

// ofRead adds to a result what is wrong with the answer to a read that decided it, if the same read is answered so
// once more.
func (r *run) ofRead(ctx context.Context, k *Case, result *judge.Result, x *exchange.Exchange) {
	op := r.o.Contract.Operation(x.Operation)
	if op == nil || !op.Safe() {
		return
	}
	r.twice(result, op, r.grounds[groundOf{op, whatIsThere}], x, func() exchange.Exchange {
		path, _, _ := strings.Cut(x.Request.Path, "?")
		again, _ := r.look(ctx, k, x.Aim+" again", path)
		return again
	})
}

// twice adds to a result what is wrong with an answer to a request for an operation, as far as the same request is
// answered so once more, and as it is not known of a ground, which may be nil.
func (r *run) twice(result *judge.Result, op *contract.Operation, g *ground, x *exchange.Exchange, send func() exchange.Exchange) {
	wrong := func(x *exchange.Exchange) []judge.Finding {
		return r.news(r.causes(r.judge.AspectsOf(judge.Subject{Operation: op, Throttled: throttled(x)}, x)), op, g, x)
	}
	first := wrong(x)
	if !slices.ContainsFunc(first, func(f judge.Finding) bool { return verdictBroken(f.Verdict) }) {
		return
	}
	again := send()
	if !hasLeft(&again) {
		return
	}
	second := wrong(&again)
	found := slices.DeleteFunc(first, func(f judge.Finding) bool { return !contains(second, f) })
	for i := range found {
		found[i].Exchange = len(result.Exchanges)
	}
	result.Exchanges = append(result.Exchanges, again)
	result.Conclude(found...)
	if g != nil {
		g.knows(found...)
	}
}
