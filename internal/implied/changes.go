package implied

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/pathtemplate"
	"github.com/gesconform/gesconform/internal/resources"
)

// changes sends the requests that change something, one after the other: to ids that a read has shown to be
// absent, and creations.
func (r *run) changes(ctx context.Context, all []*Case) {
	for _, k := range all {
		if k.kind == changedKind {
			r.changed(ctx, k)
			continue
		}
		g := r.groundOf(k)
		if k.kind == plainKind && k.target == whatHasAParent {
			r.createBelow(ctx, k, g)
			continue
		}
		if own := r.onMade(ctx, k); own != nil {
			g = own
		} else if !g.passed && g.verdict == "" {
			r.prepare(ctx, k, g, nil)
		}
		unfit, reason := g.unfit(k)
		switch {
		case unfit != "":
			r.undecided(k, unfit, reason)
		case !g.passed: // prepare could not be sent
			r.unsent(k)
		case k.kind == plainKind:
			r.create(ctx, k, g)
		case k.kind == createdKind:
			r.created(ctx, k, g)
		case k.kind == linkedKind:
			r.located(ctx, k, g)
		case k.kind == readOnlyKind:
			r.readOnly(ctx, k, g)
		default:
			r.change(ctx, k, g)
		}
	}
}

// change sends the request of a case and has it decided.
func (r *run) change(ctx context.Context, k *Case, g *ground) {
	t, x, ok := r.send(ctx, k, g, aimFirst)
	if !ok {
		return
	}
	if k.kind == unknownKind {
		t, x = r.accepted(ctx, k, g, t, x, isUnauthorized)
		if again, y, wanted := r.fuller(ctx, k, g, &x); wanted {
			t, x = again, y
		}
	}
	result := r.confirmed(ctx, k, g, t, x)
	if k.kind == unknownKind && outcomeOf(k.Operation, &x) != notFound {
		g.passed, g.verdict, g.reason = false, judge.Masked, "the plain request for an id of nothing is not answered with 404: "+r.judge.Outcome(&x)
		if isUnauthorized(&x) && g.alternative >= 0 {
			g.verdict, g.reason = judge.Error, r.refusesCredentials(g, r.judge.Outcome(&x))
			g.explain(&result)
		}
	}
	if made := r.grounds[groundOf{k.Operation, belowWhatIsMade}]; made != nil && made.unjudged != nil {
		x := made.unjudged
		made.unjudged = nil
		r.twice(&result, k.Operation, g, x, func() exchange.Exchange {
			again, _ := r.checked(ctx, k, made, aimMade+" again")
			return again
		})
	}
	g.note(result)
	r.conclude(k, result)
}

// sendOnce builds and sends the request of a case. If it could not be, that is the result of the case.
func (r *run) sendOnce(ctx context.Context, k *Case, g *ground, aim string) (t cases.Template, x exchange.Exchange, ok bool) {
	from := r.renewed(ctx, k, g.base)
	g.sent = from.valueOf(k.change.body)
	t, err := r.o.build(from, k.change, false)
	if err != nil {
		r.undecided(k, judge.NotApplicable, err.Error())
		return t, x, false
	}
	if g.expects == notFound && g.effects != r.effectsSoFar() { // it may have been made since
		g.effects = r.effectsSoFar()
		_, _ = r.checked(ctx, k, g, aimAbsent)
	}
	x = r.deliver(ctx, k.ID, aim, k.Operation, t)
	switch {
	case x.Failure != nil && x.Failure.Kind == exchange.NotSent:
		r.keptBack(k, judge.NotApplicable, x.Failure.Message)
		return t, x, false
	case !hasLeft(&x):
		r.unsent(k)
		return t, x, false
	}
	return t, x, true
}

// number returns the next number that makes a name fresh.
func (r *run) number() int {
	r.creations++
	return r.store.Number(r.creations)
}

// onMade returns the ground of a change that goes to something that the run has made, on which more can be seen
// than on what is absent; nil if there is none, or the plain change of it does not pass.
func (r *run) onMade(ctx context.Context, k *Case) *ground {
	if k.target != whatIsAbsent || k.kind == unknownKind || k.Operation.Method == http.MethodDelete || r.o.Risk < cases.Destructive {
		return nil
	}
	if r.index.createsBelow(k.Operation) {
		return r.underParent(k)
	}
	key := groundOf{k.Operation, belowWhatIsMade}
	if g := r.grounds[key]; g != nil {
		if g.passed || g.verdict == judge.Error { // lost on the way
			return g
		}
		return nil
	}
	for i := len(r.made) - 1; i >= 0; i-- {
		ids, ok := idsIn(k.Operation, r.made[i].Path)
		if !ok || r.made[i].Deleted {
			continue
		}
		g := &ground{base: base{op: k.Operation, alternative: -1}, media: k.media, expects: passed, refused: map[int]string{}}
		r.grounds[key] = g
		if r.prepare(ctx, k, g, ids); g.verdict != "" {
			g.verdict = judge.Masked
			return nil
		}
		x, passes := r.checked(ctx, k, g, aimMade)
		if _, y, wanted := r.fuller(ctx, k, g, &x); wanted {
			x, passes = y, true
		}
		r.settle(g, &x)
		g.unjudged = &x
		if g.passed = passes; passes {
			return g
		}
		g.verdict = judge.Masked
		return nil
	}
	return nil
}

