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
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/wire"
)

// A State says whether something is as a run with these options needs it.
type State string

// The states.
const (
	OK          State = "ok"
	WillNotWork State = "will not work"
	Unknown     State = "unknown" // the reads do not tell
)

// An Item is one thing that a run rests on, and what reads have shown of it.
type Item struct {
	Subject string `json:"subject"` // the option that names it, if one does
	State   State  `json:"state"`
	Found   string `json:"found"`
	Advice  string `json:"advice,omitempty"` // what to do; "" if Found says it, or there is nothing to do
}

// A check collects items. Its reads have no control, and none waits for what is lost.
type check struct {
	*Engine
	exchanges []exchange.Exchange
	items     []Item
}

func (c *check) add(subject string, state State, advice, found string, args ...any) {
	c.items = append(c.items, Item{subject, state, fmt.Sprintf(found, args...), advice})
}

// Check finds out by reads what a run with the same options would rest on. The configuration must
// allow nothing but reads. The error is ctx's.
func (e *Engine) Check(ctx context.Context) ([]Item, error) {
	c := &check{Engine: e}
	e.hooks.Exchange = func(x exchange.Exchange) error {
		c.exchanges = append(c.exchanges, x)
		return nil
	}
	fault := e.Preflight(ctx)
	c.connection(fault)
	if fault == nil && ctx.Err() == nil {
		c.items = append(c.items, e.Foreseen()...)
		c.reads(ctx)
	}
	return c.items, ctx.Err()
}

// connection adds what the first exchange shows of the way to the service, and the fault that
// Preflight has found.
func (c *check) connection(fault error) {
	subject := ""
	if len(c.exchanges) == 0 {
		if fault != nil {
			c.add("contract", WillNotWork, "", "%s", strings.TrimPrefix(fault.Error(), "contract "))
		}
		return
	}
	x := &c.exchanges[0]
	if fault != nil {
		x = &c.exchanges[len(c.exchanges)-1] // which the fault is about
		subject = c.subjectOf(x)
	}
	if x.Answer != nil && subject != endpointSubject {
		c.add(endpointSubject, OK, "", "GET %s: %d after %s, %s", x.URL, x.Status(), x.Duration.Round(time.Millisecond), c.wire.Connection().Protocol)
	}
	if x.Answer != nil {
		c.kind(x)
		c.security(x)
		c.clock(x)
	}
	switch {
	case fault != nil:
		c.add(subject, WillNotWork, "", "%s", strings.TrimPrefix(fault.Error(), subject+": "))
	case accepted(x), c.unknownGraph(x): // which is said after the credentials were found to be good
		c.credentials()
	default:
		c.add(credentialsSubject, Unknown, "", "no read is accepted (%s), so that nothing shows whether they are", inShort(x))
	}
}

// The subjects that no option names.
const (
	endpointSubject    = "endpoint"
	credentialsSubject = "credentials"
	graphSubject       = "graph-id"
	tlsSubject         = "TLS"
)

// subjectOf returns what a fault of Preflight is about.
func (c *check) subjectOf(x *exchange.Exchange) string {
	switch {
	case x.Failure != nil && x.Failure.Kind == exchange.NotSent:
		return credentialsSubject // no source gives a token
	case x.Failure != nil && strings.Contains(x.Failure.Message, "tls: "), x.Failure != nil && strings.Contains(x.Failure.Message, "x509: "):
		return tlsSubject
	case x.Failure != nil, judge.Throttled(x), x.Status() >= http.StatusInternalServerError && !noSuchAPI(x):
		return endpointSubject
	case accepted(x) && looksLikeJSON(x.Answer) && x.Request.Path != c.readTemplate(ges.ShowGraph, pathEscape(c.config.GraphID), "").Path:
		return "absent-graph-id"
	case accepted(x) && looksLikeJSON(x.Answer):
		return "confirm-graph"
	case refused(x) && !c.unknownGraph(x):
		return credentialsSubject
	case c.fit(x, contract.OtherProject, ges.ProjectParameter) > max(c.fit(x, contract.Unknown, ges.GraphParameter), contract.Unlisted):
		return "project-id"
	case c.unknownGraph(x), ges.FromService(x.Code()):
		return graphSubject
	}
	return endpointSubject
}

