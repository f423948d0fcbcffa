package engine

import (
	"context"
	"fmt"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/judge"
)

// A rule may hold only at first: until the graph has moved, or until a permission or a state is
// cached. So what decides such a rule is asked again at the end of the run.

// askedAtTheEnd are the steps that ask again, with the relation that is then refused.
var askedAtTheEnd = []struct {
	step     string
	relation contract.Relation
}{
	{"not-later-again", contract.NotLater},
	{"stopped-again", contract.Stopped},
	{"not-permitted-again", contract.NotPermitted},
}

// askAgain asks at the end of the run what has been asked at its beginning.
func (e *Engine) askAgain(ctx context.Context) {
	if e.config.Risk < cases.Guarded || !e.target.Changeable(e.graph.status) {
		return
	}
	for _, again := range askedAtTheEnd {
		if k := e.observer(again.step); k != nil && e.pending[k.ID] != nil {
			e.askStepAgain(ctx, again.step, k, again.relation)
		}
	}
}

func (e *Engine) askStepAgain(ctx context.Context, step string, observer *cases.Case, relation contract.Relation) {
	request, aims := e.againAt(step, relation)
	if request == nil {
		return
	}
	k := *request
	k.ID, k.Requirement, k.Level = observer.ID, observer.Requirement, observer.Level
	for i, aim := range aims {
		version, why := e.versionFor(aim)
		if missing := e.config.Missing(aim.Needs); missing != "" && i == 0 {
			e.observed[step] = &judge.Result{Verdict: judge.NotApplicable, Reason: fmt.Sprintf("needs --%s", missing)}
			return
		}
		if e.barred(ctx, stepOf(&k), aim, why).reason != "" || e.stopped(ctx, k.ID) || e.record != nil && !e.record.hasAim(k.ID, aim.Name) {
			return
		}
		x := e.final(e.mutate(ctx, &k, aim, version))
		e.noteVersion(aim, version, &x)
		if accepted(&x) {
			e.accepted(ctx, &k, aim, &x, version)
		}
		f := e.judge.Decide(&k, aim, &x)
		if f.Verdict == judge.Masked && i+1 < len(aims) && aims[i+1].Risk <= e.config.Risk {
			continue
		}
		e.note(step, f.Verdict, f.Got, f.Lawful, x)
		if f.Verdict != judge.Masked {
			e.noteCode(step, &k, f, &x)
		}
		return
	}
}

func stepOf(k *cases.Case) step { return step{k: k} }

// againAt returns the request that is asked again because of a relation, and its aims.
func (e *Engine) againAt(step string, relation contract.Relation) (*cases.Case, []cases.Aim) {
	if relation == contract.NotLater {
		if k := e.equalVersion(); k != nil {
			return k, k.Aims[:1]
		}
		return nil, nil
	}
	for _, k := range e.cases {
		if k.Operation != e.upgrade().ID || k.Observes != "" || e.refusalRelation(k) != relation {
			continue
		}
		if relation == contract.Stopped {
			return k, k.Aims
		}
		if !plainButForCredentials(k, e.observer(step)) {
			continue
		}
		if r, ok := e.refusedAtGraph(e.c.Refusal(k.Condition), k.ID); ok {
			later := cases.Aim{Name: "later-version", Graph: cases.NamedGraph, Version: cases.LaterVersion, Risk: cases.Destructive, Conditions: []string{k.Condition}, Needs: []string{"upgrade-version"}}
			return r.k, []cases.Aim{r.aim, later}
		}
		return k, k.Aims[:1] // for what it needs
	}
	return nil, nil
}

// plainButForCredentials reports whether a request is the plain one of a step but for the
// credentials in it.
func plainButForCredentials(k, plain *cases.Case) bool {
	r, p := &k.Request, &plain.Request
	return r.Method == p.Method && r.Path == p.Path && r.Body == p.Body && len(r.Headers) == len(p.Headers)
}
