package engine

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// A run rests on a network, a server that is up, credentials that are accepted, and a graph
// that is there. What looks like a deviation may show that it has lost one of these. So each
// such answer, or its absence, gets controls: plain requests that must be answered. If they
// are, the suspect is sent again, alone; only what fails in the same way each time deviates.
// If they are not, the run waits until they are, and ends without a verdict if that takes
// longer than --recovery-timeout.

// A symptom is how an exchange may show that the run has lost its ground; "" if it shows
// nothing of the kind.
type symptom string

const (
	noAnswer     symptom = "no answer"
	unknownGraph symptom = "unknown graph"
)

const (
	// confirmations is how often a suspect that can change nothing must fail again.
	confirmations = 2
	// mostRepeats bounds how often a suspect is sent again while the network fails at random.
	mostRepeats = 6
	// enoughOfOne is how many failures of one condition are confirmed, and enoughOfAll of all
	// of them, for one symptom. More are not judged, so that the extra requests are bounded.
	enoughOfOne, enoughOfAll = 3, 12
)

// symptomOf returns the symptom of an exchange.
func (e *Engine) symptomOf(x *exchange.Exchange) symptom {
	switch status := x.Status(); {
	case x.Aim == controlAim || x.Aim == fixtureAim || x.Case == preflightCase || x.Case == snapshotCase:
		return ""
	case x.Failure != nil:
		if maybeNetwork(x) {
			return noAnswer
		}
		return ""
	case judge.Throttled(x):
		return ""
	case x.Request.Method == http.MethodGet && e.unknownGraph(x): // whatever the status
		if ges.GraphSegment(x.Request.Path) == pathEscape(e.config.GraphID) {
			return unknownGraph
		}
		return ""
	case status == http.StatusProxyAuthRequired, status >= http.StatusInternalServerError, refused(x),
		status == http.StatusNotFound && !ges.FromService(x.Code()): // a gateway without a route answers so
		return symptom(strconv.Itoa(status))
	}
	return ""
}

// fixture returns the placeholder of the credentials of a request that must be accepted:
// those of the run, or those that may only read. Otherwise it returns "".
func (e *Engine) fixture(x *exchange.Exchange) string {
	switch x.Request.Header.Get(ges.TokenHeader) {
	case "$" + config.Variable("token"):
		return cases.TokenPlaceholder
	case "$" + config.Variable("readonly-token"):
		return cases.ReadonlyTokenPlaceholder
	}
	if e.config.Signs() && x.Request.Header.Get(ges.ProjectHeader) != "" && x.Request.Header.Get("Authorization") != "" {
		return cases.TokenPlaceholder
	}
	return ""
}

func refused(x *exchange.Exchange) bool {
	return x.Status() == http.StatusUnauthorized || x.Status() == http.StatusForbidden
}

// maybeNetwork reports whether a failure may be the network's fault.
func maybeNetwork(x *exchange.Exchange) bool {
	return x.Failure != nil && x.Failure.Kind != exchange.Interrupted && x.Failure.Kind != exchange.NotSent && x.Failure.Kind != exchange.TooLong
}

// A doubt is what an exchange may not be judged by.
type doubt struct {
	kind     doubtKind
	reason   string
	controls footing // what all of the controls have shown
}

type doubtKind int

const (
	unfounded   doubtKind = iota + 1 // the run has lost its ground
	repetitious                      // the same has been confirmed often enough
	unrepeated                       // the controls are answered; not sent again, since it may have changed something
	uncheckable                      // no control can show that the credentials are what they are said to be
	passed                           // the request was answered otherwise when it was sent again
)

// excuses reports whether the exchange accuses nobody.
func (d doubt) excuses() bool { return d.kind != 0 && d.kind != passed }

func (e *Engine) setDoubt(x *exchange.Exchange, d doubt) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.doubts[x.Sequence] = d
}