// kind adds whether the fake server has answered.
func (c *check) kind(x *exchange.Exchange) {
	switch {
	case ges.IsFake(x.Answer.Header):
		c.add("deployment", OK, "", "the fake server of gesconform")
	case c.config.Loopback():
		c.add("deployment", Unknown, "", "%s", tunnel)
	default:
		c.add("deployment", OK, "", "no fake server: what a run does is done to a real graph")
	}
}

// clock adds how far apart the clocks are. It matters for signatures, and for when tokens end.
func (c *check) clock(x *exchange.Exchange) {
	const subject = "clock"
	ahead, known := wire.ClockAhead(x)
	switch off := ahead.Abs() > wire.ClockTolerance; {
	case !known:
		c.add(subject, Unknown, "", "the endpoint does not say what time it is")
	case off && c.config.Signs():
		c.add(subject, Unknown, "set this machine's clock", "the endpoint's is %s, and signatures are valid for a quarter of an hour at most", apart(ahead))
	case off:
		c.add(subject, OK, "", "the endpoint's is %s", apart(ahead))
	default:
		c.add(subject, OK, "", "the endpoint's differs from this machine's by %s", ahead.Abs())
	}
}

func apart(ahead time.Duration) string {
	if ahead < 0 {
		return (-ahead).String() + " behind this machine's"
	}
	return ahead.String() + " ahead of this machine's"
}

// credentials adds that the credentials are accepted, and what is known of their role.
func (c *check) credentials() {
	what := "the token"
	if c.config.Signs() {
		what = "the access key"
	}
	found := what + " is accepted for a plain read; no read shows whether it may upgrade"
	if roles := c.wire.TokenLife().Roles; len(roles) > 0 {
		found += fmt.Sprintf("; its roles: %.200q", strings.Join(roles, ", "))
	}
	c.add(credentialsSubject, OK, "", "%s", found)
}

// Foreseen returns what the first read and the options show of what a run can do. Preflight must
// have found no fault.
func (e *Engine) Foreseen() []Item {
	c := &check{Engine: e}
	c.graphItem()
	c.versions()
	c.tokenEnds()
	c.untilItem()
	c.alike()
	return c.items
}

// LaterVersions returns the given versions that are later than the graph's.
func (e *Engine) LaterVersions() []string { return e.stillLater() }

// Reaches reports whether a request with an aim can be sent, as far as the reads of a check show.
func (e *Engine) Reaches(aim *cases.Aim) bool {
	_, noVersion := contract.ParseVersion(e.graph.version)
	switch {
	case e.partial.noGraph != "":
		return aim.Risk == cases.Inert && aim.Graph != cases.NamedGraph
	case aim.Risk > cases.Inert:
		return noVersion == nil && e.graph.status == ges.GraphRunning
	}
	return true
}

// tunnel is what is said of a loopback address that is not the fake's.
const tunnel = "the endpoint is an address of this machine but does not say that it is the fake server; if it is a tunnel to a deployment, the graph is a real one, and the guards of a loopback address are lower"

// A ShownGraph is what a read has shown of the graph under test.
type ShownGraph struct {
	Shown  string // name, id, version, state, and whether it is the fake server's
	Tunnel string // a warning if the endpoint is a loopback address that may lead elsewhere, or ""
}

// ShownGraph returns what a read has shown of the graph under test.
func (e *Engine) ShownGraph() ShownGraph {
	switch x := e.graph.read; {
	case x == nil || x.Answer == nil:
		return ShownGraph{Shown: e.describeGraph()}
	case ges.IsFake(x.Answer.Header):
		return ShownGraph{Shown: e.describeGraph() + ", of the fake server"}
	case e.config.Loopback():
		return ShownGraph{Shown: e.describeGraph() + ", of no fake server", Tunnel: tunnel}
	default:
		return ShownGraph{Shown: e.describeGraph() + ", of no fake server"}
	}
}

