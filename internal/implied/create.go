package implied

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/resources"
)

// create sends the plain creation, which the others of its operation rest on.
func (r *run) create(ctx context.Context, k *Case, g *ground) {
	t, x, ok := r.send(ctx, k, g, aimFirst)
	for ok && unsuitedParents[outcomeOf(k.Operation, &x)] && g.nextParent() {
		t, x, ok = r.send(ctx, k, g, aimNext)
	}
	if !ok {
		g.passed, g.verdict, g.reason = false, judge.NotApplicable, "the plain request was not sent"
		return
	}
	t, x = r.accepted(ctx, k, g, t, x, isUnauthorized)
	refusal := x
	again, y, wanted := r.fuller(ctx, k, g, &x)
	if wanted {
		t, x = again, y
	}
	result := r.confirmed(ctx, k, g, t, x)
	last := result.Exchanges[len(result.Exchanges)-1]
	g.passed = false
	r.settle(g, &last)
	g.explain(&result)
	if wanted && g.passed {
		r.wantsMore(k, &result, refusal, enumerated(placesOf(g.beyond)))
	}
	g.plain = &last
	g.note(result)
	r.conclude(k, result)
}

// look reads what was made.
func (r *run) look(ctx context.Context, k *Case, aim, path string) (x exchange.Exchange, op *contract.Operation) {
	op, values, _ := r.o.Contract.Find(http.MethodGet, path)
	if op == nil {
		return x, nil
	}
	order := r.order(op)
	if len(order) == 0 {
		return x, nil
	}
	g := base{op: op, alternative: order[0], values: map[*contract.Parameter]any{}}
	for _, p := range op.Parameters {
		if text, ok := values[p.Name]; ok && p.In == contract.InPath {
			g.values[p] = resources.AsJSON(p.Schema, text)
		} else if value, err := r.o.plain(r.source, op, p); err == nil && p.Required {
			g.values[p] = value
		}
	}
	t, err := r.o.build(g, variation{}, false)
	if err != nil {
		return x, nil
	}
	x = r.deliver(ctx, k.ID, aim, op, t)
	if hasLeft(&x) {
		r.learn(&ground{base: g}, &x)
	}
	return x, op
}

// mostLooks is how often what must be there, or gone, is looked for: some servers take a moment.
const mostLooks = 4

// lookUntil reads what was made until the answer has an outcome, a few times.
func (r *run) lookUntil(ctx context.Context, k *Case, aim, path string, wanted outcome) (x exchange.Exchange, op *contract.Operation) {
	for n := range mostLooks {
		y, of := r.look(ctx, k, fmt.Sprintf("%s %d", aim, n+1), path)
		if of == nil || !hasLeft(&y) {
			return x, op
		}
		x, op = y, of
		if outcomeOf(op, &x) == wanted {
			break
		}
		r.rest(ctx, 20*time.Millisecond<<n)
	}
	return x, op
}

// shown passes on what an exchange says about a case, mostly a read of what came of the ones before.
func (r *run) shown(ctx context.Context, k *Case, v judge.Verdict, x exchange.Exchange, got, why string, before ...exchange.Exchange) {
	result := r.says(k, v, x, got, why, before...)
	r.ofRead(ctx, k, &result, &x)
	r.conclude(k, result)
}

// says returns the result of a case by an exchange, and those before it, as somebody has decided it.
func (r *run) says(k *Case, v judge.Verdict, x exchange.Exchange, got, why string, before ...exchange.Exchange) judge.Result {
	f := r.judge.Finding(k.Requirement, v, got, k.Lawful)
	f.Clause, f.Line, f.Hint, f.Exchange = k.Clause, k.Line, why, len(before)
	result := judge.Result{Verdict: f.Verdict, Findings: []judge.Finding{f}, Exchanges: append(before, x), Aim: x.Aim}
	if f.Verdict == judge.Masked {
		result.Reason = got
	}
	return result
}

