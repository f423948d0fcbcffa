package engine

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// controlAim is the aim of a control.
const controlAim = "control"

// inARow is how many controls must be answered, or not, to show anything: a network that
// loses some requests of many would otherwise look like a server that fails at some. once is
// enough where the other outcome is looked for.
const (
	inARow = 5
	once   = 1
)

// groundCase is the case of controls that are sent while inert requests are under way.
const groundCase = "ground"

// toWatch is how many suspects in a row make the run look whether it has lost its ground.
const toWatch = 4

// watchGround looks whether the ground is lost, after some suspects in a row. What they show is
// decided later.
func (e *Engine) watchGround(ctx context.Context) {
	if e.record != nil || !e.watched() {
		return
	}
	release := e.alone(ctx)
	defer release()
	if e.watched() { // nobody has looked meanwhile
		e.regain(ctx, &exchange.Exchange{Case: groundCase})
	}
}

func (e *Engine) watched() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.ground.inDoubt >= toWatch
}

// replayGround replays what watchGround has done.
func (e *Engine) replayGround(ctx context.Context) {
	for e.record != nil && e.record.hasAim(groundCase, controlAim) { // what others have changed may have more
		e.regain(ctx, &exchange.Exchange{Case: groundCase})
	}
}

// Limits of the waiting for lost ground.
const (
	firstWait = 250 * time.Millisecond
	longest   = 5 * time.Second
	// quiet is how long all controls must be answered once some of them were not: the network, or
	// one of several servers, may fail at random.
	quiet = 3 * time.Second
)

// footing is what controls in a row have shown.
type footing int

const (
	unsteady footing = iota // some were answered
	holds                   // all were
	gone                    // none was
)

// and returns what two series of controls have shown.
func (f footing) and(g footing) footing {
	if f == unsteady || g == unsteady {
		return unsteady
	}
	return max(f, g)
}

// regain sends controls until the ground holds. It returns what the first ones showed: unsteady
// if any of them were answered before the ground held. If it does not hold within
// --recovery-timeout, the run ends, and ok is false.
func (e *Engine) regain(ctx context.Context, suspect *exchange.Exchange) (first footing, ok bool) {
	first, last := e.controlled(ctx, suspect, inARow, inARow)
	if last == nil || first == holds {
		return first, last != nil
	}
	if first, ok = e.recover(ctx, suspect, first, last.Started); ok && first == gone {
		ok = e.findBreaker(ctx, suspect)
	}
	return first, ok
}

// recover waits, after controls that failed, until the ground holds.
func (e *Engine) recover(ctx context.Context, suspect *exchange.Exchange, first footing, lost time.Time) (footing, bool) {
	var steady time.Time // since when all have been answered
	for wait := firstWait; ; wait = min(2*wait, longest) {
		if first == unsteady {
			wait = min(wait, 2*firstWait)
		}
		e.waiting("plain requests to be answered again")
		if e.record == nil && !e.sleep(ctx, suspect, wait) {
			return first, false
		}
		f, last := e.controlled(ctx, suspect, inARow, once)
		switch {
		case last == nil:
			return first, false
		case f == unsteady:
			first, steady = unsteady, time.Time{}
		case f == gone:
			steady = time.Time{}
		case steady.IsZero():
			steady = last.Started
		}
		switch {
		case f == holds && (first == gone || last.Started.Round(0).Sub(steady.Round(0)) >= quiet):
			return first, true
		case first == unsteady && last.Started.Round(0).Sub(lost.Round(0)) >= e.config.RecoveryTimeout+quiet:
			e.end(fmt.Sprintf("plain requests are answered only now and then: since %s, noticed %safter %d exchanges", lost.UTC().Format(time.TimeOnly), at(suspect.Case), last.Sequence))
			return first, false
		}
	}
}

// end ends the run. The first reason counts.
func (e *Engine) end(reason string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.aborted = cmp.Or(e.aborted, reason)
}

