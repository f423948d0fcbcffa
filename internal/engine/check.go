package engine

import (
	"context"
	"fmt"

	"github.com/gesconform/gesconform/internal/exchange"
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

// The subjects that no option names.
const (
	endpointSubject    = "endpoint"
	credentialsSubject = "credentials"
	graphSubject       = "graph-id"
	tlsSubject         = "TLS"
)
