package implied

import (
	"context"
	"net/http"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/resources"
)

// Something is created below a parent only if the run has made that, or if the user lets everything that the path
// names be changed. What must be refused goes there only if an operation deletes what a careless server would make.

// belowParent derives the creation of something that belongs to something else, what is shown of it, and its deletion.
func (d *deriver) belowParent(op *contract.Operation, alone bool) {
	d.target = whatHasAParent
	defer func() { d.target = whatIsThere }()
	d.creations(op)
	switch {
	case d.index.item(op, http.MethodDelete) == nil: // each would be left over
	case alone:
		d.credentials(op, d.o.usable(op))
		d.body(op)
		d.parameters(op)
	case op.Body != nil: // the others go to what is absent, or here if the risk allows it
		for _, m := range op.Body.Content {
			if d.writable(m) {
				d.acceptedOf(op, m)
			}
		}
	}
}

// createsBelow reports whether an operation makes one of many that belong to something else.
func (x *index) createsBelow(op *contract.Operation) bool {
	return op.Method == http.MethodPost && len(op.ParametersIn(contract.InPath)) > 0 && x.listed[formOf(op.Path)]
}

// parents returns the values of an operation's path for what it may create something below, the preferred ones first:
// what the user lets be changed, then what the run has made. Without any, needs says what to give.
func (r *run) parents(op *contract.Operation) (all []map[string]string, needs string) {
	free, needs := r.store.Free(op)
	if needs == "" {
		all = append(all, free)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.made { // the oldest is the plainest, and nothing has been done to it
		if ids, ok := idsIn(op, m.Path); ok && !m.Deleted {
			all = append(all, ids)
			break
		}
	}
	return all, needs
}

// madeChoices returns the ids of the first thing that the run has made and that an operation's path names.
func (r *run) madeChoices(op *contract.Operation) []resources.Choice {
	path := op.ParametersIn(contract.InPath)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.made {
		if len(path) == 0 || m.Deleted {
			continue
		}
		if ids, ok := idsIn(op, m.Path); ok {
			var c resources.Choice
			for _, p := range path {
				c = append(c, resources.Value{Parameter: p, Text: ids[p.Name], Source: resources.FromMember})
			}
			return []resources.Choice{c}
		}
	}
	return nil
}

// createBelow sends the plain creation below a parent, or below the next one if the first is not suited.
func (r *run) createBelow(ctx context.Context, k *Case, g *ground) {
	parents, needs := r.parents(k.Operation)
	if len(parents) == 0 {
		g.verdict, g.reason = judge.NotApplicable, "needs "+needs+": the run has made nothing that it could create this below"
		r.undecided(k, g.verdict, g.reason)
		return
	}
	if r.prepare(ctx, k, g, parents[0]); g.verdict != "" {
		r.undecided(k, g.verdict, g.reason)
		return
	}
	r.readyToCreate(k, g)
	g.parents = parents[1:]
	r.create(ctx, k, g)
}

// nextParent takes another parent, and reports whether there is one.
func (g *ground) nextParent() bool {
	if len(g.parents) == 0 {
		return false
	}
	for _, p := range g.op.ParametersIn(contract.InPath) {
		g.values[p] = resources.AsJSON(p.Schema, g.parents[0][p.Name])
	}
	g.parents = g.parents[1:]
	return true
}

// unsuitedParents are the outcomes that may be due to the parent of what was to be created.
var unsuitedParents = map[outcome]bool{notFound: true, otherRule: true}

// underParent returns the ground of a request to what is absent, if it may go to a parent in place of that, on which more
// can be seen; nil if not.
func (r *run) underParent(k *Case) *ground {
	g := r.grounds[groundOf{k.Operation, whatHasAParent}]
	if g == nil || !g.passed && g.verdict != judge.Error || r.index.item(k.Operation, http.MethodDelete) == nil { // Error: lost on the way
		return nil
	}
	if c := k.change.body; c != nil && g.own != "" && c.pointer == "/"+g.own {
		return nil // it would be the name of something that no read can show to be absent
	}
	return g
}
