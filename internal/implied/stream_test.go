package implied_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

const watched = `
openapi: 3.0.3
info: {title: Watched, version: "1"}
paths:
  /events:
    get:
      operationId: events
      responses: {'200': {description: events, content: {text/event-stream: {}}}}
  /things:
    get:
      operationId: things
      parameters: [{name: watch, in: query, schema: {type: boolean}}]
      responses: {'200': {description: things, content: {application/json: {schema: {type: array, items: {}}}}}}
`

// A streaming client answers as a server does whose answers go on after the time limit.
type streaming struct{ length string }

func (s streaming) Send(_ context.Context, caseID, aim string, t cases.Template) exchange.Exchange {
	x := exchange.Exchange{Case: caseID, Aim: aim, Request: contract.Request{Method: t.Method, Path: t.Path}}
	x.Answer = &contract.Answer{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte("[]")}
	if strings.Contains(t.Path, "watch=") || strings.HasPrefix(t.Path, "/events") {
		x.Failure = &exchange.Failure{Kind: exchange.TimedOut, Message: "the answer's body did not end within 30s"}
		if s.length != "" {
			x.Answer.Header.Set("Content-Length", s.length)
		}
	}
	return x
}

func (s streaming) SendFresh(ctx context.Context, caseID, aim string, t cases.Template) exchange.Exchange {
	return s.Send(ctx, caseID, aim, t)
}

// A server that streams is not accused, and one that owes the rest of an answer is.
func TestAStreamIsNoMissingAnswer(t *testing.T) {
	for _, length := range []string{"", "1000"} {
		report, err := implied.Run(t.Context(), implied.Options{Contract: load(t, watched), Sender: streaming{length}, Recovery: 1})
		if err != nil {
			t.Fatal(err)
		}
		got := slices.ContainsFunc(broken(report, judge.Deviates), func(line string) bool { return strings.HasPrefix(line, "request.answered") })
		if got != (length != "") {
			t.Errorf("length %q: got %q", length, broken(report, judge.Deviates))
		}
		r := verdictOf(t, report, "GET /things: query watch: given")
		if length == "" && (r.Verdict != judge.Masked || !strings.Contains(r.Reason, "stream") || len(r.Exchanges) != 1) {
			t.Errorf("expected masked by one exchange, got %s by %d: %s", r.Verdict, len(r.Exchanges), r.Reason)
		}
	}
}
