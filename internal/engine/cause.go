package engine

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// One cause, one deviation: what rests on something else that fails is masked. Faults of one
// answer are told apart by package judge; this file tells apart what several answers show.

// plainRequest is a request that others rest on, as it was sent.
type plainRequest struct {
	caseID            string
	graph             cases.Graph
	version, upgrades string // the version that was asked for, and the graph's
}

// restsOn returns the case or requirement that accounts for the answer to a request, if it
// deviates, or "". To find out, it may send the plainer request that the case rests on; the
// exchanges of that are returned, too.
func (e *Engine) restsOn(ctx context.Context, k *cases.Case, aim cases.Aim, version string, x *exchange.Exchange) (string, []exchange.Exchange) {
	if x.SetAside == graphMoved {
		return e.observerID("version-kept"), nil
	}
	e.rememberRefusal(k, aim, version, x)
	op := e.c.Operation(k.Operation)
	if op.Safe() || x.Failure != nil || e.doubtOf(x).excuses() || !broken(e.judge.Decide(k, aim, x).Verdict) {
		return "", nil
	}
	plainer := e.caseOf(k.RestsOn)
	if k.Accepts == "" {
		if plainer != nil && !accepted(x) {
			if cause, sent := e.restsOnMember(ctx, k, plainer, aim, x); cause != "" || sent != nil {
				return cause, sent
			}
		}
		if plainer = e.plainest(k, aim, version, x); plainer == nil {
			return "", nil
		}
	}
	switch {
	case aim.Version == cases.LaterVersion && e.deviates(ges.StepAccepted) && (plainer == nil || e.refusedSo(x)):
		return e.observerID(ges.StepAccepted), nil
	case plainer == nil && len(aim.Conditions) > 0: // its refusal is all that the condition's own rule is about
		return e.c.RequirementFor(op, aim.Conditions[0]).ID, nil
	case plainer == nil:
		return "", nil
	}
	refused, sent := e.refusalOf(ctx, k, plainer, aim, version)
	if !sameOutcome(refused, x) {
		return "", sent
	}
	for _, step := range []string{"version-order", ges.StepAccepted} { // where the plain request was accepted at first
		if e.deviates(step) && e.decided(plainer) && e.pending[plainer.ID] != nil && e.pending[plainer.ID].result.Verdict == judge.Conforms {
			return e.observerID(step), sent
		}
	}
	return plainer.ID, sent
}

// restsOnMember returns the case of the valid request with the member that a bad one has, too,
// if both are refused in the same way, and the valid one must not be: then it is the member that
// is not taken. If that is not known, the valid one is sent to find out.
func (e *Engine) restsOnMember(ctx context.Context, k, valid *cases.Case, aim cases.Aim, x *exchange.Exchange) (string, []exchange.Exchange) {
	own := valid.Aims[len(valid.Aims)-1] // where nothing else is wrong with it
	switch {
	case aim.Risk > cases.Inert && e.refusedFor(valid, x):
		return valid.ID, nil
	case aim.Risk == cases.Inert:
		own = valid.Aims[0]
		may := own.Risk == cases.Inert && e.wire.IsAbsent(e.absent) && e.upgradesEnded() == ""
		if e.record != nil {
			may = e.record.hasAim(k.ID, own.Name)
		}
		if !may {
			return "", nil
		}
	}
	version, why := e.versionFor(own)
	if why != "" {
		return "", nil
	}
	aim = own
	refused, sent := e.refusalOf(ctx, k, valid, aim, version)
	if sameOutcome(refused, x) && e.wronglyRefused(valid, aim.Graph, aim.Version == cases.CurrentVersion, refused) {
		return valid.ID, sent
	}
	return "", sent
}

// wronglyRefused reports whether the answer to a valid request breaks its rule. own is whether it
// asked for the graph's own version.
func (e *Engine) wronglyRefused(valid *cases.Case, graph cases.Graph, own bool, x *exchange.Exchange) bool {
	i := slices.IndexFunc(valid.Aims, func(aim cases.Aim) bool {
		return aim.Graph == graph && (graph != cases.NamedGraph || own == (aim.Version == cases.CurrentVersion))
	})
	return i >= 0 && broken(e.judge.Decide(valid, valid.Aims[i], x).Verdict)
}

// refusedFor reports whether a valid request was refused with the same answer, which breaks its
// rule.
func (e *Engine) refusedFor(valid *cases.Case, x *exchange.Exchange) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for asked, y := range e.refusals {
		if asked.caseID != valid.ID || !sameOutcome(&y, x) {
			continue
		}
		if y.Forget(); e.wronglyRefused(valid, asked.graph, asked.version == asked.upgrades, &y) {
			return true
		}
	}
	return false
}

