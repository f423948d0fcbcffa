package engine

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// A server may answer a request and then nobody for a while. What was under way when the ground
// was lost is sent again, one request at a time, to find the one that does that.

// repeatAim begins the aim of a request that is sent again because the ground was lost after it.
const repeatAim = "repeats "

// enoughBreakers is how many requests are shown to break the server for others.
const enoughBreakers = 6

// A recentRequest is a request that may have cost the run its ground.
type recentRequest struct {
	caseID, aim string
	risk        string
	ended       time.Time
	symptom     symptom
	refused     bool
	filled      *cases.Template // nil in a replay
}

func (r recentRequest) name() string { return r.caseID + " " + r.aim }

// maxRecent bounds how many requests are sent again after the ground was lost.
const maxRecent = 32

// noteRecent keeps the requests after which the ground may have been lost: a request that was
// sent later and was answered clears those before.
func (e *Engine) noteRecent(x *exchange.Exchange, filled *cases.Template) {
	s := e.symptomOf(x)
	held := x.Aim == controlAim && !e.fails(x) // inDoubt is the controls' matter
	if k := e.byID[x.Case]; s != "" && x.Failure == nil && e.probes(x.Case, x.Aim) {
		if i := slices.IndexFunc(k.Aims, func(a cases.Aim) bool { return a.Name == x.Aim }); !e.accuses(k, k.Aims[i], x) {
			s = "" // it is how the request should be answered
		}
	}
	answered := x.Failure == nil && !judge.Throttled(x) && !refused(x) && s == ""
	e.mu.Lock()
	defer e.mu.Unlock()
	g := &e.ground
	switch {
	case held:
		g.answeredAfter(x)
	case x.Aim == controlAim:
	case s != "":
		g.inDoubt++
	case answered:
		g.inDoubt = 0
		g.answeredAfter(x)
	}
	if !e.probes(x.Case, x.Aim) {
		return
	}
	g.recent = append(g.recent, recentRequest{caseID: x.Case, aim: x.Aim, risk: x.Risk, ended: x.Started.Add(x.Duration), symptom: s, refused: x.Status() >= http.StatusBadRequest, filled: filled})
	if len(g.recent) > maxRecent {
		g.recent = slices.Delete(g.recent, 0, 1)
	}
}

// answeredAfter forgets the requests that had ended when one was sent that was answered.
func (g *ground) answeredAfter(x *exchange.Exchange) {
	g.lastAnswered = x.Started
	g.recent = slices.DeleteFunc(g.recent, func(r recentRequest) bool { return r.ended.Before(x.Started) })
}

// findBreaker sends the requests again, one at a time, after which the ground was lost: one
// after which it is lost each time has broken the server. It reports whether the ground holds
// in the end.
func (e *Engine) findBreaker(ctx context.Context, suspect *exchange.Exchange) bool {
	e.mu.Lock()
	suspects := e.ground.suspects
	e.mu.Unlock()
	for next := e.repeats(suspect.Case, suspects); ; {
		r, ok := next()
		if !ok {
			return true
		}
		for times := 1; ; times++ {
			x := e.deliver(ctx, suspect.Case, repeatAim+r.name(), *r.filled, true, 0)
			f, control := e.controlled(ctx, suspect, once, inARow)
			if control == nil {
				return false
			}
			if accepted(&x) && x.Risk == cases.Guarded.String() {
				e.upgrades.budget--
				e.endUpgrades(r.name() + " was accepted when it was sent again")
			}
			if f == holds {
				e.clear(r)
			}
			if f == gone && times == confirmations {
				e.addBreaker(suspect.Case, r, x, *control)
			}
			if f != holds {
				if _, ok := e.recover(ctx, suspect, f, control.Started); !ok {
					return false
				}
			}
			if f != gone || times == confirmations {
				break
			}
		}
	}
}

