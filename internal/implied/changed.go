package implied

import (
	"context"
	"maps"
	"net/http"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/resources"
)

// changedKind is decided by a read after a change of what the run has made.
var changedKind = &kind{
	name: "changed", rule: contract.RuleResourceCreated, lawful: func(*Case) []string { return []string{"shown with what it was given"} },
	why: "what the run has made is changed and then read, with members that the change gave and that the document lets answers show",
}

// changed derives the change of something that the run has made, if its own path shows what came of it. A POST to that may
// be anything.
func (d *deriver) changed(op *contract.Operation) {
	read := d.index.reader(op)
	if formOf(read.Path) != formOf(op.Path) || op.Method != http.MethodPut && op.Method != http.MethodPatch || d.media == nil || d.media.Schema == nil || d.media.Schema.Property("op") != nil {
		return // a JSON patch is no part of the thing
	}
	before := d.target
	d.target = whatIsMade
	d.add(op, changedKind, "what was made, shown by "+label(read), op.Clause, variation{special: "changed"})
	d.target = before
}

// changed changes the newest thing of an operation that the run has made, and reads it.
func (r *run) changed(ctx context.Context, k *Case) {
	for i := len(r.made) - 1; i >= 0; i-- {
		m := r.made[i]
		ids, ok := idsIn(k.Operation, m.Path)
		if !ok || m.Deleted {
			continue
		}
		g := &ground{base: base{op: k.Operation, alternative: -1}, media: k.media, expects: passed, refused: map[int]string{}}
		if r.prepare(ctx, k, g, ids); g.verdict != "" {
			r.undecided(k, g.verdict, g.reason)
			return
		}
		g.fresh = 1
		r.changeOf(ctx, k, g, m, ids)
		return
	}
	r.undecided(k, judge.NotApplicable, "the run has made nothing that it changes")
}

// changeOf sends all members that a change can have, otherwise than they are, or, if the server refuses them, only those
// that it needs.
func (r *run) changeOf(ctx context.Context, k *Case, g *ground, m *thing, ids map[string]string) {
	var before *contract.Value
	if y, op := r.look(ctx, k, "before", m.Path); op != nil && outcomeOf(op, &y) == passed {
		before = y.JSON()
	}
	all := r.bodies(g, before)
	for n, value := range all {
		of := *k
		of.change.body = &content{media: g.body.media, value: named(g, value, ids), given: true}
		t, x, ok := r.send(ctx, &of, g, aimOf(n))
		switch {
		case !ok:
			return
		case outcomeOf(k.Operation, &x) != passed && n < len(all)-1:
			continue
		}
		if again, y, wanted := r.fuller(ctx, k, g, &x); wanted {
			t, x = again, y
		}
		result := r.says(k, judge.Masked, x, r.judge.Outcome(&x), "")
		if outcomeOf(k.Operation, &x) == passed {
			if result, ok = r.showsChange(ctx, k, g, m, x); !ok {
				r.unsent(k)
				return
			}
		}
		r.twice(&result, k.Operation, g, &x, func() exchange.Exchange { return r.deliver(ctx, k.ID, aimAgain, k.Operation, t) })
		r.conclude(k, result)
		return
	}
}

// showsChange reads what was changed, until it shows what the change gave. ok is false if it could not be read.
func (r *run) showsChange(ctx context.Context, k *Case, g *ground, m *thing, change exchange.Exchange) (result judge.Result, ok bool) {
	y, op := r.lookUntil(ctx, k, aimLook, m.Path, passed)
	if op == nil {
		return result, false
	}
	verdict, says, why := judge.Masked, r.judge.Outcome(&y), ""
	if outcomeOf(op, &y) == passed {
		verdict = judge.Conforms
		if v := y.JSON(); v != nil && g.sent != nil {
			if difference := differs(contract.ValueOf(unnamed(op, g.sent)), v, g.body.media.Schema, ""); difference != "" {
				verdict, says, why = judge.Deviates, difference, "the change was answered with success"
			}
		}
	}
	result = r.says(k, verdict, y, says, why, change)
	r.ofRead(ctx, k, &result, &y)
	return result, true
}

// named returns a body that names the thing that a request goes to, if it names one.
func named(g *ground, value any, ids map[string]string) any {
	object, isObject := value.(map[string]any)
	if !isObject {
		return value
	}
	object = maps.Clone(object)
	path := g.op.ParametersIn(contract.InPath)
	last := path[len(path)-1]
	for _, name := range ownNames(g.op) {
		if object[name] == nil {
			continue
		}
		if object[name] = resources.AsJSON(g.media.Schema.Property(name), ids[last.Name]); name != last.Name {
			delete(object, name) // the id of the thing may be another member
		}
	}
	return object
}

// unnamed returns a body without the members that name the thing itself: many services give names of their own,
// whatever a request says.
func unnamed(read *contract.Operation, value any) any {
	object, isObject := value.(map[string]any)
	if !isObject || read == nil {
		return value
	}
	object = maps.Clone(object)
	for _, name := range ownNames(read) {
		delete(object, name)
	}
	return object
}
