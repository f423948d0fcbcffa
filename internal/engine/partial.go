package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// A deployment may lack the reads: a stub, a service under construction, a gateway that
// publishes one operation. If the user vouches for an id that no graph has, such a deployment
// is judged as far as it can be. The plain upgrade of that graph, which must be refused, then
// takes the place of the plain read.

// partial is what a run knows of a deployment that may lack the reads.
type partial struct {
	lacks   map[string]string  // why an operation is not there, by id
	noGraph string             // why nothing can be aimed at the graph under test, or ""
	plain   *exchange.Exchange // the plain upgrade of the absent graph that stands for the plain read
	wrong   string             // what ended the run: an upgrade of the absent graph was accepted
}

// The aims of the requests that tell what a deployment has.
const (
	plainUpgradeAim = "plain-upgrade"
	noSuchPathAim   = "no-such-path"
)

// needsGraphID is why nothing can be aimed at a graph if the user has named none.
const needsGraphID = "needs --graph-id"

// preflightPartial decides whether judging makes sense if the user vouches for an absent graph,
// and finds out what the deployment lacks.
func (e *Engine) preflightPartial(ctx context.Context) error {
	if fault := e.findGraph(ctx); fault != nil {
		return fault
	}
	if e.partial.noGraph != "" && !e.config.ReadsOnly {
		if fault := e.upgradeAbsent(ctx); fault != nil || accepted(e.partial.plain) {
			return fault
		}
	}
	x := e.sendFilled(ctx, preflightCase, readJobAim, e.readTemplate(e.job.ShownBy, pathEscape(e.anyGraph()), pathEscape(e.absentJob)))
	if why := e.notThere(ctx, e.job.ShownBy, &x); why != "" {
		e.partial.lacks[e.job.ShownBy] = why
	}
	return ctx.Err()
}

// anyGraph returns the graph under test, if a read has shown it, or else the absent one.
func (e *Engine) anyGraph() string {
	if e.partial.noGraph != "" {
		return e.absent
	}
	return e.config.GraphID
}

// findGraph reads the graph under test, and the absent one. If there is no such read, the user's
// word stands for it.
func (e *Engine) findGraph(ctx context.Context) error {
	if e.config.GraphID != "" {
		x := e.readGraph(ctx, preflightCase, &e.graph)
		if e.cannotRead(ctx, &x) {
			return nil
		}
		if fault := e.preflightFault(ctx, &x); fault != nil {
			return fault
		}
	}
	x := e.sendFilled(ctx, preflightCase, "prove-absent", e.readTemplate(e.target.ShownBy, pathEscape(e.absent), ""))
	switch {
	case accepted(&x) && looksLikeJSON(x.Answer):
		return fmt.Errorf("read the absent graph: there is a graph %q (%s), and --absent-graph-id vouches that there is none; give an id that no graph has", e.absent, inShort(&x))
	case e.config.GraphID != "":
		return ctx.Err() // what the answer proves is decided as in any run
	case e.cannotRead(ctx, &x):
		return nil
	}
	if fault := e.generalFault(ctx, "read the absent graph", &x); fault != nil {
		return fault
	}
	e.partial.noGraph = needsGraphID
	if x.Status() == http.StatusNotFound || e.unknownGraph(&x) {
		e.wire.ProveAbsent(e.absent)
	} else {
		e.wire.Vouch(e.absent)
	}
	return nil
}

// cannotRead reports whether there is no read of graphs, and notes why.
func (e *Engine) cannotRead(ctx context.Context, x *exchange.Exchange) bool {
	why := e.notThere(ctx, e.target.ShownBy, x)
	switch {
	case why != "" || accepted(x) || judge.Throttled(x):
	case x.Failure != nil && maybeNetwork(x) && x.Failure.Kind != exchange.Unreachable:
		why = e.target.ShownBy + " cannot be used: " + x.Failure.Message
	case x.Failure == nil && x.Status() >= http.StatusInternalServerError:
		why = e.target.ShownBy + " cannot be used: " + inShort(x)
	}
	if why == "" || ctx.Err() != nil {
		return false
	}
	e.partial.lacks[e.target.ShownBy], e.partial.noGraph = why, why
	e.wire.Vouch(e.absent)
	return true
}

