package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/wire"
)

// readTemplate returns the plain request of a read operation.
func (e *Engine) readTemplate(operation, graph, job string) cases.Template {
	op := e.c.Operation(operation)
	t := cases.Template{Method: op.Method, Path: op.Path}
	t.Path = strings.NewReplacer("{"+ges.ProjectParameter+"}", cases.ProjectPlaceholder, "{"+e.target.NamedBy+"}", cases.GraphPlaceholder, "{"+ges.JobParameter+"}", cases.JobPlaceholder).Replace(t.Path)
	t.Headers = []cases.Header{{Name: op.Schemes()[0].Name, Value: cases.TokenPlaceholder}}
	values := e.values(cases.Aim{Graph: cases.NamedGraph}, "")
	values[cases.GraphPlaceholder], values[cases.JobPlaceholder] = graph, job
	return t.Fill(values)
}

// readGraph reads a graph and records its state.
func (e *Engine) readGraph(ctx context.Context, caseID string, state *graphState) exchange.Exchange {
	x := e.sendFilled(ctx, caseID, "read", e.readTemplate(e.target.ShownBy, pathEscape(state.id), ""))
	state.read = &x
	if !accepted(&x) {
		return x
	}
	graph := e.target.Shown(x.JSON())
	state.name, state.status = graph.Name, graph.State
	if graph.Version != "" {
		state.version = graph.Version
		e.wire.NoteVersion(state.id, graph.Version)
	}
	if state == &e.graph {
		e.noteShown(&x)
	}
	return x
}

// preflightCase is the case of the exchange that Preflight rests on.
const preflightCase = "preflight"

// Preflight decides with one request, or a few if the user vouches for an absent graph, whether
// judging makes sense. The error says what to
// do.
func (e *Engine) Preflight(ctx context.Context) error {
	e.preflighted.Do(func() {
		if e.preflight = e.contractFault(); e.preflight != nil {
			return
		}
		if e.config.AbsentGraphID != "" {
			e.preflight = e.preflightPartial(ctx)
			return
		}
		x := e.readGraph(ctx, preflightCase, &e.graph)
		e.preflight = e.preflightFault(ctx, &x)
	})
	return e.preflight
}

// contractFault returns an error if the contract lacks what a run needs: the reads of graphs
// and jobs, and an operation that changes something.
func (e *Engine) contractFault() error {
	if lacking := e.unaimed(); lacking != "" {
		return fmt.Errorf("contract %s: expected %s; give another --contract", e.c.Name(), lacking)
	}
	for _, id := range []string{e.target.ShownBy, e.job.ShownBy} {
		if op := e.c.Operation(id); op == nil || len(op.Security) == 0 {
			return fmt.Errorf("contract %s: expected an operation %s with credentials, without which no request can be shown to be harmless; give another --contract", e.c.Name(), id)
		}
	}
	if e.upgrade() == nil {
		return fmt.Errorf("contract %s: expected an operation that changes something; give another --contract", e.c.Name())
	}
	return nil
}

// preflightFault returns what the read of the graph shows to be wrong with the run.
func (e *Engine) preflightFault(ctx context.Context, x *exchange.Exchange) error {
	if x.Failure != nil && accepted(x) && looksLikeJSON(x.Answer) {
		e.cutsReads = true
		return e.wrongGraph() // an answer, if a bad one: the cases will judge it
	}
	if fault := e.generalFault(ctx, "read the graph", x); fault != nil {
		return fault
	}
	switch got := inShort(x); {
	case accepted(x) && looksLikeJSON(x.Answer):
		return e.wrongGraph()
	case e.unknownGraph(x):
		return fmt.Errorf("read the graph: there is no graph %q in project %q (%s); check --graph-id and --project-id", e.config.GraphID, e.config.ProjectID, got)
	case e.c.Code(x.Code()) != nil && ges.FromService(x.Code()):
		return fmt.Errorf("read the graph: refused (%s, %s); check --graph-id, --project-id and the credentials", got, e.c.Code(x.Code()).Meaning)
	case noSuchAPI(x):
		return fmt.Errorf("read the graph: %s is not there, GET %s: %s; check --endpoint, or if the deployment lacks the reads, give an id that no graph has with --absent-graph-id", e.target.ShownBy, x.URL, got)
	default:
		return fmt.Errorf("read the graph, GET %s: the answer (%s) is not from the Graph Engine Service%s; check --endpoint%s, or if the deployment lacks the reads, give an id that no graph has with --absent-graph-id", x.URL, got, looksLike(x), throughProxy(x))
	}
}

