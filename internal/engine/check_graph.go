package engine

import (
	"fmt"

	"github.com/gesconform/gesconform/internal/ges"
)

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
