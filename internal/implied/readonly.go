package implied

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/jsonpointer"
	"github.com/gesconform/gesconform/internal/judge"
)

// readOnly creates something with a member that is only read, and looks whether it was taken.
func (r *run) readOnly(ctx context.Context, k *Case, g *ground) {
	usual, known := r.usual(ctx, k, g)
	other := *k
	other.change.body = otherThan(k, usual)
	_, x, ok := r.send(ctx, &other, g, aimFirst)
	if !ok {
		return
	}
	switch outcomeOf(k.Operation, &x) {
	case passed:
	case invalid:
		r.shown(ctx, k, judge.Conforms, x, r.judge.Outcome(&x), "")
		return
	default:
		r.shown(ctx, k, judge.Masked, x, r.judge.Outcome(&x), "")
		return
	}
	sent, _ := x.Request.JSON()
	given := sent.At(k.change.body.pointer)
	answer, before := x, []exchange.Exchange(nil)
	if made := r.madeBy(&x); made != nil {
		if y, op := r.look(ctx, k, aimLook, made.Path); op != nil && outcomeOf(op, &y) == passed {
			answer, before = y, []exchange.Exchange{x}
		}
	}
	now := answer.JSON().At(k.change.body.pointer)
	switch {
	case given == nil || now == nil:
		r.shown(ctx, k, judge.Masked, answer, "no answer shows the member", "", before...)
	case !given.Equal(now):
		r.shown(ctx, k, judge.Conforms, answer, "another value is shown", "", before...)
	case !known:
		r.shown(ctx, k, judge.Masked, answer, "it is not known which value the server gives by itself", "", before...)
	case usual != nil && given.Equal(usual):
		r.shown(ctx, k, judge.Masked, answer, "the server gives this value by itself", "", before...)
	default:
		r.shown(ctx, k, judge.Deviates, answer, fmt.Sprintf("%s is shown as the request gave it: %.80q", k.change.body.pointer, now.Text), "the document says that it is only read", before...)
	}
}

// usual returns the value that the server gives a member by itself, or nil if it then shows none: as the plain creation
// shows it, or a read of what that made, or the same for the creation of the case without the member. known is whether
// one of them was answered.
func (r *run) usual(ctx context.Context, k *Case, g *ground) (v *contract.Value, known bool) {
	if v, known = r.shownOf(ctx, k, g.plain); v != nil {
		return v, true
	}
	body := k.change.body.ready()
	body.value = changedAt(body.value, jsonpointer.Tokens(body.pointer), func(any) (any, bool) { return nil, false })
	t, err := r.o.build(r.renewed(ctx, k, g.base), variation{body: &body}, false)
	if err != nil {
		return nil, known
	}
	x := r.deliver(ctx, k.ID, aimUsual, k.Operation, t)
	if outcomeOf(k.Operation, &x) != passed {
		return nil, false
	}
	return r.shownOf(ctx, k, &x)
}

// shownOf returns the value of the member that a case is about as the answer to a creation shows it, or a read of what
// that made; nil if it is not shown. known is whether there is such an answer.
func (r *run) shownOf(ctx context.Context, k *Case, creation *exchange.Exchange) (v *contract.Value, known bool) {
	shown := creation.JSON()
	if there := shown.At(k.change.body.pointer); there != nil {
		return there, true
	}
	if made := r.madeBy(creation); made != nil {
		if x, op := r.look(ctx, k, aimUsual, made.Path); op != nil && outcomeOf(op, &x) == passed {
			return x.JSON().At(k.change.body.pointer), true
		}
	}
	return nil, shown != nil
}

// otherThan returns the body of a case about a read-only member, with another value than the usual one, if the schema
// has a choice.
func otherThan(k *Case, usual *contract.Value) *content {
	body := k.change.body.ready()
	object, isObject := body.value.(map[string]any)
	name := strings.TrimPrefix(body.pointer, "/")
	if isObject && usual != nil && object[name] != nil {
		s := memberOf(k.media.Schema, name, 0)
		if s == nil {
			return &body
		}
		for _, v := range s.Enum {
			if !usual.Equal(contract.ValueOf(v)) && v != nil {
				object = maps.Clone(object)
				object[name], body.value = v, object
				break
			}
		}
	}
	return &body
}