// upgradeAbsent sends the plain upgrade of the absent graph. If it is refused as it must be, the
// endpoint, the credentials and the project are as the run needs them.
func (e *Engine) upgradeAbsent(ctx context.Context) error {
	k := e.plainInert(e.all)
	if k == nil {
		return errors.New("upgrade the absent graph: expected a case of the plain upgrade of an unknown graph, without which nothing can be judged; give another --contract or --plan")
	}
	x := e.deliver(ctx, preflightCase, plainUpgradeAim, e.plainUpgrade(k), false, 0)
	e.noteStart(&x)
	const doing = "upgrade the absent graph"
	if fault := e.generalFault(ctx, doing, &x); fault != nil {
		return fault
	}
	switch why := e.notThere(ctx, e.upgrade().ID, &x); {
	case accepted(&x) && looksLikeJSON(x.Answer):
		return nil // count has ended the run
	case accepted(&x):
		return fmt.Errorf("%s, POST %s: the answer (%s) is not from the Graph Engine Service%s; check --endpoint%s", doing, x.URL, inShort(&x), looksLike(&x), throughProxy(&x))
	case why != "":
		return fmt.Errorf("%s, POST %s: %s, as for a path that leads nowhere; check --endpoint and --project-id", doing, x.URL, why)
	}
	return nil
}

// plainUpgrade returns the plain upgrade of the absent graph.
func (e *Engine) plainUpgrade(k *cases.Case) cases.Template {
	version, _ := e.versionFor(k.Aims[0])
	return k.Request.Fill(e.values(k.Aims[0], version))
}

// noSuchAPI reports whether an answer may say that there is no such operation: it does not come
// from the service.
func noSuchAPI(x *exchange.Exchange) bool {
	switch x.Status() {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return !ges.FromService(x.Code())
	}
	return false
}

// notThere returns why an operation is not there, or not for these credentials, as an answer
// shows; "" if it is. If that is in doubt, it asks for a path that leads nowhere.
func (e *Engine) notThere(ctx context.Context, operation string, x *exchange.Exchange) string {
	redirect := x.Status() >= http.StatusMultipleChoices && x.Status() < http.StatusBadRequest
	switch {
	case x.Failure != nil, judge.Throttled(x), e.unknownGraph(x), accepted(x) && looksLikeJSON(x.Answer):
		return ""
	case refused(x):
		return operation + " is not there for these credentials: " + inShort(x)
	case accepted(x), redirect, noSuchAPI(x) && (x.Status() != http.StatusNotFound || ges.FromGateway(x.Code())):
	case noSuchAPI(x):
		elsewhere := cases.Template{Method: x.Request.Method, Path: x.Request.Path + "/gesconform-no-such-path", Body: cases.Text(x.Request.Body)}
		elsewhere.Headers = e.readTemplate(e.target.ShownBy, "", "").Headers
		y := e.deliver(ctx, preflightCase, noSuchPathAim, elsewhere, false, 0)
		if !alike(x, &y) {
			return ""
		}
	default:
		return ""
	}
	return operation + " is not there: " + inShort(x)
}

// changing matches what may differ from one answer to the next: ids, times, counters.
var changing = regexp.MustCompile(`[0-9a-fA-F-]{8,}|[0-9]+`)

// alike reports whether two answers are the same but for ids, times and paths.
func alike(x, y *exchange.Exchange) bool {
	plain := func(z *exchange.Exchange) string {
		return changing.ReplaceAllString(strings.ReplaceAll(string(z.Answer.Body), z.Request.Path, ""), "#")
	}
	return y.Failure == nil && x.Status() == y.Status() && x.Answer.Header.Get("Content-Type") == y.Answer.Header.Get("Content-Type") && plain(x) == plain(y)
}

// lacking returns why the deployment, or what the user says of it, rules a case out at its first
// aim, or "".
func (e *Engine) lacking(k *cases.Case) string {
	aim, p := k.Aims[0], &e.partial
	switch why := p.lacks[k.Operation]; {
	case why != "":
		return why
	case aim.Graph == cases.LiteralGraph && !e.c.Operation(k.Operation).Safe():
		return p.lacks[e.target.ShownBy] // no read shows that it is absent
	case aim.Graph == cases.NamedGraph:
		return p.noGraph
	}
	return ""
}

// noteVouched ends the run if an upgrade of a graph was accepted that, as the user vouches, does
// not exist: it may be there after all. It reports whether one was.
func (e *Engine) noteVouched(x *exchange.Exchange) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := &e.partial
	if x.Case == preflightCase && x.Aim == plainUpgradeAim {
		plain := *x
		p.plain = &plain
	}
	if p.plain == nil || !accepted(x) || x.Request.Method != http.MethodPost && !e.invented(x) {
		return false
	}
	p.wrong = cmp.Or(p.wrong, fmt.Sprintf("a request to upgrade --absent-graph-id %s was accepted: either there is such a graph, or the server upgrades what does not exist; nothing more is sent", e.absent))
	e.aborted = cmp.Or(e.aborted, p.wrong)
	return true
}
