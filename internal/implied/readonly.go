package implied

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
)

// readOnly creates something with a member that is only read, and looks whether it was taken.
func (r *run) readOnly(ctx context.Context, k *Case, g *ground) {
	usual := r.usual(ctx, k, g)
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
	answer := x
	if made := r.madeBy(&x); made != nil {
		if y, op := r.look(ctx, k, "look", made.Path); op != nil && outcomeOf(op, &y) == passed {
			answer = y
		}
	}
	now := answer.JSON().At(k.change.body.pointer)
	switch {
	case given == nil || now == nil:
		r.shown(ctx, k, judge.Masked, answer, "no answer shows the member", "")
	case !given.Equal(now):
		r.shown(ctx, k, judge.Conforms, answer, "another value is shown", "")
	case usual == nil:
		r.shown(ctx, k, judge.Masked, answer, "it is not known which value the server gives by itself", "")
	case given.Equal(usual):
		r.shown(ctx, k, judge.Masked, answer, "the server gives this value by itself", "")
	default:
		r.shown(ctx, k, judge.Deviates, answer, fmt.Sprintf("%s is shown as the request gave it: %.80q", k.change.body.pointer, now.Text), "the document says that it is only read")
	}
}

// usual returns the value that the server gives a member by itself, as the plain creation or a read of what it made
// shows it; nil if neither does.
func (r *run) usual(ctx context.Context, k *Case, g *ground) *contract.Value {
	if v := g.plain.JSON().At(k.change.body.pointer); v != nil {
		return v
	}
	made := r.madeBy(g.plain)
	if made == nil {
		return nil
	}
	x, op := r.look(ctx, k, "usual", made.Path)
	if op == nil || outcomeOf(op, &x) != passed {
		return nil
	}
	return x.JSON().At(k.change.body.pointer)
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