// created reads what a creation has made: one with all members, with other choices than are usual, if that is accepted,
// else the plain one.
func (r *run) created(ctx context.Context, k *Case, g *ground) {
	all := r.bodies(g, nil)
	var x exchange.Exchange
	for n, value := range all {
		of := *k
		if n < len(all)-1 {
			of.change.body = &content{media: g.body.media, value: value, given: true}
		}
		var ok bool
		if _, x, ok = r.send(ctx, &of, g, aimOf(n)); !ok {
			return
		}
		if outcomeOf(k.Operation, &x) == passed {
			break
		}
	}
	if outcomeOf(k.Operation, &x) != passed {
		r.shown(ctx, k, judge.Masked, x, r.judge.Outcome(&x), "")
		return
	}
	sent := unnamed(r.index.item(g.op, http.MethodGet), g.sent)
	made := r.madeBy(&x)
	if made == nil {
		r.undecided(k, judge.NotApplicable, r.withoutID(&x))
		return
	}
	y, op := r.lookUntil(ctx, k, aimLook, made.Path, passed)
	if op == nil {
		r.unsent(k)
		return
	}
	says := r.judge.Outcome(&y)
	switch outcomeOf(op, &y) {
	case notFound:
		r.shown(ctx, k, judge.Deviates, y, says, "the creation was answered with success", x)
	case passed:
		difference := ""
		if v := y.JSON(); v != nil && sent != nil {
			difference = differs(contract.ValueOf(sent), v, g.body.media.Schema, "")
		}
		if difference != "" {
			r.shown(ctx, k, judge.Deviates, y, difference, "", x)
		} else {
			r.shown(ctx, k, judge.Conforms, y, says, "", x)
		}
	default:
		r.shown(ctx, k, judge.Masked, y, says, "", x)
	}
}

// located looks where the Location of the plain creation leads.
func (r *run) located(ctx context.Context, k *Case, g *ground) {
	location := g.plain.Answer.Header.Get("Location")
	if location == "" {
		r.undecided(k, judge.NotApplicable, "the answer to the creation has no Location")
		return
	}
	path, ok := r.below(location, g.plain.Request.Path)
	if !ok {
		r.undecided(k, judge.NotApplicable, "Location leads to another host, or above the endpoint")
		return
	}
	if op, _, _ := r.o.Contract.Find(http.MethodGet, path); op == nil {
		r.elsewhereLocated(ctx, k, g, path)
		return
	}
	x, op := r.lookUntil(ctx, k, aimLocation, path, passed)
	switch {
	case op == nil:
		r.unsent(k)
	case outcomeOf(op, &x) == notFound:
		r.shown(ctx, k, judge.Deviates, x, r.judge.Outcome(&x), "Location named it")
	case outcomeOf(op, &x) == passed:
		r.shown(ctx, k, judge.Conforms, x, r.judge.Outcome(&x), "")
	default:
		r.shown(ctx, k, judge.Masked, x, r.judge.Outcome(&x), "")
	}
}

// elsewhereLocated looks for what a Location names that no operation of the document reads: it may be there all the
// same.
func (r *run) elsewhereLocated(ctx context.Context, k *Case, g *ground, path string) {
	b := &builder{o: &r.o}
	b.credentials(g.op, attempt{alternative: g.alternative})
	if len(b.cookies) > 0 {
		b.headers = append(b.headers, cases.Header{Name: "Cookie", Value: strings.Join(b.cookies, "; ")})
	}
	path, _, _ = strings.Cut(path, "?")
	t := cases.Template{Method: http.MethodGet, Path: path, Headers: b.headers}
	if len(b.query) > 0 {
		t.Path += "?" + strings.Join(b.query, "&")
	}
	x := r.deliver(ctx, k.ID, aimLocation, g.op, t)
	switch o := outcomeOf(g.op, &x); {
	case !hasLeft(&x):
		r.unsent(k)
	case o == notFound:
		r.shown(ctx, k, judge.Deviates, x, r.judge.Outcome(&x), "Location named it")
	case o == passed:
		r.shown(ctx, k, judge.Conforms, x, r.judge.Outcome(&x), "")
	default:
		r.shown(ctx, k, judge.Masked, x, r.judge.Outcome(&x), "")
	}
}

// below returns the escaped path below the endpoint that a Location names.
func (r *run) below(location, from string) (path string, ok bool) {
	endpoint, err := url.Parse(strings.TrimRight(r.o.Endpoint, "/"))
	if err != nil {
		return "", false
	}
	from, _, _ = strings.Cut(from, "?")
	at, err := url.Parse(endpoint.String() + from)
	if err != nil {
		return "", false
	}
	to, err := at.Parse(location)
	if err != nil || to.Host != endpoint.Host {
		return "", false
	}
	path, below := strings.CutPrefix(to.EscapedPath(), endpoint.EscapedPath())
	return path, below && strings.HasPrefix(path, "/")
}
