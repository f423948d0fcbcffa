package wire

import (
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
)

// A Gate checks every request before it is sent. It classifies the request by its own
// bytes, whatever the case says, and refuses what the user has not allowed. It may be used by
// several goroutines.
type Gate interface {
	// Admit returns the risk of a request whose placeholders are filled, and an error if it must not
	// be sent.
	Admit(r *cases.Template) (cases.Risk, error)
	// Observe is told what came of each request, whether it was sent or not.
	Observe(r *cases.Template, x *exchange.Exchange)
}

// An Option changes a client.
type Option func(*Client)

// WithGate has another gate than that of GES check the requests.
func WithGate(g Gate) Option { return func(t *Client) { t.gate = g } }
