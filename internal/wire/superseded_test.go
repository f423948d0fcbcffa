package wire_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
)

// Each request that left is an exchange, with a number of its own.
func TestSupersededExchanges(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		var mu sync.Mutex
		came := 0
		used := map[string]bool{}
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			came++
			if used[r.RemoteAddr] && !http2 {
				if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
					_ = c.Close()
				}
				return
			}
			used[r.RemoteAddr] = true
		}))
		server.EnableHTTP2 = http2
		server.StartTLS()
		t.Cleanup(server.Close)
		client := to(t, server.URL, func(c *config.Config) { c.Insecure = true })
		var before []exchange.Exchange
		client.OnSuperseded(func(x exchange.Exchange) { before = append(before, x) })
		for _, method := range []string{http.MethodGet, http.MethodGet, http.MethodGet} {
			before = nil
			x := client.Send(t.Context(), "case", "aim", withMark(method))
			want := 0
			if !http2 && x.Sequence > 1 {
				want = 1 // every second request on a connection is lost
			}
			if x.Status() != http.StatusOK || len(before) != want {
				t.Errorf("HTTP/2 %t: expected an answer after %d that are superseded, got %+v", http2, want, x)
			}
			for _, b := range before {
				if b.Superseded == "" || b.Failure == nil || b.Failure.Kind != exchange.Dropped || b.Sequence >= x.Sequence || b.Request.Path != x.Request.Path || len(b.Request.Header) == 0 {
					t.Errorf("expected what was lost, got %+v", b)
				}
			}
			mu.Lock()
			if came != x.Sequence {
				t.Errorf("HTTP/2 %t: expected %d exchanges, got %d", http2, came, x.Sequence)
			}
			mu.Unlock()
		}
	}
}

// The answer that refused an old token is kept.
func TestARefusedTokenIsSuperseded(t *testing.T) {
	d := &door{valid: firstToken, code: "APIGW.0301"}
	server := httptest.NewServer(d)
	defer server.Close()
	file := filepath.Join(t.TempDir(), "token")
	write := func(token string) {
		if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(firstToken)
	client := to(t, server.URL, func(c *config.Config) { c.Token, c.TokenFile = "", file })
	now := time.Now()
	client.SetTokenClock(func() time.Time { return now })
	var before []exchange.Exchange
	client.OnSuperseded(func(x exchange.Exchange) { before = append(before, x) })
	client.Send(t.Context(), "case", "aim", withMark(http.MethodGet))
	d.let(t, secondToken)
	write(secondToken)
	now = now.Add(time.Minute)
	x := client.Send(t.Context(), "case", "aim", withMark(http.MethodGet))
	if len(before) != 1 || before[0].Status() != http.StatusUnauthorized || before[0].Superseded != "sent again with a new token" || x.Sequence != 3 || before[0].Sequence != 2 {
		t.Errorf("expected the refusal before the answer, got %+v before %+v", before, x)
	}
}
