package engine

import (
	"cmp"
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// Each acceptance costs an upgrade, so valid variations share requests, and so does what MAY be
// passed over. Only if one is refused, they are sent one by one.

// takenApart sets the exchange of a shared request aside.
const takenApart = "several variations shared the request, and each was then sent on its own"

// share puts the steps of requests that can be shared into shared ones, each in the place of its
// first.
func (e *Engine) share(steps []step) []step {
	var some []*cases.Case
	of := map[*cases.Case]step{}
	for _, s := range steps {
		if s.k.Shares(s.k.Aims[s.aim]) && s.shares == nil && !e.decided(s.k) && e.apart[s.k.ID] == nil {
			some, of[s.k] = append(some, s.k), s
		}
	}
	in := map[*cases.Case]step{}
	for _, shared := range cases.Share(some, func(k *cases.Case) cases.Aim { return k.Aims[of[k].aim] }) {
		var members []step
		for _, k := range shared.Cases {
			members = append(members, of[k])
		}
		in[shared.Cases[0]] = together(members, shared.Request)
	}
	var all []step
	for _, s := range steps {
		if of[s.k].k == nil {
			all = append(all, s)
		} else if shared, first := in[s.k]; first {
			all = append(all, shared)
		}
	}
	return all
}

// together returns the step of several that share a request.
func together(members []step, request cases.Template) step {
	s := members[0]
	if len(members) > 1 {
		k := *s.k
		k.Request = request
		s.k, s.shares = &k, members
	}
	return s
}

// decideShared decides the variations that share a request by its exchanges, or has them taken
// apart, which it reports.
func (e *Engine) decideShared(ctx context.Context, s step, aim cases.Aim, exchanges []exchange.Exchange) (apart bool) {
	x := &exchanges[len(exchanges)-1]
	alike := e.failsAlike(aim, x)
	v := e.judge.Decide(s.k, aim, x).Verdict
	same := v == judge.Masked || accepted(x) && x.Code() == "" && (v == judge.Conforms || v == judge.Observed)
	switch why, _ := e.accusesNobody(*x); {
	case same, why != "", e.upgradesEnded() != "" && accepted(x): // then nothing can tell them apart
		for i, member := range s.shares {
			if i == 0 { // which of them has led to it, nobody can tell
				member.harm = s.harm
			}
			e.decide(member, member.k.Aims[member.aim], slices.Clone(exchanges))
		}
		return false
	}
	if alike {
		for _, member := range s.shares {
			below := judge.Result{Verdict: judge.Masked, Aim: aim.Name, Exchanges: setAside(exchanges, takenApart), Reason: e.judge.Outcome(x) + ", as in other cases before, which is reported there"}
			e.enqueue(step{k: member.k, aim: member.aim + 1, below: &below})
		}
		return false
	}
	s.refused = slices.Clone(exchanges)
	if aim.Risk == cases.Destructive && e.withoutOne(ctx, s, aim) {
		return false
	}
	exchanges = setAside(exchanges, takenApart)
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, member := range s.shares {
		e.apart[member.k.ID] = slices.Concat(e.apart[member.k.ID], exchanges)
	}
	if aim.Risk == cases.Destructive {
		e.untold = append(e.untold, s)
	}
	return true
}

// enoughAlike is how many guarded requests must have failed in a way, so that shared ones that do
// are not taken apart: it is no variation of theirs.
const enoughAlike = 3

// failsAlike counts the guarded requests that get no answer, or a 5xx, and reports whether enough
// have before.
func (e *Engine) failsAlike(aim cases.Aim, x *exchange.Exchange) bool {
	s := e.symptomOf(x)
	if s == "" || refusedAsInvalid(x) || aim.Risk != cases.Guarded {
		return false
	}
	e.alike[s]++
	return e.alike[s] > enoughAlike
}

// withoutOne sends a shared request that was refused without one of its variations, and without
// each other in turn until one is accepted: then it is known which variation is refused, for the
// price of one upgrade, and that the others are accepted. What one condition is about is left out
// together, and then sent one by one. It reports whether one was accepted.
func (e *Engine) withoutOne(ctx context.Context, s step, aim cases.Aim) bool {
	version := e.graph.version // if that moves, what is refused has its effect, too
	var before []exchange.Exchange
	for _, out := range byCondition(s.shares) {
		others := slices.DeleteFunc(slices.Clone(s.shares), func(m step) bool {
			return slices.ContainsFunc(out, func(o step) bool { return o.k == m.k })
		})
		if x := &s.refused[len(s.refused)-1]; !refusedAsInvalid(x) || len(others) == 0 || e.deviates(ges.StepAccepted) || e.graph.version != version {
			return false
		}
		var left []*cases.Case
		for _, other := range others {
			left = append(left, other.k)
		}
		request := cases.Share(left, func(*cases.Case) cases.Aim { return aim })[0].Request
		target, why := e.versionFor(aim)
		switch less := together(others, request); {
		case reflect.DeepEqual(request, s.k.Request): // it says the same
		case e.barred(ctx, less, aim, why).reason != "" || e.stopped(ctx, less.k.ID):
			return false
		default:
			exchanges, target := e.attempt(ctx, less, aim, target)
			x := &exchanges[len(exchanges)-1]
			if !accepted(x) {
				if !refusedAsInvalid(x) {
					return false
				}
				before = append(before, setAside(exchanges, takenApart)...)
				continue
			}
			h := e.accepted(ctx, less.k, aim, x, target)
			for i, other := range others {
				if i == 0 {
					other.harm = h
				}
				e.decide(other, other.k.Aims[other.aim], slices.Clone(exchanges))
			}
			e.leftOut(out, slices.Concat(before, exchanges, s.refused))
			return true
		}
	}
	return false
}

// partsOf returns what to send instead of a shared request that was refused: each of its variations,
// or if that could cost an upgrade each, because all MAY be refused, the two halves of it.
func partsOf(s step, aim cases.Aim) []step {
	groups := byCondition(s.shares)
	if len(groups) < 2 || s.k.Level != contract.May || aim.Risk != cases.Destructive {
		return s.shares
	}
	var all []step
	for _, half := range [][][]step{groups[:len(groups)/2], groups[len(groups)/2:]} {
		members := slices.Concat(half...)
		var some []*cases.Case
		for _, member := range members {
			some = append(some, member.k)
		}
		all = append(all, together(members, cases.Share(some, func(*cases.Case) cases.Aim { return aim })[0].Request))
	}
	return all
}

// byCondition groups steps by what their condition is; a valid variation is a group of its own.
func byCondition(steps []step) [][]step {
	var all [][]step
	for _, s := range steps {
		same := func(group []step) bool { return s.k.Condition != "" && s.k.Condition == group[0].k.Condition }
		if i := slices.IndexFunc(all, same); i >= 0 {
			all[i] = append(all[i], s)
		} else {
			all = append(all, []step{s})
		}
	}
	return all
}

// leftOut decides what a shared request was accepted without: one variation is what the request
// that had all was refused for, unless the refusal speaks of something else that it had; of
// several it must still be told which.
func (e *Engine) leftOut(out []step, exchanges []exchange.Exchange) {
	k, aim, refused := out[0].k, out[0].k.Aims[out[0].aim], &exchanges[len(exchanges)-1]
	if _, otherwise := e.judge.Code(k, e.judge.Decide(k, aim, refused), refused); len(out) == 1 && !otherwise {
		e.decide(out[0], aim, exchanges)
		return
	}
	e.mu.Lock()
	for _, one := range out {
		e.apart[one.k.ID] = slices.Concat(e.apart[one.k.ID], setAside(exchanges, takenApart))
	}
	e.mu.Unlock()
	for _, one := range out {
		e.enqueue(one)
	}
}

// refusedAsInvalid reports whether an answer says that the request is at fault.
func refusedAsInvalid(x *exchange.Exchange) bool {
	return x.Failure == nil && x.Status() >= http.StatusBadRequest && x.Status() < http.StatusInternalServerError && !judge.Throttled(x)
}

// setAside sets exchanges aside that are not yet.
func setAside(exchanges []exchange.Exchange, why string) []exchange.Exchange {
	all := slices.Clone(exchanges)
	for i := range all {
		all[i].SetAside = cmp.Or(all[i].SetAside, why)
	}
	return all
}

// withShared puts the exchanges of the shared request that a case was taken out of before its own.
func (e *Engine) withShared(k *cases.Case, exchanges []exchange.Exchange) []exchange.Exchange {
	e.mu.Lock()
	defer e.mu.Unlock()
	shared := e.apart[k.ID]
	if len(shared) == 0 || exchanges[0].Sequence == shared[0].Sequence {
		return exchanges
	}
	e.apart[k.ID] = []exchange.Exchange{} // once, and it is still known
	return slices.Concat(shared, exchanges)
}

// inertValid sends the valid requests to the made-up graph, those that can be shared first.
func (e *Engine) inertValid(ctx context.Context, valid []*cases.Case, absent error) {
	var steps []step
	for _, k := range valid {
		steps = append(steps, step{k: k})
	}
	var single []step
	for _, s := range e.share(steps) {
		switch {
		case s.shares == nil:
			single = append(single, s)
		case absent != nil || !e.inertShared(ctx, s):
			single = append(single, s.shares...)
		}
	}
	for _, s := range single {
		if found := e.inert(ctx, s.k, absent); found != nil {
			e.blame(s.k)
			e.conclude(ctx, s.k, e.confirm(ctx, found.x, found.filled))
		}
	}
}

// inertShared sends a shared request to the made-up graph, and reports whether it has decided
// anything.
func (e *Engine) inertShared(ctx context.Context, s step) bool {
	if e.tooLate(ctx, s.k.ID, e.config.RequestTimeout) || e.stopped(ctx, s.k.ID) {
		return false
	}
	if e.upgradesEnded() != "" && !(e.record != nil && e.record.has(s.k.ID)) {
		return false
	}
	aim := s.k.Aims[0]
	version, _ := e.versionFor(aim)
	x := e.deliver(ctx, s.k.ID, aim.Name, s.k.Request.Fill(e.values(aim, version)), false, 0)
	if e.symptomOf(&x) == "" || !e.accuses(s.k, aim, &x) {
		e.noteStart(&x)
	}
	return !e.decideShared(ctx, s, aim, []exchange.Exchange{x})
}

// firstShared returns the request that starts the lifecycle with as many valid variations as it
// can have, or nil if there are no two.
func (e *Engine) firstShared() *step {
	var steps []step
	for _, k := range e.cases {
		if k.Slot != "" && k.Level != contract.May && !e.decided(k) && k.Operation == e.upgrade().ID {
			steps = append(steps, step{k: k, aim: len(k.Aims) - 1})
		}
	}
	var most *step
	for _, s := range e.share(steps) {
		if s.shares != nil && (most == nil || len(s.shares) > len(most.shares)) {
			most = &s
		}
	}
	return most
}

// noteUntold notes the refusal of valid requests if no upgrade was left to tell which of their
// variations it is that is refused.
func (e *Engine) noteUntold() {
	for _, s := range e.untold {
		var open []string
		verdict := judge.Deviates
		for _, member := range s.shares {
			switch v := e.pending[member.k.ID].result.Verdict; {
			case !e.decided(member.k), broken(v), v == judge.Observed, !v.Exercised() && !e.unsent[member.k.ID]:
				open, verdict = nil, ""
			case !v.Exercised() && verdict != "":
				open = append(open, member.k.Accepts)
				if member.k.Level != contract.Must {
					verdict = judge.Advisory
				}
			}
		}
		x := s.refused[len(s.refused)-1]
		if len(open) == 0 || !refusedAsInvalid(&x) || s.k.Level == contract.May || e.deviates(ges.StepAccepted) || e.deviates("version-order") {
			continue
		}
		got := e.judge.Outcome(&x) + ", and no upgrade was left to tell whether it is because of " + strings.Join(open, ", ")
		e.note(ges.StepAccepted, verdict, got, []string{e.upgrade().Success().Status}, x)
	}
}