func (e *Engine) doubtOf(x *exchange.Exchange) doubt {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.doubts[x.Sequence]
}

// accusesNobody returns why none of the exchanges may accuse the server, and the verdict
// instead, or "".
func (e *Engine) accusesNobody(exchanges ...exchange.Exchange) (reason string, v judge.Verdict) {
	for i := range exchanges {
		switch d := e.doubtOf(&exchanges[i]); d.kind {
		case unfounded, unrepeated:
			return d.reason, judge.Error
		case repetitious, uncheckable:
			return d.reason, judge.Masked
		case passed:
		}
	}
	return "", ""
}

// lostGround sets an exchange aside.
const lostGround = "the run could not tell whether this is the server's fault"

// confirm sends controls after a suspect, and then the suspect again until it has failed in
// the same way as often as it takes, or not. It returns all of its exchanges; the last one
// counts. Meanwhile nothing else is sent.
func (e *Engine) confirm(ctx context.Context, suspect exchange.Exchange, filled cases.Template) []exchange.Exchange {
	all := e.repeat(ctx, suspect, filled)
	for i := range all {
		e.noteStart(&all[i])
	}
	return all
}

func (e *Engine) repeat(ctx context.Context, suspect exchange.Exchange, filled cases.Template) []exchange.Exchange {
	all := []exchange.Exchange{suspect}
	release := e.alone(ctx)
	defer release()
	s := e.symptomOf(&suspect)
	if e.repetitious(&suspect, s) {
		e.setDoubt(&suspect, doubt{kind: repetitious, reason: "not judged: " + e.judge.Outcome(&suspect) + ", as in other cases before, which is reported there"})
		return all
	}
	alike, controls := 1, holds // how often it has failed in the same way, and nothing else has
	lost := mayRepeat(&suspect) && (e.record == nil && e.lostDuring(&suspect) || e.record != nil && (e.record.hasRepeat(&suspect) || e.record.hasAim(suspect.Case, fixtureAim)))
	for {
		last := &all[len(all)-1]
		first, ok := holds, true
		if lost && len(all) == 1 {
			alike, controls = 0, gone // it is known why it has failed, and that this is over
		} else {
			first, ok = e.regain(ctx, &suspect)
		}
		if controls = controls.and(first); first == unsteady {
			alike = 0
		}
		switch {
		case !ok:
			e.setDoubt(last, doubt{kind: unfounded, reason: e.endReason()})
			return all
		case alike > confirmations:
			return all
		case e.partial.noGraph != "" && refused(&suspect) && e.fixture(&suspect) == cases.ReadonlyTokenPlaceholder:
			e.setDoubt(last, doubt{kind: uncheckable, reason: e.judge.Outcome(last) + "; no plain read can show that --readonly-token is accepted: " + e.partial.noGraph})
			return all
		case len(all) == 1 && e.fixtureLost(ctx, &suspect):
			e.setDoubt(last, doubt{kind: unfounded, reason: "the credentials that may only read are not accepted even for a plain read; check --readonly-token"})
			return all
		case len(all) > mostRepeats:
			e.setDoubt(last, doubt{kind: unfounded, reason: e.judge.Outcome(last) + "; plain requests are answered only now and then"})
			return all
		case !mayRepeat(last):
			e.setDoubt(last, doubt{kind: unrepeated, controls: controls, reason: e.judge.Outcome(last) + "; not sent again, because the request could have started an upgrade"})
			return all
		}
		x := e.deliver(ctx, suspect.Case, suspect.Aim, filled, true, last.Attempt)
		last.SetAside = askedAgain
		all = append(all, x)
		if e.symptomOf(&x) != s {
			if controls == holds && x.Failure == nil {
				e.setDoubt(&x, doubt{kind: passed, reason: e.judge.Outcome(&suspect) + " at first, and not when it was sent again"})
			}
			return all
		}
		alike++
	}
}