func (e *Engine) describeGraph() string {
	if e.partial.noGraph != "" {
		return "none is read (" + e.partial.noGraph + ")"
	}
	return fmt.Sprintf("%.60q (%s), version %s, %s", e.graph.name, e.graph.id, shortened(e.graph.version), e.stateName())
}

// shortened returns a text of the server as it can stand in a sentence.
func shortened(s string) string {
	if codeLike.MatchString(s) {
		return s
	}
	return fmt.Sprintf("%.40q", s)
}

// stateName returns the name of the graph's state, and its status.
func (e *Engine) stateName() string {
	state := e.c.GraphState(e.graph.status)
	if state == nil {
		return fmt.Sprintf("in an unknown state (status %s)", shortened(e.graph.status))
	}
	return fmt.Sprintf("%s (status %s)", state.Name, state.Status)
}

// graphItem adds whether something can be sent to the graph that is not inert.
func (c *check) graphItem() {
	_, noVersion := contract.ParseVersion(c.graph.version)
	const advice = "or run with --risk inert"
	risk := c.config.Risk
	switch {
	case c.partial.noGraph != "" && risk > cases.Inert:
		c.add(graphSubject, WillNotWork, advice, "nothing but inert requests can be sent: %s", c.partial.noGraph)
	case c.partial.noGraph != "":
		c.add(graphSubject, OK, "", "%s; inert requests need none", c.describeGraph())
	case c.graph.status != ges.GraphRunning && risk > cases.Inert:
		c.add(graphSubject, WillNotWork, "wait until it runs, or start it, "+advice, "%.60q is %s: only inert requests can be sent while it does not run", c.graph.name, c.stateName())
	case noVersion != nil && risk > cases.Inert:
		c.add(graphSubject, WillNotWork, advice, "%.60q shows version %s, which is none: only inert requests can be sent", c.graph.name, shortened(c.graph.version))
	case c.graph.status != ges.GraphRunning:
		c.add(graphSubject, OK, "", "%s; inert requests do not need it running, all others do", c.describeGraph())
	default:
		c.add(graphSubject, OK, "", "%s", c.describeGraph())
	}
}

// versions adds whether an upgrade can start.
func (c *check) versions() {
	const subject = "upgrade-version"
	given, later, most := c.config.UpgradeVersions, c.stillLater(), c.config.Upgrades()
	switch {
	case c.partial.noGraph != "":
	case c.config.Risk < cases.Destructive:
		c.add(subject, OK, "", "%d of the %d given are later; --risk %s starts no upgrade", len(later), len(given), c.config.Risk)
	case most == 0:
		c.add(subject, OK, "", "%d of the %d given are later; --max-upgrades 0 lets none start", len(later), len(given))
	case len(given) == 0:
		c.add(subject, WillNotWork, "give versions later than "+shortened(c.graph.version), "no version is given, so that no upgrade can start")
	case len(later) == 0:
		c.add(subject, WillNotWork, "give later ones", "none of those given (%s) is later than the graph's %s, so that no upgrade can start", inAll(given), shortened(c.graph.version))
	default:
		c.add(subject, OK, "", "%d of the %d given are later: %s; no read shows whether they are on offer", len(later), len(given), inAll(later))
	}
}

// inAll lists versions, or the first and the last of many.
func inAll(versions []string) string {
	if n := len(versions); n > 4 {
		return versions[0] + " to " + versions[n-1]
	}
	return strings.Join(versions, ", ")
}

// shortest is how long a run takes at least, upgrades and waits apart; a token that ends before
// then is about to end.
const shortest = 5 * time.Minute