func broken(v judge.Verdict) bool { return v == judge.Deviates || v == judge.Advisory }

// plainest returns the plain request that a bad one rests on, or nil. There is one if the
// later version that both ask for is said not to be later: then the server might say so
// whatever else is asked for. Where a plain upgrade is known to be accepted, it does not.
func (e *Engine) plainest(k *cases.Case, aim cases.Aim, version string, x *exchange.Exchange) *cases.Case {
	if aim.Version != cases.LaterVersion || aim.Graph != cases.NamedGraph || len(e.plain) == 0 || !e.saysNotLater(x) {
		return nil
	}
	if r := e.observed[ges.StepAccepted]; r != nil && r.Verdict == judge.Conforms && !disputed(version, e.graph.version) {
		return nil
	}
	for _, plain := range e.plain {
		if plain.RestsOn == "" && plain.Operation == k.Operation {
			return plain
		}
	}
	return nil
}

// saysNotLater reports whether an answer refuses the version because it is not later.
func (e *Engine) saysNotLater(x *exchange.Exchange) bool {
	in, part, ok := e.upgrade().Place(contract.NotLater)
	if !ok || in != contract.InBody {
		return false
	}
	return e.c.Fit(e.c.RefusalForRelation(e.upgrade(), contract.NotLater, part), x.Status(), x.Code()) > contract.Unlisted
}

func sameOutcome(x, y *exchange.Exchange) bool {
	return x != nil && x.Failure == nil && y.Failure == nil && x.Status() == y.Status() && x.Code() == y.Code()
}

// rememberRefusal remembers the refusal of a plain request.
func (e *Engine) rememberRefusal(k *cases.Case, aim cases.Aim, version string, x *exchange.Exchange) {
	if accepted(x) || x.SetAside != "" || e.doubtOf(x).excuses() {
		return
	}
	for _, plain := range e.plain {
		if plain == k || plain.Operation == k.Operation && reflect.DeepEqual(plain.Request, k.Request) {
			y := *x
			y.Forget() // the answer is read by others at the same time
			e.mu.Lock()
			e.refusals[plainRequest{plain.ID, aim.Graph, version, e.graph.version}] = y
			e.mu.Unlock()
			return
		}
	}
}

// refusalOf returns how a plainer request is refused at the aim of a case, or nil if it is
// accepted or may not be sent. If that is not known, it is sent, and so is told whether the
// case's variation makes the difference.
func (e *Engine) refusalOf(ctx context.Context, k, plainer *cases.Case, aim cases.Aim, version string) (*exchange.Exchange, []exchange.Exchange) {
	e.mu.Lock()
	known, found := e.refusals[plainRequest{plainer.ID, aim.Graph, version, e.graph.version}]
	e.mu.Unlock()
	known.Forget()
	control := *plainer
	control.ID = k.ID
	switch {
	case found && aim.Risk > cases.Inert:
		return &known, nil
	case e.stopped(ctx, k.ID):
		return nil, nil
	case aim.Risk == cases.Inert: // not remembered: what is sent must not depend on what else is under way
		sent := e.send(ctx, &control, aim, version)
		return &sent[len(sent)-1], sent
	case e.barred(ctx, step{k: &control}, aim, "").reason != "":
		return nil, nil
	}
	sent, version := e.attempt(ctx, step{k: &control}, aim, version)
	x := sent[len(sent)-1]
	if accepted(&x) {
		e.accepted(ctx, &control, aim, &x, version)
		return nil, sent
	}
	e.rememberRefusal(plainer, aim, version, &x)
	if p := e.pending[plainer.ID]; p != nil && (!e.decided(plainer) || p.result.Verdict != judge.Conforms) {
		return &x, sent // that case tells
	}
	if plainer.RestsOn == "" && len(aim.Conditions) == 0 && x.Failure == nil && x.SetAside == "" {
		e.notePlainRefused(version, &x)
	}
	return &x, sent
}

// notePlainRefused notes that a plain upgrade is refused although others were accepted: if it
// is taken for one to an earlier version, that is the order of versions.
func (e *Engine) notePlainRefused(version string, x *exchange.Exchange) {
	r := e.observed[ges.StepAccepted]
	if r == nil || r.Verdict != judge.Conforms {
		return
	}
	step := ges.StepAccepted
	if e.saysNotLater(x) || disputed(version, e.graph.version) {
		step = "version-order"
	}
	got := fmt.Sprintf("%s to the upgrade from %s to %s", e.judge.Outcome(x), e.graph.version, version)
	e.note(step, judge.Deviates, got, []string{e.upgrade().Success().Status}, *x)
}

