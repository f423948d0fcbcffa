package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/wire"
)

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
		return noVersion == nil && e.target.Changeable(e.graph.status)
	}
	return true
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
	case !c.target.Changeable(c.graph.status) && risk > cases.Inert:
		c.add(graphSubject, WillNotWork, "wait until it runs, or start it, "+advice, "%.60q is %s: only inert requests can be sent while it does not run", c.graph.name, c.stateName())
	case noVersion != nil && risk > cases.Inert:
		c.add(graphSubject, WillNotWork, advice, "%.60q shows version %s, which is none: only inert requests can be sent", c.graph.name, shortened(c.graph.version))
	case !c.target.Changeable(c.graph.status):
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
