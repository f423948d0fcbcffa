package serving

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// sized returns a request whose URI and whose request line and headers together have the
// given sizes.
func sized(t *testing.T, uri, head int) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/"+strings.Repeat("u", uri-1), nil)
	r.Header.Set("X-Fill", "")
	r.Header.Add("X-Fill", "")
	if missing := head - headerSize(r); missing > 0 {
		r.Header["X-Fill"] = []string{strings.Repeat("v", missing/2), strings.Repeat("v", missing-missing/2)}
	}
	return r
}

func TestTooLargeHeads(t *testing.T) {
	t.Parallel()
	passed := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for _, tt := range []struct {
		name      string
		uri, head int
		status    int
		message   string
	}{
		{name: "ordinary", uri: 100, head: 500, status: http.StatusNoContent},
		{name: "largest URI", uri: 8 << 10, head: 9 << 10, status: http.StatusNoContent},
		{name: "URI too large", uri: 8<<10 + 1, head: 9 << 10, status: 414, message: "Request URI too large"},
		{name: "largest head", uri: 100, head: 32 << 10, status: http.StatusNoContent},
		{name: "head too large", uri: 100, head: 32<<10 + 1, status: 494, message: "Request headers too large"},
		{name: "both too large", uri: 8<<10 + 1, head: 40 << 10, status: 414, message: "Request URI too large"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := httptest.NewRecorder()
			limit(passed).ServeHTTP(got, sized(t, tt.uri, tt.head))
			if got.Code != tt.status {
				t.Errorf("expected %d, got %d", tt.status, got.Code)
			}
			if tt.message != "" {
				gatewayForm(t, got, tt.message)
			}
		})
	}
}

// gatewayForm makes sure that an answer has the form of the gateway's.
func gatewayForm(t *testing.T, got *httptest.ResponseRecorder, message string) {
	t.Helper()
	var body map[string]string
	if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil {
		t.Fatalf("expected JSON, got %s: %v", got.Body, err)
	}
	id := body["request_id"]
	if len(body) != 3 || body["error_code"] != "APIGW.0201" || body["error_msg"] != message || !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(id) {
		t.Errorf("expected APIGW.0201, %q and an id, got %s", message, got.Body)
	}
	header := got.Header()
	if header.Get("X-Request-Id") != id || header.Get("Content-Type") != "application/json" || header.Get("Server") != "" {
		t.Errorf("expected the id %s, application/json and no Server, got %v", id, header)
	}
}

func TestIDsOfRefusalsDiffer(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	for range 100 {
		got := httptest.NewRecorder()
		limit(http.NotFoundHandler()).ServeHTTP(got, sized(t, 9<<10, 0))
		ids[got.Header().Get("X-Request-Id")] = true
	}
	if len(ids) != 100 {
		t.Errorf("expected 100 different ids, got %d", len(ids))
	}
}

// ordinary returns a request such as clients send.
func ordinary() *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/v2/p/graphs/g/upgrade", nil)
	for _, name := range []string{"X-Auth-Token", "Content-Type", "User-Agent", "Accept", "Accept-Encoding"} {
		r.Header.Set(name, "some value")
	}
	return r
}

func TestOrdinaryRequestsAllocateNothing(t *testing.T) {
	handler, r, w := limit(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})), ordinary(), httptest.NewRecorder()
	if n := testing.AllocsPerRun(1000, func() { handler.ServeHTTP(w, r) }); n != 0 {
		t.Errorf("expected no allocation, got %v", n)
	}
}

// The default timeouts. There must be no WriteTimeout, which would cut off streams.
func TestDefaultTimeouts(t *testing.T) {
	t.Parallel()
	s := New(nil, nil)
	if h := &s.http; h.ReadHeaderTimeout != headerTimeout || h.ReadTimeout != requestTimeout || h.IdleTimeout != idleTimeout || h.WriteTimeout != 0 || s.grace != shutdownGrace {
		t.Errorf("got %s, %s, %s, %s and %s", h.ReadHeaderTimeout, h.ReadTimeout, h.IdleTimeout, h.WriteTimeout, s.grace)
	}
}

func BenchmarkLimit(b *testing.B) {
	handler, r, w := limit(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})), ordinary(), httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(w, r)
	}
}