// controlled sends controls until so many were answered, or so many were not, and none
// otherwise. It returns the last one, nil if none could be sent.
func (e *Engine) controlled(ctx context.Context, suspect *exchange.Exchange, enough, enoughFailed int) (footing, *exchange.Exchange) {
	answered := 0
	for n := 1; ; n++ {
		if e.record != nil && !e.record.hasAim(suspect.Case, controlAim) || e.record == nil && e.over(ctx) {
			return unsteady, nil
		}
		x := e.deliver(ctx, suspect.Case, controlAim, e.control(suspect), true, 0)
		if !e.fails(&x) {
			answered++
		}
		switch failed := n - answered; {
		case answered > 0 && failed > 0:
			return unsteady, &x
		case failed == enoughFailed:
			return gone, &x
		case answered == enough:
			return holds, &x
		}
	}
}

// control returns a plain request of the run's own that must be answered: for a refusal of
// permission, or if the graph cannot be read, the plain upgrade of the absent graph; otherwise the
// plain read of the graph.
func (e *Engine) control(suspect *exchange.Exchange) cases.Template {
	if e.partial.noGraph != "" {
		return e.plainUpgrade(e.plainInert(e.all))
	}
	if suspect.Status() == http.StatusForbidden && suspect.Operation == e.upgrade().ID && e.fixture(suspect) == cases.TokenPlaceholder && e.wire.IsAbsent(e.absent) {
		if k := e.plainInert(e.all); k != nil {
			return e.plainUpgrade(k)
		}
	}
	return e.readTemplate(e.target.ShownBy, pathEscape(e.config.GraphID), "")
}

// fixtureAim is the aim of a plain read with the credentials that may only read.
const fixtureAim = "fixture"

// fixtureLost reports whether the suspect was refused because the credentials that may only
// read are not accepted even for that.
func (e *Engine) fixtureLost(ctx context.Context, suspect *exchange.Exchange) bool {
	if !refused(suspect) || e.fixture(suspect) != cases.ReadonlyTokenPlaceholder {
		return false
	}
	t := e.readTemplate(e.target.ShownBy, pathEscape(e.config.GraphID), "")
	t.Headers = []cases.Header{{Name: ges.TokenHeader, Value: e.config.ReadonlyToken}}
	x := e.deliver(ctx, suspect.Case, fixtureAim, t, true, 0)
	return refused(&x)
}

// fails reports whether a control shows that the ground is lost.
func (e *Engine) fails(x *exchange.Exchange) bool { return e.lost(x) != "" }

// losses say what the run has lost if a control is not answered as it must be; the first that
// fits counts.
var losses = []struct {
	what string
	fits func(e *Engine, x *exchange.Exchange) bool
}{
	{"the endpoint can no longer be reached", func(_ *Engine, x *exchange.Exchange) bool {
		return x.Failure != nil && x.Failure.Kind == exchange.Unreachable
	}},
	{"the endpoint no longer answers", func(e *Engine, x *exchange.Exchange) bool { return x.Failure != nil && !(accepted(x) && e.cutsReads) }},
	{"the proxy refuses the run's credentials for it", func(_ *Engine, x *exchange.Exchange) bool { return x.Status() == http.StatusProxyAuthRequired }},
	{"the credentials do not permit upgrades", func(e *Engine, x *exchange.Exchange) bool {
		return x.Status() == http.StatusForbidden && x.Request.Method != http.MethodGet && !e.permitted()
	}},
	{"the credentials no longer permit upgrades", func(_ *Engine, x *exchange.Exchange) bool {
		return x.Status() == http.StatusForbidden && x.Request.Method != http.MethodGet
	}},
	{"the credentials are no longer accepted", func(_ *Engine, x *exchange.Exchange) bool { return refused(x) }},
	{"the endpoint only answers with server errors", func(_ *Engine, x *exchange.Exchange) bool { return x.Status() >= http.StatusInternalServerError }},
	{"the endpoint throttles every request", func(_ *Engine, x *exchange.Exchange) bool { return judge.Throttled(x) }},
	{"the graph is no longer there", func(e *Engine, x *exchange.Exchange) bool {
		return x.Request.Method == http.MethodGet && !accepted(x) && e.unknownGraph(x)
	}},
	{"plain requests are no longer answered as at first", func(_ *Engine, x *exchange.Exchange) bool {
		return x.Request.Method == http.MethodGet && !accepted(x)
	}},
	{"the plain upgrade of the absent graph is no longer refused as at first", func(e *Engine, x *exchange.Exchange) bool {
		return e.partial.plain != nil && (accepted(x) || noSuchAPI(x) && !noSuchAPI(e.partial.plain))
	}},
}