// disputed reports whether a version that is later as numbers is not as text, or not if the
// dots are left out.
func disputed(later, version string) bool {
	joined := func(v string) int {
		n, _ := strconv.Atoi(strings.ReplaceAll(v, ".", "")) // 0 is as good as any for what is none
		return n
	}
	return later <= version || joined(later) <= joined(version)
}

// deviates reports whether a step of the lifecycle deviates.
func (e *Engine) deviates(step string) bool {
	r := e.observed[step]
	return r != nil && r.Verdict == judge.Deviates
}

// refusedSo reports whether the upgrades that should have started the lifecycle were refused
// in the same way.
func (e *Engine) refusedSo(x *exchange.Exchange) bool {
	return slices.ContainsFunc(e.observed[ges.StepAccepted].Exchanges, func(y exchange.Exchange) bool { return sameOutcome(&y, x) })
}

func (e *Engine) caseOf(id string) *cases.Case {
	for _, k := range e.all {
		if k.ID == id {
			return k
		}
	}
	return nil
}

// noteMasked adds a finding about a step of the lifecycle that rests on something that fails.
func (e *Engine) noteMasked(name, cause, got string, lawful []string, exchanges ...exchange.Exchange) {
	f := judge.Finding{Got: got}
	f.Mask(cause)
	e.note(name, judge.Masked, f.Got, lawful, exchanges...)
}

// noteCode adds what is wrong with the code of the refusal in the last finding about a step. If
// the code means something else, that finding rests on it.
func (e *Engine) noteCode(name string, k *cases.Case, decided judge.Finding, x *exchange.Exchange) {
	code, wrong := e.judge.Code(k, decided, x)
	r := e.observed[name]
	if !wrong || r == nil || len(r.Findings) == 0 || e.doubtOf(x).excuses() {
		return
	}
	last := &r.Findings[len(r.Findings)-1]
	code.Exchange = last.Exchange
	if broken(decided.Verdict) {
		last.Mask(code.Requirement)
	}
	r.Conclude(code)
}

// graphMoved sets an answer aside.
const graphMoved = "a refused request had moved the graph to another version"

// asked remembers a request that could lawfully have been accepted and was not.
func (e *Engine) asked(k *cases.Case, aim cases.Aim, version string, x *exchange.Exchange) {
	if aim.Graph == cases.NamedGraph && !e.forbidden(aim) && !accepted(x) {
		e.upgrades.asked[version] = k
	}
}

// movedBy returns the case that accounts for the graph's version if nothing was accepted that
// asked for it, or "": a valid request, which had its effect and was answered wrongly. So may
// be one that need not be refused, if that is how valid ones are answered.
func (e *Engine) movedBy() string {
	switch k := e.upgrades.asked[e.graph.version]; {
	case k == nil:
		return ""
	case k.Accepts != "":
		return k.ID
	case e.deviates(ges.StepAccepted):
		return e.observerID(ges.StepAccepted)
	}
	return ""
}

// stillGraph reads the graph, when an upgrade that nothing has accepted has ended, too.
func (e *Engine) stillGraph(ctx context.Context, observer string) exchange.Exchange {
	x := e.readGraph(ctx, observer, &e.graph)
	if accepted(&x) && !e.target.Changeable(e.graph.status) && e.upgradesEnded() == "" {
		seen := e.settle(ctx, observer, "", "")
		x = seen[len(seen)-1]
	}
	return x
}

// showsAnyJob returns the case that shows that jobs that do not exist, or those of a graph
// that does not, are shown like any other, or "".
func (e *Engine) showsAnyJob(graph string) string {
	for _, k := range e.cases {
		r := e.refusalRelation(k)
		if r != contract.Unknown || !e.decided(k) || k.Operation != e.job.ShownBy {
			continue
		}
		if aim := k.Aims[0]; aim.Graph != cases.NamedGraph && graph != e.absent {
			continue
		}
		found := e.pending[k.ID].result
		if slices.ContainsFunc(found.Findings, func(f judge.Finding) bool {
			return f.Requirement == k.Requirement && f.Verdict == judge.Deviates && f.Exchange >= 0 && accepted(&found.Exchanges[f.Exchange])
		}) {
			return k.ID
		}
	}
	return ""
}

// refusalRelation returns the relation that a case's condition is about.
func (e *Engine) refusalRelation(k *cases.Case) contract.Relation {
	if r := e.c.Refusal(k.Condition); r != nil && len(r.When) > 0 {
		return r.When[0].Relation
	}
	return ""
}
