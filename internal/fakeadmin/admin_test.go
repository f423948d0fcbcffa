package fakeadmin

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
)

// A site is a fake with its administration. Tests send requests to it without a network.
type site struct {
	*fakeserver.Server
	t       *testing.T
	handler http.Handler
}

func newSite(t *testing.T, options ...fakeserver.Option) *site {
	t.Helper()
	s := fakeserver.New(options...)
	return &site{s, t, Mount(s)}
}

// ask sends a request and returns the answer and its body. header has pairs of names and
// values; the name may be Host.
func (s *site) ask(method, target, body string, header ...string) (*http.Response, string) {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, "http://127.0.0.1:8080/", strings.NewReader(body))
	r.Method, r.RequestURI = method, target
	path, query, _ := strings.Cut(target, "?")
	r.URL.Path, r.URL.RawQuery = path, query
	for pair := range slices.Chunk(header, 2) {
		if pair[0] == "Host" {
			r.Host = pair[1]
			continue
		}
		r.Header.Add(pair[0], pair[1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	answer := w.Result()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer, string(text)
}

// get sends a GET and expects 200.
func (s *site) get(target string) string {
	s.t.Helper()
	answer, body := s.ask(http.MethodGet, target, "")
	if answer.StatusCode != http.StatusOK {
		s.t.Fatalf("GET %s: expected 200, got %s: %s", target, answer.Status, body)
	}
	return body
}

// upgrade asks the fake to upgrade its graph.
func (s *site) upgrade(body string) {
	s.t.Helper()
	f := s.Fixtures()
	s.ask(http.MethodPost, "/v2/"+f.ProjectID+"/graphs/"+f.GraphID+"/upgrade", body, "X-Auth-Token", f.Token, "Content-Type", "application/json")
}

func decode[T any](t *testing.T, body string) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(body), &value); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return value
}

// wantError checks that an answer is an error in JSON whose message begins in lower case
// and contains says.
func wantError(t *testing.T, answer *http.Response, body string, status int, says string) {
	t.Helper()
	message := decode[map[string]string](t, body)["error"]
	if answer.StatusCode != status || !strings.Contains(message, says) || strings.ToLower(message[:1]) != message[:1] {
		t.Errorf("expected %d and %q, got %s: %s", status, says, answer.Status, body)
	}
	if kind := answer.Header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("expected an error in application/json, got %q", kind)
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for path, allow := range map[string]string{
		"/_fake/": "GET, HEAD, POST", "/_fake/style.css": "GET, HEAD", "/_fake/page.js": "GET, HEAD", "/_fake/icon.svg": "GET, HEAD",
		"/_fake/reset": "POST", "/_fake/scenario": "PUT", "/_fake/scenario/schema": "GET, HEAD", "/_fake/clock": "GET, HEAD, POST",
		"/_fake/state": "GET, HEAD", "/_fake/journal": "GET, HEAD", "/_fake/metrics": "GET, HEAD", "/_fake/events": "GET, HEAD",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "SPY"} {
			if method == "GET" && path == "/_fake/events" {
				continue // the answer does not end
			}
			answer, body := s.ask(method, path, "")
			if slices.Contains(strings.Split(allow, ", "), method) {
				if answer.StatusCode == http.StatusMethodNotAllowed || answer.StatusCode == http.StatusNotFound {
					t.Errorf("%s %s: expected it to be served, got %s", method, path, answer.Status)
				}
				continue
			}
			wantError(t, answer, body, http.StatusMethodNotAllowed, "expected "+strings.ReplaceAll(allow, ", ", " or "))
			if got := answer.Header.Get("Allow"); got != allow {
				t.Errorf("%s %s: expected Allow: %s, got %q", method, path, allow, got)
			}
		}
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/_fake/nothing", "/_fake/state/", "/_fake//", "/_fake/../_fake/state", "/_fake/page.html", "/_fake/%2e"} {
		answer, body := s.ask(http.MethodGet, path, "")
		wantError(t, answer, body, http.StatusNotFound, "unknown path")
	}
	if answer, _ := s.ask(http.MethodGet, "/_fake", ""); answer.StatusCode != http.StatusMovedPermanently || answer.Header.Get("Location") != Root {
		t.Errorf("expected /_fake to lead to %s, got %s", Root, answer.Status)
	}
	for _, path := range []string{"/", "/_fakes", "/v2/_fake/"} {
		before := len(s.Journal(0))
		s.ask(http.MethodGet, path, "")
		if len(s.Journal(0)) != before+1 {
			t.Errorf("expected %s to be answered by the fake", path)
		}
	}
	before := len(s.Journal(0))
	s.get("/_fake/state")
	if len(s.Journal(0)) != before {
		t.Error("expected the administration to stay out of the journal")
	}
	answer := httptest.NewRecorder()
	newHandler(s.Server).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/v2/x", nil))
	wantError(t, answer.Result(), answer.Body.String(), http.StatusNotFound, "unknown path")
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/_fake/", "/_fake/page.js", "/_fake/state", "/_fake/nothing"} {
		answer, _ := s.ask(http.MethodGet, path, "")
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		} {
			if got := answer.Header.Get(name); got != want {
				t.Errorf("%s: expected %s: %s, got %q", path, name, want, got)
			}
		}
		policy := answer.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: expected a policy that allows nothing but what is served here, got %q", path, policy)
		}
	}
}