// lost returns what a control shows to be lost, or "".
func (e *Engine) lost(x *exchange.Exchange) string {
	for _, l := range losses {
		if l.fits(e, x) {
			return l.what
		}
	}
	return ""
}

// graphLost ends the run, if it has not ended, because after a request the graph can no longer be
// upgraded, as a read shows. It returns the reason.
func (e *Engine) graphLost(x, read *exchange.Exchange) string {
	if why, _ := e.accusesNobody(*read); why != "" {
		return why
	}
	shown := e.judge.Outcome(read)
	if accepted(read) {
		shown = "status " + e.graph.status
	}
	how := "no longer"
	if e.before != nil && !e.target.Changeable(e.before.Status) {
		how = "not"
	}
	e.end(fmt.Sprintf("the graph is %s running (%s): noticed at %s, after %s (%s)", how, shown, read.Started.UTC().Format(time.TimeOnly), x.Case, x.Aim))
	return e.endReason()
}

func (e *Engine) permitted() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.upgrades.permitted
}

// noteControl ends the run at the last control that fails.
func (e *Engine) noteControl(x *exchange.Exchange) {
	if x.Aim != controlAim {
		return
	}
	lost, permitted := e.lost(x), e.permitted()
	e.mu.Lock()
	defer e.mu.Unlock()
	g := &e.ground
	if lost == "" {
		if g.answered++; g.answered == inARow {
			if !g.since.IsZero() {
				g.lost = append(g.lost, period{g.from, x.Started})
			}
			g.since, g.inDoubt = time.Time{}, 0
		}
		return
	}
	g.answered = 0
	if g.since.IsZero() {
		g.since, g.from, g.suspects = x.Started, g.lastAnswered, slices.Clone(g.recent)
	}
	waited := x.Started.Round(0).Sub(g.since.Round(0))
	futile := x.Status() == http.StatusForbidden && x.Request.Method != http.MethodGet && !permitted // such rights do not come by waiting
	if e.aborted != "" || waited < e.config.RecoveryTimeout && !futile {
		return
	}
	e.aborted = fmt.Sprintf("%s: since %s, a plain %s is answered %s; noticed %safter %d exchanges", lost,
		g.since.UTC().Format(time.TimeOnly), x.Request.Method, e.judge.Outcome(x), at(x.Case), e.exchanged)
	if i := lastIndexFunc(g.suspects, func(r recentRequest) bool { return r.symptom == "" }); i >= 0 {
		e.aborted += "; the last request before that which was not a plain one: " + g.suspects[i].name()
	}
	if x.SetAside != "" {
		e.aborted += "; " + x.SetAside
	}
}

// at names the case at which something was noticed, if it was one.
func at(caseID string) string {
	if caseID == groundCase {
		return ""
	}
	return "at " + caseID + ", "
}

func lastIndexFunc[T any](s []T, f func(T) bool) int {
	for i := len(s) - 1; i >= 0; i-- {
		if f(s[i]) {
			return i
		}
	}
	return -1
}

// ground is what the controls have shown so far.
type ground struct {
	inDoubt      int             // suspects in a row
	answered     int             // controls in a row
	since        time.Time       // when the first of the controls that failed was sent; zero if the ground holds
	from         time.Time       // when the last request before that was sent that was answered as it should be
	lost         []period        // in which the ground was lost
	recent       []recentRequest // after which no request has been answered as it should be
	suspects     []recentRequest // those when the ground was lost
	lastAnswered time.Time       // when the last request was sent that was answered as it should be
	cleared      map[string]bool // requests after which the ground held when they were sent again, by name
}

type period struct{ from, to time.Time }

// lostDuring reports whether the ground was found to be lost while a request was under way.
func (e *Engine) lostDuring(x *exchange.Exchange) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.ContainsFunc(e.ground.lost, func(p period) bool {
		return !x.Started.Add(x.Duration).Before(p.from) && !x.Started.After(p.to)
	})
}