// repetitious reports whether enough failures like this one have been confirmed. In a replay,
// the record decides.
func (e *Engine) repetitious(x *exchange.Exchange, s symptom) bool {
	if e.record != nil && (e.record.hasAim(x.Case, controlAim) || e.record.hasAim(x.Case, fixtureAim) || e.record.hasRepeat(x)) {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.confirmed[e.conditionAnd(x.Case, x.Aim, s)] >= enoughOfOne || e.probes(x.Case, x.Aim) && e.confirmed[string(s)] >= enoughOfAll
}

// conditionAnd returns what failures are counted by.
func (e *Engine) conditionAnd(caseID, aim string, s symptom) string {
	if !e.probes(caseID, aim) {
		return aim + " " + string(s)
	}
	k := e.byID[caseID]
	return cmp.Or(k.Condition, k.Requirement) + " " + string(s)
}

// probes reports whether a request with an aim is what its case is about, and not sent in
// support of it.
func (e *Engine) probes(caseID, aim string) bool {
	k := e.byID[caseID]
	return k != nil && slices.ContainsFunc(k.Aims, func(a cases.Aim) bool { return a.Name == aim })
}

// A failing is a request that fails in the same way each time.
type failing struct {
	aim        string
	symptom    symptom
	times      int
	controlled bool // a control has been sent since
}

// noteFailing counts the failures that were confirmed.
func (e *Engine) noteFailing(x *exchange.Exchange) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f := e.failing[x.Case]
	s := e.symptomOf(x)
	switch {
	case x.Aim == controlAim:
		if f != nil {
			f.controlled = true
		}
		return
	case strings.HasPrefix(x.Aim, repeatAim):
		return
	case s == "":
		delete(e.failing, x.Case)
		return
	case f == nil || f.aim != x.Aim || f.symptom != s || !f.controlled:
		e.failing[x.Case] = &failing{aim: x.Aim, symptom: s, times: 1}
		return
	}
	f.controlled = false
	if f.times++; f.times == timesToConfirm(x) {
		e.confirmed[e.conditionAnd(x.Case, x.Aim, s)]++
		if e.probes(x.Case, x.Aim) { // others are not judged
			e.confirmed[string(s)]++
		}
	}
}

func timesToConfirm(x *exchange.Exchange) int {
	if x.Risk == cases.Inert.String() {
		return 1 + confirmations
	}
	return 2
}

// mayRepeat reports whether a request may be sent again although its answer, or the lack of
// one, does not say what became of it.
func mayRepeat(x *exchange.Exchange) bool {
	return x.Risk == cases.Inert.String() ||
		x.Failure != nil && x.Failure.Kind == exchange.Unreachable ||
		refused(x) && ges.FromGateway(x.Code())
}

// alone waits until no other request is under way, and keeps others from being sent until
// release is called.
func (e *Engine) alone(ctx context.Context) (release func()) {
	if e.record != nil {
		return func() {}
	}
	e.controls <- struct{}{}
	taken := 0
	for taken < cap(e.slots) && e.takeSlot(ctx) {
		taken++
	}
	return func() {
		for range taken {
			<-e.slots
		}
		<-e.controls
	}
}

// takeSlot waits until one more request may be under way, and reports whether ctx allows it.
func (e *Engine) takeSlot(ctx context.Context) bool {
	select {
	case e.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// endReason returns why the run has ended.
func (e *Engine) endReason() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return cmp.Or(e.aborted, exchange.Interruption)
}

// atFirst returns the finding about a request that was answered otherwise when it was sent
// again.
func (e *Engine) atFirst(k *cases.Case, got string, exchange int) []judge.Finding {
	requirement := e.c.RequirementJudging(e.c.Operation(k.Operation), contract.AspectFirstAttempt)
	if requirement == nil {
		return nil
	}
	f := e.judge.Finding(requirement.ID, judge.Deviates, got, nil)
	f.Exchange = exchange
	return []judge.Finding{f}
}
