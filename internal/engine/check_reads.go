package engine

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// reads adds what further reads show: of the fixtures, and of the operations that a run needs. If one
// fails, a plain read tells whether the endpoint is still there.
func (c *check) reads(ctx context.Context) {
	for _, read := range []func(context.Context){c.absentGraph, c.readonlyToken, c.expiredToken, c.stopped, c.foreign, c.jobs, c.list} {
		before := len(c.exchanges)
		if read(ctx); ctx.Err() != nil {
			return
		}
		if c.failed(before) && c.partial.noGraph == "" {
			x := c.read(ctx, c.config.GraphID, "")
			if what, _ := told(&x); !accepted(&x) {
				c.add(endpointSubject, WillNotWork, "try again later", "plain reads are no longer answered as at first: %s", what)
				return
			}
		}
	}
	c.pace()
}

// failed reports whether one of the exchanges from one on has failed.
func (c *check) failed(from int) bool {
	return slices.ContainsFunc(c.exchanges[from:], func(x exchange.Exchange) bool {
		_, says := told(&x)
		return !says
	})
}

// read reads a graph with a token instead of the run's own credentials, or with those for "".
func (c *check) read(ctx context.Context, graph, token string) exchange.Exchange {
	t := c.readTemplate(c.target.ShownBy, pathEscape(graph), "")
	if token != "" {
		t.Headers = []cases.Header{{Name: ges.TokenHeader, Value: token}}
	}
	return c.deliver(ctx, preflightCase, "read", t, false, 0)
}

// told returns what came of a read, and whether it is an answer that says something.
func told(x *exchange.Exchange) (what string, says bool) {
	switch {
	case x.Failure != nil:
		return x.Failure.Message, false
	case judge.Throttled(x), x.Status() >= http.StatusInternalServerError:
		return inShort(x), false
	}
	return inShort(x), true
}

// absentGraph adds whether a graph id can be shown to be of no graph, without which nothing but
// reads is inert.
func (c *check) absentGraph(ctx context.Context) {
	const subject = "absent-graph-id"
	if c.partial.noGraph != "" {
		c.add(subject, Unknown, "", "no read shows that there is no graph %s, as you vouch; a run first asks to upgrade it, which must be refused", c.absent)
		return
	}
	before := len(c.exchanges)
	err := c.proveAbsent(ctx, preflightCase, c.absent, pathEscape(c.absent))
	if len(c.exchanges) == before {
		c.add(subject, Unknown, "", "was not read: %v", err)
		return
	}
	what, says := told(&c.exchanges[len(c.exchanges)-1])
	switch {
	case err == nil:
		c.add(subject, OK, "", "a graph that does not exist is answered %s, so that requests to it are inert", what)
	case says:
		c.add(subject, WillNotWork, "check --endpoint, or give an id that no graph has with --absent-graph-id", "a graph that should not exist is answered %s, so that no request to it is known to be inert", what)
	default:
		c.add(subject, Unknown, "", "a graph that does not exist cannot be read (%s): a run would hold that against the deployment", what)
	}
}

// readAs reads the graph with the token of an option. If there is none, or the read fails, it says so
// and returns nil.
func (c *check) readAs(ctx context.Context, option, token string) (x *exchange.Exchange, what string) {
	if c.untried(option, token) {
		return nil, ""
	}
	read := c.read(ctx, c.config.GraphID, token)
	what, says := told(&read)
	if !says {
		c.add(option, Unknown, "", "the read has failed: %s", what)
		return nil, what
	}
	return &read, what
}

func (c *check) readonlyToken(ctx context.Context) {
	x, what := c.readAs(ctx, readonlyOption, c.config.ReadonlyToken)
	switch {
	case x == nil:
	case accepted(x):
		c.add(readonlyOption, OK, "", "is accepted for a plain read; no read shows that it may not upgrade")
	case refused(x):
		c.add(readonlyOption, WillNotWork, "get another one, or leave it out", "is refused even for a plain read (%s)", what)
	default:
		c.add(readonlyOption, Unknown, "", "a plain read is answered %s", what)
	}
}

func (c *check) expiredToken(ctx context.Context) {
	x, what := c.readAs(ctx, expiredOption, c.config.ExpiredToken)
	switch {
	case x == nil:
	case refused(x):
		c.add(expiredOption, OK, "", "is refused (%s)", what)
	case accepted(x):
		c.add(expiredOption, Unknown, "make sure that it has expired", "is accepted (%s): a run would hold that against the deployment", what)
	default:
		c.add(expiredOption, Unknown, "", "a plain read is answered %s", what)
	}
}

