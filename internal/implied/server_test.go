package implied_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

// A client sends to a test server. What a run sends in earnest, wire does.
type client struct {
	base string
	mu   sync.Mutex
	n    int
}

func (c *client) Send(ctx context.Context, caseID, aim string, t cases.Template) exchange.Exchange {
	c.mu.Lock()
	c.n++
	x := exchange.Exchange{Sequence: c.n, Case: caseID, Aim: aim, Risk: "inert", Started: time.Now(), URL: c.base + t.Path}
	c.mu.Unlock()
	x.Request = contract.Request{Method: t.Method, Path: t.Path, Header: http.Header{}, Body: []byte(t.Body)}
	request, err := http.NewRequestWithContext(ctx, t.Method, c.base+t.Path, strings.NewReader(string(t.Body)))
	if err != nil {
		x.Failure = &exchange.Failure{Kind: exchange.NotSent, Message: err.Error()}
		return x
	}
	for _, h := range t.Headers {
		request.Header.Add(h.Name, h.Value)
	}
	x.Request.Header = request.Header.Clone()
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		x.Failure = &exchange.Failure{Kind: exchange.Dropped, Message: err.Error()}
		return x
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		x.Failure = &exchange.Failure{Kind: exchange.Cut, Message: errors.Unwrap(err).Error()}
	}
	x.Answer = &contract.Answer{Status: answer.StatusCode, Header: answer.Header, Body: body}
	return x
}

func (c *client) SendFresh(ctx context.Context, caseID, aim string, t cases.Template) exchange.Exchange {
	return c.Send(ctx, caseID, aim, t)
}

func load(t *testing.T, document string) *contract.Contract {
	t.Helper()
	c, err := contract.Parse("test.yaml", []byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// judged runs against a handler.
func judged(t *testing.T, document string, h http.Handler, change func(*implied.Options)) implied.Report {
	t.Helper()
	return judgedBy(t, load(t, document), h, change)
}

// judgedBy does the same with a document that is loaded.
func judgedBy(t *testing.T, c *contract.Contract, h http.Handler, change func(*implied.Options)) implied.Report {
	t.Helper()
	server := httptest.NewServer(h)
	defer server.Close()
	o := implied.Options{Contract: c, Sender: &client{base: server.URL}, Recovery: time.Millisecond}
	if change != nil {
		change(&o)
	}
	report, err := implied.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// broken returns the requirements that a server breaks, and the cases that show it.
func broken(report implied.Report, v judge.Verdict) []string {
	var all []string
	for _, result := range report.Results {
		for _, f := range result.Findings {
			if line := f.Requirement + " by " + result.Case; f.Verdict == v && !slices.Contains(all, line) {
				all = append(all, line)
			}
		}
	}
	slices.Sort(all)
	return all
}

func verdictOf(t *testing.T, report implied.Report, caseID string) judge.Result {
	t.Helper()
	for _, r := range report.Results {
		if r.Case == caseID {
			return r
		}
	}
	t.Fatalf("no result of %q", caseID)
	return judge.Result{}
}
