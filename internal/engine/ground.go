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
	"github.com/gesconform/gesconform/internal/wire"
)

// A run rests on credentials that are accepted, and permit what the cases ask for. When an
// answer refuses them, that accuses the server only if it refuses some requests while plain
// ones pass, which a control shows. Otherwise the run has lost its ground, and nothing can be
// said about the server.

// controlAim is the aim of a control.
const controlAim = "control"

// controlWaits are the times to wait before each control, until the ground is taken for
// lost: half a minute in all, in which a token may be renewed.
var controlWaits = []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second}

// refusesUs reports whether an answer to a request with the run's own credentials refuses
// them.
func (e *Engine) refusesUs(x *exchange.Exchange, sent *cases.Template) bool {
	if !refused(x) || x.Aim == controlAim || x.Case == preflightCase || x.Case == snapshotCase {
		return false
	}
	return slices.ContainsFunc(sent.Headers, func(h cases.Header) bool { return h.Value == wire.AuthToken(e.config) })
}

// regains sends controls after an answer that refuses the run's own credentials, and reports
// whether the request should be sent again: the second answer counts. If no control is
// accepted, the run ends. One that is refused for lack of permission is not sent again:
// permissions do not come back by themselves. A request that could change something is
// only sent again if the gateway kept it from the service.
func (e *Engine) regains(ctx context.Context, suspect *exchange.Exchange) bool {
	e.controls <- struct{}{}
	defer func() { <-e.controls }()
	for i, wait := range controlWaits {
		if e.record != nil && !e.record.hasAim(suspect.Case, controlAim) || e.record == nil && e.over(ctx) {
			break
		}
		if i > 0 {
			e.waiting("the credentials to be accepted again")
		}
		if i > 0 && e.record == nil && !e.sleep(ctx, suspect, wait) {
			break
		}
		x := e.sendFilled(ctx, suspect.Case, controlAim, e.control(suspect))
		switch {
		case fails(&x):
		case suspect.Risk == cases.Inert.String(), i > 0 && ges.FromGateway(suspect.Code()):
			return true
		case i == 0:
			return false // the answer stands
		default:
			e.setGroundless(suspect, "the credentials were refused for a while; not sent again, because the request could start an upgrade")
			return false
		}
		if x.Status() == http.StatusForbidden {
			break
		}
	}
	e.setGroundless(suspect, e.endReason())
	return false
}

func (e *Engine) setGroundless(x *exchange.Exchange, reason string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.groundless[x.Sequence] = reason
}

func refused(x *exchange.Exchange) bool {
	return x.Status() == http.StatusUnauthorized || x.Status() == http.StatusForbidden
}

// fails reports whether a control does not show that the credentials are accepted.
func fails(control *exchange.Exchange) bool {
	return refused(control) || control.Answer == nil || control.Status() >= http.StatusInternalServerError
}

// control returns a plain request that must be answered otherwise than with a refusal of the
// credentials: for a refusal of permission, the plain upgrade of the made-up graph; else the
// plain read of the graph.
func (e *Engine) control(suspect *exchange.Exchange) cases.Template {
	upgrade := e.upgrade()
	if suspect.Status() == http.StatusForbidden && suspect.Operation == upgrade.ID && e.wire.IsAbsent(e.absent) {
		if k := e.plainInert(e.all); k != nil {
			version, _ := e.versionFor(k.Aims[0])
			return k.Request.Fill(e.values(k.Aims[0], version))
		}
	}
	return e.readTemplate(ges.ShowGraph, pathEscape(e.config.GraphID), "")
}

// noteControl ends the run at the last control that fails.
func (e *Engine) noteControl(x *exchange.Exchange) {
	if x.Aim != controlAim {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !fails(x) {
		e.failedControls = 0
		return
	}
	if e.failedControls == 0 {
		e.failedSince = x.Started
	}
	if e.failedControls++; e.aborted != "" || e.failedControls < len(controlWaits) && x.Status() != http.StatusForbidden {
		return
	}
	lost := "the credentials are no longer accepted"
	switch {
	case x.Request.Method != http.MethodGet && !e.upgrades.permitted:
		lost = "the credentials do not permit upgrades"
	case x.Request.Method != http.MethodGet:
		lost = "the credentials no longer permit upgrades"
	}
	e.aborted = fmt.Sprintf("%s: since %s, a plain %s is answered %s; noticed at %s, after %d exchanges", lost,
		e.failedSince.UTC().Format(time.TimeOnly), x.Request.Method, e.judge.Outcome(x), x.Case, e.exchanged)
	if x.SetAside != "" {
		e.aborted += "; " + x.SetAside
	}
}

// groundlessOf returns why none of the exchanges may accuse the server, or "".
func (e *Engine) groundlessOf(exchanges ...exchange.Exchange) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range exchanges {
		if why := e.groundless[exchanges[i].Sequence]; why != "" {
			return why
		}
	}
	return ""
}

// lostGround sets an exchange aside.
const lostGround = "the run's own credentials were refused"

// endReason returns why the run has ended.
func (e *Engine) endReason() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return cmp.Or(e.aborted, exchange.Interruption)
}
