package wire_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/wire"
)

// recordedConn notes what is written to it.
type recordedConn struct {
	net.Conn
	note func(text string)
}

func (c recordedConn) Write(p []byte) (int, error) {
	c.note(string(p))
	return c.Conn.Write(p)
}

// The last byte of neither of two requests that go together is written before all others of both
// are; so it is even if the token is larger than any buffer.
func TestTogether(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	for _, size := range []int{20, 5000, 70000} {
		const body = `{"upgrade_version":"2.2.9"}`
		var mu sync.Mutex
		var early, late int // requests of which all but the last byte, and that one, was written
		c := config.Default()
		c.Endpoint, c.ProjectID, c.GraphID, c.Token = server.URL, "p", "g", strings.Repeat("t", size)
		c.Risk, c.Rate = cases.Destructive, 0
		c.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return recordedConn{conn, func(text string) {
				mu.Lock()
				defer mu.Unlock()
				switch {
				case strings.HasSuffix(text, strings.TrimSuffix(body, "}")):
					early++
				case text == "}":
					if late++; early != 2 {
						t.Errorf("%d bytes: expected all but the last byte of both to be written first", size)
					}
				case strings.HasSuffix(text, body):
					t.Errorf("%d bytes: expected the last byte to be written by itself", size)
				}
			}}, err
		}
		client := wire.New(&c)
		t.Cleanup(client.Close)
		r := cases.Template{Method: http.MethodPost, Path: "/v2/p/graphs/g/upgrade", Body: body, Headers: []cases.Header{{Name: "X-Auth-Token", Value: c.Token}}}
		sent := client.SendTogether(t.Context(), "case", "together", r)
		if string(sent[0].Answer.Body) != body || sent[1].Status() != http.StatusOK || sent[0].Sequence >= sent[1].Sequence || sent[0].Risk != "destructive" {
			t.Errorf("%d bytes: expected two answers in order, got %+v and %+v", size, sent[0].Failure, sent[1].Failure)
		}
		if late != 2 {
			t.Errorf("%d bytes: expected two last bytes, got %d", size, late)
		}
	}
}

// If nobody can be reached, neither waits for the other; what may not be sent is not.
func TestTogetherWithoutServer(t *testing.T) {
	t.Parallel()
	c := config.Default()
	c.Endpoint, c.ProjectID, c.GraphID, c.Token, c.Risk = "http://127.0.0.1:1", "p", "g", "a-token", cases.Destructive
	r := cases.Template{Method: http.MethodPost, Path: "/v2/p/graphs/g/upgrade", Body: `{"upgrade_version":"2.2.9"}`}
	for _, allowed := range []cases.Risk{cases.Destructive, cases.Guarded} {
		c.Risk = allowed
		client := wire.New(&c)
		for _, x := range client.SendTogether(t.Context(), "case", "together", r) {
			if want := map[cases.Risk]string{cases.Destructive: "unreachable", cases.Guarded: "not-sent"}[allowed]; x.Failure == nil || string(x.Failure.Kind) != want {
				t.Errorf("expected %s, got %+v", want, x.Failure)
			}
		}
		client.Close()
	}
}
