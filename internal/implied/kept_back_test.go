package implied_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

// A careful client keeps requests with some text in them back, as the gate does.
type careful struct {
	*client
	text string
}

func (c careful) Send(ctx context.Context, caseID, aim string, t cases.Template) exchange.Exchange {
	if strings.Contains(t.Path, c.text) {
		return exchange.Exchange{Case: caseID, Aim: aim, Failure: &exchange.Failure{Kind: exchange.NotSent, Message: "not sent: it names another pet"}}
	}
	return c.client.Send(ctx, caseID, aim, t)
}

// What the gate keeps back is not applicable, with the reason: the server is neither accused of it, nor does it
// make the run one that could not judge.
func TestKeptBack(t *testing.T) {
	report := judged(t, pets, petServer{}, func(o *implied.Options) {
		withKey(o)
		o.Sender = careful{o.Sender.(*client), "limit="}
	})
	r := verdictOf(t, report, "GET /pets: query limit: maximum+1")
	if r.Verdict != judge.NotApplicable || r.Reason != "not sent: it names another pet" {
		t.Errorf("expected not-applicable, got %s: %s", r.Verdict, r.Reason)
	}
	if len(report.Unsent) > 0 {
		t.Errorf("expected nothing that a limit has cut off, got %q", report.Unsent)
	}
}