// renewed returns the base of a creation with fresh names: an id that the creation gives itself is one that a
// read has just shown to be absent.
func (r *run) renewed(ctx context.Context, k *Case, g base) base {
	if g.fresh == 0 {
		return g
	}
	g.fresh = r.number()
	read := r.index.item(g.op, http.MethodGet)
	if k.kind == readOnlyKind && read != nil && slices.Contains(ownNames(read), k.change.body.pointer[1:]) {
		g.own, g.ownForced = k.change.body.pointer[1:], true
	}
	if g.own == "" {
		return g
	}
	ids, err := r.store.Absent(read, g.fresh)
	if err != nil || len(ids) == 0 {
		return g
	}
	own := ids[len(ids)-1]
	id, text := own.JSON(), own.Text
	if p := memberOf(g.body.media.Schema, g.own, 0); p != nil && p.Type == contract.KindNumber && own.Parameter.Schema.Type != p.Type {
		text = strconv.Itoa(g.fresh) // the member says more of its form than the path does
		id = json.Number(text)
	}
	g.ownID = id
	_, _ = r.look(ctx, k, aimAbsent, r.pathOf(read, g, text))
	return g
}

// pathOf returns the escaped path of one of the things that a creation makes. What they belong to is that of the creation.
func (r *run) pathOf(read *contract.Operation, g base, id string) string {
	same := inPathOf(g.op, read)
	return pathtemplate.Fill(read.Path, func(name string) string {
		if p := same[pathParameter(read, name)]; p != nil {
			return url.PathEscape(fmt.Sprint(g.values[p]))
		}
		return url.PathEscape(id)
	})
}

// prepare makes the plain request of a change. What it goes to has some ids, or is shown to be absent.
func (r *run) prepare(ctx context.Context, k *Case, g *ground, ids map[string]string) {
	if !r.alternative(g) {
		g.verdict, g.reason = judge.NotApplicable, "needs "+needsCredentials(g.op)
		return
	}
	g.values, g.ofMembers = map[*contract.Parameter]any{}, r.knownMembers(g.op)
	for _, p := range g.op.Parameters {
		if text, ok := ids[p.Name]; ok && p.In == contract.InPath {
			g.values[p] = resources.AsJSON(p.Schema, text)
		}
		if !p.Required || p.In == contract.InPath {
			continue
		}
		value, err := r.o.plain(r.source, g.op, p)
		if err != nil {
			g.verdict, g.reason = judge.NotApplicable, fmt.Sprintf("needs --fixture %s: %s", p.Name, err)
			return
		}
		g.values[p] = value
	}
	if err := g.plainBody(k.media, r.source); err != nil {
		g.verdict, g.reason = judge.NotApplicable, err.Error()
		return
	}
	if ids != nil {
		g.control = g.base
		return
	}
	if k.target == whatIsAbsent {
		r.showAbsent(ctx, k, g)
		return
	}
	r.readyToCreate(k, g)
}

// readyToCreate completes the plain request of a creation.
func (r *run) readyToCreate(k *Case, g *ground) {
	g.passed, g.fresh = true, 1
	g.own = r.index.ownName(g.op, k.media)
	g.control = g.base
}

// mostAbsent is how many made-up ids are tried.
const mostAbsent = 3

// showAbsent finds an id that a read shows to be absent.
func (r *run) showAbsent(ctx context.Context, k *Case, g *ground) {
	read := &ground{base: base{op: r.index.reader(g.op), values: map[*contract.Parameter]any{}}}
	if !r.alternative(read) {
		g.verdict, g.reason = judge.NotApplicable, "needs "+needsCredentials(read.op)
		return
	}
	same := inPathOf(g.op, read.op)
	for n := range mostAbsent {
		ids, err := r.store.Absent(g.op, n)
		if err != nil {
			g.verdict, g.reason = judge.NotApplicable, err.Error()
			return
		}
		for _, v := range ids {
			g.values[v.Parameter] = v.JSON()
		}
		for _, p := range read.op.Parameters {
			if value, given := g.values[same[p]]; given && p.In == contract.InPath {
				read.values[p] = value
			} else if value, err := r.o.plain(r.source, read.op, p); err == nil && p.Required {
				read.values[p] = value
			}
		}
		t, err := r.o.build(read.base, variation{}, false)
		if err != nil {
			g.verdict, g.reason = judge.NotApplicable, err.Error()
			return
		}
		x := r.deliver(ctx, k.ID, fmt.Sprintf("%s %d", aimAbsent, n+1), read.op, t)
		if !hasLeft(&x) {
			return
		}
		_, x = r.accepted(ctx, k, read, t, x, isUnauthorized)
		r.learn(read, &x)
		if outcomeOf(read.op, &x) == notFound {
			g.passed, g.control, g.expects, g.effects = true, read.base, notFound, r.effectsSoFar()
			return
		}
		g.reason = "no read has shown that an id is absent: " + r.judge.Outcome(&x)
	}
	g.verdict = judge.Masked
}

// ownName returns the member of a creation by which it names the thing itself; "" if there is none.
func (x *index) ownName(op *contract.Operation, m *contract.MediaType) string {
	read := x.item(op, http.MethodGet)
	if read == nil || m == nil || m.Schema == nil {
		return ""
	}
	for _, name := range ownNames(read) {
		if p := m.Schema.Property(name); p != nil && !p.ReadOnly {
			return name
		}
	}
	return ""
}

// ownNames are names that a member has which is the id of what an operation reads.
func ownNames(read *contract.Operation) []string {
	path := read.ParametersIn(contract.InPath)
	return []string{path[len(path)-1].Name, "id", "uuid"}
}
