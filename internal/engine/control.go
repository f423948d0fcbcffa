package engine

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// controlAim is the aim of a control, and repeatAim begins that of a request that is sent
// again because the ground was lost after it.
const (
	controlAim = "control"
	repeatAim  = "repeats "
)

// inARow is how many controls must be answered, or not, to show anything: a network that
// loses some requests of many would otherwise look like a server that fails at some.
const inARow = 3

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
	for e.record != nil && e.record.has(groundCase) {
		e.regain(ctx, &exchange.Exchange{Case: groundCase})
	}
}

// Limits of the waiting for lost ground.
const (
	firstWait = 250 * time.Millisecond
	longest   = 5 * time.Second
)

// footing is what controls in a row have shown.
type footing int

const (
	unsteady footing = iota // some were answered
	holds                   // all were
	gone                    // none was
)

// regain sends controls until the ground holds, and reports whether it held at once. If it
// does not within --recovery-timeout, the run ends, and ok is false.
func (e *Engine) regain(ctx context.Context, suspect *exchange.Exchange) (atOnce, ok bool) {
	atOnce = true
	for wait := firstWait; ; wait = min(2*wait, longest) {
		f, last := e.controlled(ctx, suspect)
		switch {
		case last == nil:
			return false, false
		case f == holds:
			if !atOnce {
				ok = e.findBreaker(ctx, suspect)
				return false, ok
			}
			return true, true
		}
		atOnce = false
		e.waiting("plain requests to be answered again")
		if e.record == nil && !e.sleep(ctx, suspect, wait) {
			return false, false
		}
	}
}

// controlled sends controls in a row. It returns the last one, nil if none could be sent.
func (e *Engine) controlled(ctx context.Context, suspect *exchange.Exchange) (footing, *exchange.Exchange) {
	answered := 0
	var last *exchange.Exchange
	for n := 1; ; n++ {
		if e.record != nil && !e.record.hasAim(suspect.Case, controlAim) || e.record == nil && e.over(ctx) {
			return unsteady, nil
		}
		x := e.deliver(ctx, suspect.Case, controlAim, e.control(suspect), true)
		last = &x
		if !e.fails(last) {
			answered++
		}
		switch {
		case answered > 0 && answered < n:
			return unsteady, last
		case n == inARow && answered == 0:
			return gone, last
		case n == inARow:
			return holds, last
		}
	}
}

// control returns a plain request that must be answered, with the credentials of the suspect
// if they must be accepted: for a refusal of permission, the plain upgrade of the made-up
// graph; otherwise the plain read of the graph.
func (e *Engine) control(suspect *exchange.Exchange) cases.Template {
	fixture := e.fixture(suspect)
	if suspect.Status() == http.StatusForbidden && suspect.Operation == e.upgrade().ID && fixture == cases.TokenPlaceholder && e.wire.IsAbsent(e.absent) {
		if k := e.plainInert(e.all); k != nil {
			version, _ := e.versionFor(k.Aims[0])
			return k.Request.Fill(e.values(k.Aims[0], version))
		}
	}
	t := e.readTemplate(ges.ShowGraph, pathEscape(e.config.GraphID), "")
	if fixture == cases.ReadonlyTokenPlaceholder {
		t.Headers = []cases.Header{{Name: ges.TokenHeader, Value: e.config.ReadonlyToken}}
	}
	return t
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
	{"the endpoint no longer answers", func(_ *Engine, x *exchange.Exchange) bool { return x.Failure != nil }},
	{"the proxy refuses the run's credentials for it", func(_ *Engine, x *exchange.Exchange) bool { return x.Status() == http.StatusProxyAuthRequired }},
	{"the credentials that may only read are not accepted", func(e *Engine, x *exchange.Exchange) bool {
		return refused(x) && e.fixture(x) == cases.ReadonlyTokenPlaceholder
	}},
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
			g.since, g.inDoubt = time.Time{}, 0
		}
		return
	}
	g.answered = 0
	if g.since.IsZero() {
		g.since, g.suspects = x.Started, slices.Clone(g.recent)
	}
	waited := x.Started.Round(0).Sub(g.since.Round(0))
	futile := x.Status() == http.StatusForbidden && x.Request.Method != http.MethodGet && !permitted // such rights do not come by waiting
	if e.aborted != "" || waited < e.config.RecoveryTimeout && !futile {
		return
	}
	e.aborted = fmt.Sprintf("%s: since %s, a plain %s is answered %s; noticed at %s, after %d exchanges", lost,
		g.since.UTC().Format(time.TimeOnly), x.Request.Method, e.judge.Outcome(x), x.Case, e.exchanged)
	if i := lastIndexFunc(g.suspects, func(r recentRequest) bool { return r.symptom == "" }); i >= 0 {
		e.aborted += "; the last request before that was not plain and was answered: " + g.suspects[i].name()
	}
	if x.SetAside != "" {
		e.aborted += "; " + x.SetAside
	}
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
	inDoubt  int             // suspects in a row
	answered int             // controls in a row
	since    time.Time       // when the first of the controls that failed was sent; zero if the ground holds
	recent   []recentRequest // after which no request has been answered as it should be
	suspects []recentRequest // those when the ground was lost
}