// untried reports whether a fixture is not tried: there is none, it is known to be something else, or
// there is no read to try it with, which it adds.
func (c *check) untried(option, fixture string) bool {
	switch {
	case fixture == "" || c.has(option):
		return true
	case c.partial.noGraph != "":
		c.add(option, Unknown, "", "no read shows anything of it: %s", c.partial.noGraph)
		return true
	}
	return false
}

func (c *check) stopped(ctx context.Context) {
	const subject, advice = stoppedOption, "stop it, name another one, or leave it out"
	if c.untried(subject, c.config.StoppedGraphID) {
		return
	}
	x := c.readGraph(ctx, preflightCase, &c.stoppedGraph)
	what, says := told(&x)
	switch state := c.c.GraphState(c.stoppedGraph.status); {
	case !says:
		c.add(subject, Unknown, "", "the read has failed: %s", what)
	case !accepted(&x):
		c.add(subject, WillNotWork, advice, "is not shown (%s)", what)
	case state == nil:
		c.add(subject, WillNotWork, advice, "is in an unknown state (status %s)", shortened(c.stoppedGraph.status))
	case state.Relation != contract.Stopped:
		c.add(subject, WillNotWork, advice, "is %s (status %s)", state.Name, state.Status)
	default:
		c.add(subject, OK, "", "is %s (status %s), version %s", state.Name, state.Status, shortened(c.stoppedGraph.version))
	}
}

func (c *check) foreign(ctx context.Context) {
	const subject, advice = foreignOption, "make sure that it belongs to another project"
	if c.untried(subject, c.config.ForeignGraphID) {
		return
	}
	x := c.read(ctx, c.config.ForeignGraphID, "")
	what, says := told(&x)
	switch {
	case !says:
		c.add(subject, Unknown, "", "the read has failed: %s", what)
	case accepted(&x):
		c.add(subject, Unknown, advice, "is shown (%s): a run would hold that against the deployment", what)
	default:
		c.add(subject, OK, "", "is not shown to this project (%s); no read shows that another project has it", what)
	}
}

// jobs adds whether there is a read of jobs, without which no upgrade can be followed.
func (c *check) jobs(ctx context.Context) {
	const advice = "if the deployment has no such read, say so with --absent-graph-id"
	x := c.deliver(ctx, preflightCase, readJobAim, c.readTemplate(c.job.ShownBy, pathEscape(c.anyGraph()), pathEscape(c.absentJob)), false, 0)
	what, says := told(&x)
	switch why := c.notThere(ctx, c.job.ShownBy, &x); {
	case !says:
		c.add(c.job.ShownBy, Unknown, "", "the read has failed: %s", what)
	case why != "" && c.config.AbsentGraphID != "":
		c.add(c.job.ShownBy, OK, "", "%s; upgrades are judged by the graph", why)
	case why != "":
		c.add(c.job.ShownBy, Unknown, advice, "%s: a run would hold that against the deployment", why)
	default:
		c.add(c.job.ShownBy, OK, "", "a job that does not exist is answered %s", what)
	}
}

// list adds whether there is a list of jobs, which shows what others do to the graph meanwhile.
func (c *check) list(ctx context.Context) {
	const subject = "listJobs"
	c.snapshotBefore(ctx)
	switch {
	case c.before == nil:
	case c.before.Gap != "":
		c.add(subject, Unknown, "keep others off the graph during a run", "%s: a run could not tell an upgrade by somebody else", c.before.Gap)
	default:
		under := 0
		for _, j := range c.before.Jobs {
			if j.UnderWay() {
				under++
			}
		}
		if under > 0 {
			c.add(subject, Unknown, "wait until they have ended", "%d of the %d jobs of the graph are under way", under, len(c.before.Jobs))
			return
		}
		c.add(subject, OK, "", "lists %d jobs of the graph, none under way", len(c.before.Jobs))
	}
}

// pace adds whether reads were throttled.
func (c *check) pace() {
	throttled := 0
	var longest time.Duration
	for i := range c.exchanges {
		if judge.Throttled(&c.exchanges[i]) {
			throttled++
		}
		longest = max(longest, c.exchanges[i].Duration)
	}
	if throttled > 0 {
		c.add("rate", Unknown, "set a lower --rate", "%d of %d reads were throttled", throttled, len(c.exchanges))
		return
	}
	c.add("rate", OK, "", "none of %d reads was throttled; the slowest took %s", len(c.exchanges), longest.Round(time.Millisecond))
}
