package wire_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
)

// Where nothing but reads is allowed, nothing else leaves, whatever the risk and whatever is known.
func TestGateSendsReadsOnly(t *testing.T) {
	server, requests := answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
	client := to(t, server, func(c *config.Config) { c.ReadsOnly, c.AbsentGraphID = true, "vouched" })
	client.ProveAbsent("gone")
	client.Vouch("vouched")
	client.NoteVersion("g", "1.1.1")
	for _, r := range []cases.Template{
		{Method: http.MethodPost, Path: "/v2/p/graphs/gone/upgrade", Body: `{}`},
		{Method: http.MethodPost, Path: "/v2/p/graphs/vouched/upgrade", Body: `{}`},
		{Method: http.MethodPost, Path: "/v2/p/graphs/g/upgrade", Body: `{"upgrade_version":"1.1.1"}`},
		{Method: http.MethodHead, Path: "/v2/p/graphs/g"},
		{Method: http.MethodDelete, Path: "/v2/p/graphs/gone/upgrade"},
		{Method: http.MethodGet, Path: "/v2/p/graphs/gone/upgrade"},
		{Method: http.MethodGet, Path: "/v2/p/graphs/gone", Headers: []cases.Header{{Name: "X-HTTP-Method-Override", Value: "POST"}}},
	} {
		x := client.Send(t.Context(), "case", "aim", r)
		if x.Failure == nil || x.Failure.Kind != exchange.NotSent || !strings.Contains(x.Failure.Message, "only reads are sent") {
			t.Errorf("%s %s: expected a refusal, got %+v", r.Method, r.Path, x.Failure)
		}
	}
	if x := client.Send(t.Context(), "case", "aim", cases.Template{Method: http.MethodGet, Path: "/v2/p/graphs/g"}); x.Status() != http.StatusOK {
		t.Errorf("a read: got %+v", x.Failure)
	}
	if first := <-requests; !strings.HasPrefix(first, "GET /v2/p/graphs/g ") {
		t.Errorf("expected the read to be the first request, got %.80q", first)
	}
}