// A recentRequest is a request that may have cost the run its ground.
type recentRequest struct {
	caseID, aim string
	risk        string
	ended       time.Time
	symptom     symptom
	filled      *cases.Template // nil in a replay
}

func (r recentRequest) name() string { return r.caseID + " " + r.aim }

// maxRecent bounds how many requests are sent again after the ground was lost.
const maxRecent = 32

// noteRecent keeps the requests after which the ground may have been lost: a request that was
// sent later and was answered clears those before.
func (e *Engine) noteRecent(x *exchange.Exchange, filled *cases.Template) {
	s := e.symptomOf(x)
	e.mu.Lock()
	defer e.mu.Unlock()
	g := &e.ground
	if s != "" {
		g.inDoubt++
	}
	if x.Failure == nil && s == "" && x.Status() < http.StatusInternalServerError && !refused(x) {
		if x.Aim != controlAim {
			g.inDoubt = 0
		}
		g.recent = slices.DeleteFunc(g.recent, func(r recentRequest) bool { return r.ended.Before(x.Started) })
	}
	if !e.probes(x) {
		return
	}
	g.recent = append(g.recent, recentRequest{caseID: x.Case, aim: x.Aim, risk: x.Risk, ended: x.Started.Add(x.Duration), symptom: s, filled: filled})
	if len(g.recent) > maxRecent {
		g.recent = slices.Delete(g.recent, 0, 1)
	}
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
			x := e.deliver(ctx, suspect.Case, repeatAim+r.name(), *r.filled, true)
			f, control := e.controlled(ctx, suspect)
			if control == nil {
				return false
			}
			if f == gone && times == confirmations {
				e.addBreaker(suspect.Case, r, x, *control)
			}
			if f != holds && !e.regainQuietly(ctx, suspect) {
				return false
			}
			if f != gone || times == confirmations {
				break
			}
		}
	}
}

// regainQuietly waits until the ground holds again.
func (e *Engine) regainQuietly(ctx context.Context, suspect *exchange.Exchange) bool {
	for wait := firstWait; ; wait = min(2*wait, longest) {
		if e.record == nil && !e.sleep(ctx, suspect, wait) {
			return false
		}
		f, last := e.controlled(ctx, suspect)
		if last == nil || f == holds {
			return last != nil
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
	return func() (r recentRequest, ok bool) {
		for len(suspects) > 0 {
			r, suspects = suspects[0], suspects[1:]
			if r.symptom == "" && r.filled != nil && r.risk == cases.Inert.String() && !e.brokeOften(r) {
				return r, true
			}
		}
		return r, false
	}
}

const breaks symptom = "breaks the server"

func (e *Engine) brokeOften(r recentRequest) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.confirmed[e.conditionAnd(&exchange.Exchange{Case: r.caseID, Aim: r.aim}, breaks)] >= enoughOfOne
}

func (e *Engine) addBreaker(caseID string, r recentRequest, x, control exchange.Exchange) {
	x.SetAside, control.SetAside = "sent again because plain requests failed after it", "shows that plain requests fail after it"
	b := breaker{exchanges: []exchange.Exchange{x, control}, got: fmt.Sprintf("after the request of %s, each time, a plain %s: %s", r.name(), control.Request.Method, e.judge.Outcome(&control))}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.breakers[caseID] = append(e.breakers[caseID], b)
	e.confirmed[e.conditionAnd(&exchange.Exchange{Case: r.caseID, Aim: r.aim}, breaks)]++
}