// tokenEnds adds when the token ends.
func (c *check) tokenEnds() {
	const subject = "token"
	if c.config.Signs() {
		return
	}
	life, now := c.wire.TokenLife(), time.Now()
	if x := c.graph.read; x != nil {
		if ahead, known := wire.ClockAhead(x); known {
			now = now.Add(ahead)
		}
	}
	left := life.Ends.Sub(now).Round(time.Second)
	ends := fmt.Sprintf("ends at %s, in %s", life.Ends.UTC().Format(time.RFC3339), left)
	takes := shortest
	if rate := c.config.RequestRate(); rate > 0 {
		takes = max(takes, time.Duration(float64(c.requests())/rate*float64(time.Second)).Round(time.Second))
	}
	upgrading := takes + time.Duration(min(c.config.Upgrades(), len(c.config.UpgradeVersions)))*c.config.JobTimeout
	const advice = "get another one, or have it fetched with --token-command, --token-file or a login"
	switch {
	case life.Renewed && life.Ends.IsZero():
		c.add(subject, OK, "", "is fetched again when it is refused")
	case life.Renewed:
		c.add(subject, OK, "", "%s; another one is fetched before then", ends)
	case life.Ends.IsZero():
		c.add(subject, Unknown, "", "does not say when it ends")
	case left <= 0:
		c.add(subject, Unknown, advice, "says that it ended at %s, but is accepted", life.Ends.UTC().Format(time.RFC3339))
	case left < takes:
		c.add(subject, WillNotWork, advice, "%s; the run may take %s", ends, takes)
	case left < upgrading:
		c.add(subject, Unknown, advice, "%s; with upgrades of up to %s each (--job-timeout) the run may take %s", ends, c.config.JobTimeout, upgrading)
	default:
		c.add(subject, OK, "", "%s", ends)
	}
}

// requests returns how many requests the selected cases may need.
func (c *check) requests() int {
	n := 0
	for _, k := range c.cases {
		for _, aim := range k.Aims {
			if aim.Risk <= c.config.Risk {
				n++
			}
		}
	}
	return n
}

// untilItem adds whether there is time for what could change something.
func (c *check) untilItem() {
	until := c.config.Until
	switch left := time.Until(until).Round(time.Second); {
	case until.IsZero():
	case c.config.Risk > cases.Inert && left < c.config.JobTimeout:
		c.add("until", WillNotWork, "set a later time or a shorter --job-timeout, or run with --risk inert",
			"is in %s, and an upgrade may take %s (--job-timeout): only inert requests can be sent", left, c.config.JobTimeout)
	default:
		c.add("until", OK, "", "is in %s", left)
	}
}

// The options of the fixtures that a check tries.
const (
	readonlyOption = "readonly-token"
	expiredOption  = "expired-token"
	stoppedOption  = "stopped-graph-id"
	foreignOption  = "foreign-graph-id"
)

// alike adds fixtures that cannot be what they are said to be, since they are something else.
func (c *check) alike() {
	o := c.config
	for _, f := range []struct {
		option, found, advice string
		is                    bool
	}{
		{readonlyOption, "is the token of the run itself", "give another one, or leave it out", c.wire.IsToken(o.ReadonlyToken)},
		{expiredOption, "is the token of the run itself", "give another one, or leave it out", c.wire.IsToken(o.ExpiredToken)},
		{expiredOption, "is the same as --" + readonlyOption, "give another one, or leave it out", o.ExpiredToken != "" && o.ExpiredToken == o.ReadonlyToken},
		{stoppedOption, "is the graph under test", "name another one, or leave it out", o.StoppedGraphID != "" && o.StoppedGraphID == o.GraphID},
		{foreignOption, "is a graph of this project", "name another one, or leave it out", o.ForeignGraphID != "" && (o.ForeignGraphID == o.GraphID || o.ForeignGraphID == o.StoppedGraphID)},
	} {
		if f.is && !c.has(f.option) {
			c.add(f.option, WillNotWork, f.advice, "%s", f.found)
		}
	}
}

// has reports whether there is an item about a subject.
func (c *check) has(subject string) bool {
	return slices.ContainsFunc(c.items, func(i Item) bool { return i.Subject == subject })
}