// generalFault returns what a first exchange shows to be wrong with the run, whichever operation
// it was for, or nil.
func (e *Engine) generalFault(ctx context.Context, doing string, x *exchange.Exchange) error {
	if ctx.Err() != nil && x.Failure != nil {
		return ctx.Err()
	}
	if x.Failure != nil {
		return failureFault(doing, x)
	}
	switch got := inShort(x); {
	case accepted(x):
		return nil
	case misdirected(x) != "":
		return fmt.Errorf("%s, %s %s: %s", doing, x.Request.Method, x.URL, misdirected(x))
	case refused(x) && !e.unknownGraph(x):
		return fmt.Errorf("%s: the credentials were refused (%s)%s; check --token or --access-key, and --project-id", doing, got, wire.ClockSkew(x))
	case judge.Throttled(x):
		return fmt.Errorf("%s: the endpoint throttles every request (%s); try again later", doing, got)
	case x.Status() >= 300 && x.Status() < 400:
		return fmt.Errorf("%s: the answer is a redirect (%s), which is not followed%s", doing, got, afterRedirect(x))
	case x.Status() >= 500 && !noSuchAPI(x):
		return fmt.Errorf("%s: server error (%s); try again later", doing, got)
	case e.fit(x, contract.OtherProject, ges.ProjectParameter) > max(e.fit(x, contract.Unknown, e.target.NamedBy), contract.Unlisted):
		return fmt.Errorf("%s: project %q is not that of the credentials, or does not exist (%s); check --project-id", doing, e.config.ProjectID, got)
	}
	return nil
}

// inShort returns the status and the error code of an answer.
func inShort(x *exchange.Exchange) string {
	got := strconv.Itoa(x.Status())
	if code := x.Code(); codeLike.MatchString(code) {
		got += " " + code
	} else if code != "" {
		got += fmt.Sprintf(" %.60q", code)
	}
	return got
}

// codeLike matches error codes that can be quoted in a sentence as they are.
var codeLike = regexp.MustCompile(`^[A-Za-z0-9._-]{1,40}$`)

func looksLikeJSON(a *contract.Answer) bool {
	return bytes.HasPrefix(bytes.TrimSpace(a.Body), []byte("{")) || strings.Contains(a.Header.Get("Content-Type"), "json")
}

// wrongGraph returns an error if upgrades may start and the graph is not confirmed.
func (e *Engine) wrongGraph() error {
	switch {
	case e.config.Risk < cases.Destructive || e.config.Loopback() && e.config.ConfirmGraph == "":
		return nil
	case e.config.ConfirmGraph == "":
		return fmt.Errorf("confirm-graph: is missing; with --risk destructive give the graph's name, --confirm-graph %q", e.graph.name)
	case e.config.ConfirmGraph != e.graph.name:
		return fmt.Errorf("confirm-graph: expected the graph's name %q, got %q", e.graph.name, e.config.ConfirmGraph)
	}
	return nil
}

// unknownGraph reports whether an answer says that there is no such graph.
func (e *Engine) unknownGraph(x *exchange.Exchange) bool {
	return e.fit(x, contract.Unknown, e.target.NamedBy) >= contract.Unlisted
}

// fit returns how well an answer refuses the read of a graph because of how a parameter
// relates to what exists.
func (e *Engine) fit(x *exchange.Exchange, relation contract.Relation, parameter string) contract.Fit {
	r := e.c.RefusalForRelation(e.c.Operation(e.target.ShownBy), relation, parameter)
	if x.Failure != nil || r == nil {
		return contract.NoFit
	}
	return e.c.Fit(r, x.Status(), x.Code())
}

// errNotAbsent is returned if a read did not show that a graph is absent.
var errNotAbsent = errors.New("no read has shown that the graph is absent")

// proveAbsent reads a graph that should not exist. Requests to it are inert only if the
// answer says so.
func (e *Engine) proveAbsent(ctx context.Context, caseID, graph, escaped string) error {
	sent := e.sendOnGround(ctx, caseID, "prove-absent", e.readTemplate(e.target.ShownBy, escaped, ""), func(x *exchange.Exchange) bool {
		return x.Status() != http.StatusNotFound // whoever says so
	})
	x := sent[len(sent)-1]
	if why, v := e.accusesNobody(x); v == judge.Error {
		return errors.New(why)
	}
	refused := x.Status() == http.StatusBadRequest || x.Status() == http.StatusUnprocessableEntity || x.Status() == http.StatusRequestURITooLong
	if x.Status() == http.StatusNotFound || e.unknownGraph(&x) || e.malformed(graph) && refused {
		e.wire.ProveAbsent(graph)
		return nil
	}
	return errNotAbsent
}

// malformed reports whether an id cannot be a graph's.
func (e *Engine) malformed(graph string) bool {
	p := e.c.Operation(e.target.ShownBy).Parameter(e.target.NamedBy)
	return p != nil && p.Schema.Pattern != nil && !p.Schema.Pattern.MatchString(graph)
}