// With DNS rebinding, the name of a page's host resolves to this server, so that the
// browser takes the page and the server for the same origin.
func TestForeignHostsAreRefused(t *testing.T) {
	t.Parallel()
	s := fakeserver.New()
	for _, tt := range []struct {
		host    string
		allowed bool
	}{
		{"127.0.0.1", true}, {"127.0.0.1:8080", true}, {"10.1.2.3:80", true}, {"[::1]", true}, {"[::1]:8080", true},
		{"localhost", true}, {"LocalHost:8080", true}, {"Fake.Example:443", true}, {"fake.example", true},
		{"", false}, {"evil.example", false}, {"evil.example:8080", false}, {"localhost.evil.example", false},
		{"127.0.0.1.evil.example", false}, {"127.1", false}, {"2130706433", false}, {"fake.example.evil.example", false},
		{"localhost:8080:8080", false}, {"evil.example@localhost", false},
	} {
		for _, path := range []string{"/_fake/", "/_fake/state", "/_fake/journal", "/_fake/nothing"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			r.Host = tt.host
			w := httptest.NewRecorder()
			newHandler(s, WithHosts("fake.Example")).ServeHTTP(w, r)
			if tt.allowed != (w.Code != http.StatusForbidden) {
				t.Errorf("%q: expected allowed to be %t, got %d", tt.host, tt.allowed, w.Code)
			}
			if !tt.allowed {
				wantError(t, w.Result(), w.Body.String(), http.StatusForbidden, "expected a host")
			}
		}
	}
}

func TestForeignOriginsChangeNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.upgrade(`{}`)
	before := s.Now()
	for _, header := range [][]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
		{"Origin", "http://127.0.0.1:9999"},
	} {
		for _, order := range [][3]string{
			{"POST", "/_fake/reset", ""}, {"PUT", "/_fake/scenario", "{}"}, {"POST", "/_fake/clock", `{"advance":"1000h"}`}, {"POST", "/_fake/", "reset=true"},
		} {
			answer, body := s.ask(order[0], order[1], order[2], header...)
			wantError(t, answer, body, http.StatusForbidden, "expected a request from this origin")
		}
	}
	if len(s.Journal(0)) != 1 || s.Now().Sub(before).Hours() > 1 {
		t.Error("expected nothing to have changed")
	}
	for _, header := range [][]string{{}, {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}, {"Origin", "http://127.0.0.1:8080"}} {
		if answer, body := s.ask(http.MethodPost, "/_fake/reset", "", header...); answer.StatusCode != http.StatusNoContent {
			t.Errorf("%q: expected 204, got %s: %s", header, answer.Status, body)
		}
	}
}