// repeats returns what to send again: inert requests that were answered and whose like have not
// been confirmed often enough to break the server. In a replay, the record decides.
func (e *Engine) repeats(caseID string, suspects []recentRequest) func() (r recentRequest, ok bool) {
	if e.record != nil {
		done := map[string]bool{}
		return func() (r recentRequest, ok bool) {
			x, ok := e.record.next(caseID)
			name, repeats := strings.CutPrefix(x.Aim, repeatAim)
			if !ok || !repeats || done[name] {
				return r, false
			}
			done[name] = true
			r.filled = &cases.Template{Method: x.Request.Method, Path: x.Request.Path, Body: cases.Text(x.Request.Body)}
			r.caseID, r.aim, _ = strings.Cut(name, " ")
			return r, true
		}
	}
	if e.brokenBefore(suspects) {
		suspects = nil // known what it was
	}
	return func() (r recentRequest, ok bool) {
		for len(suspects) > 0 {
			r, suspects = suspects[0], suspects[1:]
			if e.mayHaveBroken(r) {
				return r, true
			}
		}
		return r, false
	}
}

const breaks symptom = "breaks the server"

// mayHaveBroken reports whether a request should be sent again to see whether it breaks the
// server: it was answered and, if it is not inert, refused.
func (e *Engine) mayHaveBroken(r recentRequest) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	safe := r.risk == cases.Inert.String() || r.risk == cases.Guarded.String() && r.refused && e.upgrades.ended == "" && !e.upgrades.guardedCosts
	return r.symptom == "" && r.filled != nil && safe && !e.ground.cleared[r.name()]
}

// clear notes that the ground held after a request was sent again.
func (e *Engine) clear(r recentRequest) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ground.cleared == nil {
		e.ground.cleared = map[string]bool{}
	}
	e.ground.cleared[r.name()] = true
}

// brokenBefore reports whether one of the requests is like those that have broken the server
// often enough.
func (e *Engine) brokenBefore(suspects []recentRequest) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.confirmed[string(breaks)] >= enoughBreakers || slices.ContainsFunc(suspects, func(r recentRequest) bool {
		return e.confirmed[e.conditionAnd(r.caseID, r.aim, breaks)] >= enoughOfOne
	})
}

func (e *Engine) addBreaker(caseID string, r recentRequest, x, control exchange.Exchange) {
	x.SetAside, control.SetAside = "sent again because plain requests failed after it", "shows that plain requests fail after it"
	b := breaker{exchanges: []exchange.Exchange{x, control}, got: fmt.Sprintf("after the request of %s, each time, a plain %s: %s", r.name(), control.Request.Method, e.judge.Outcome(&control))}
	e.mu.Lock()
	defer e.mu.Unlock()
	if sameOutcome(&x, &control) && x.Request.Method == control.Request.Method && x.Request.Path == control.Request.Path {
		b.step = "version-kept"
	}
	e.breakers[caseID] = append(e.breakers[caseID], b)
	e.confirmed[e.conditionAnd(r.caseID, r.aim, breaks)]++
	e.confirmed[string(breaks)]++
}

// A breaker is a request after which the server no longer answered plain ones, each time.
type breaker struct {
	exchanges []exchange.Exchange // the request, and the control after it
	got       string
	step      string // the step of the lifecycle that it breaks, if the answer to the request was given to the control, too
}

// blame charges a case with the breakers that were found while inert requests were under way.
func (e *Engine) blame(k *cases.Case) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if found := e.breakers[groundCase]; found != nil {
		e.breakers[k.ID] = append(e.breakers[k.ID], found...)
		delete(e.breakers, groundCase)
	}
}

// addBreakers adds to the result of a case what its controls have found.
func (e *Engine) addBreakers(k *cases.Case, r *judge.Result) {
	e.mu.Lock()
	found := e.breakers[k.ID]
	e.mu.Unlock()
	requirement := e.c.RequirementJudging(e.c.Operation(k.Operation), contract.AspectAnswered)
	if requirement == nil {
		return
	}
	for _, b := range found {
		id := requirement.ID
		if k := e.observer(b.step); b.step != "" && k != nil {
			id = k.Requirement
		}
		f := e.judge.Finding(id, judge.Deviates, b.got, nil)
		f.Exchange = len(r.Exchanges)
		r.Exchanges = slices.Concat(r.Exchanges, b.exchanges)
		r.Conclude(f)
	}
}
