package engine

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/wire"
)

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

// subjectOf returns what a fault of Preflight is about.
func (c *check) subjectOf(x *exchange.Exchange) string {
	switch {
	case x.Failure != nil && x.Failure.Kind == exchange.NotSent:
		return credentialsSubject // no source gives a token
	case x.Failure != nil && x.Failure.TLS:
		return tlsSubject
	case x.Failure != nil, judge.Throttled(x), x.Status() >= http.StatusInternalServerError && !noSuchAPI(x):
		return endpointSubject
	case accepted(x) && looksLikeJSON(x.Answer) && x.Request.Path != c.readTemplate(c.target.ShownBy, pathEscape(c.config.GraphID), "").Path:
		return "absent-graph-id"
	case accepted(x) && looksLikeJSON(x.Answer):
		return "confirm-graph"
	case refused(x) && !c.unknownGraph(x):
		return credentialsSubject
	case c.fit(x, contract.OtherProject, ges.ProjectParameter) > max(c.fit(x, contract.Unknown, c.target.NamedBy), contract.Unlisted):
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
