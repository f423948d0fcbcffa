package implied_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

const twoKeys = `
openapi: 3.0.3
info: {title: Two keys, version: "1"}
security: [{left: [], right: []}, {token: []}]
paths:
  /things:
    get:
      operationId: listThings
      responses:
        '200': {description: things}
        '401': {description: no credentials}
components:
  securitySchemes:
    left: {type: apiKey, in: header, name: X-Left}
    right: {type: apiKey, in: query, name: right}
    token: {type: http, scheme: bearer}
`

// Credentials that are needed together are each left out and made up; each alternative is proved first, and one that
// the server refuses is nobody's fault but the user's.
func TestAlternatives(t *testing.T) {
	const token = "t0ken-0123456789"
	server := func(ok func(left, right, token string) bool) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !ok(r.Header.Get("X-Left"), r.URL.Query().Get("right"), strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")) {
				w.WriteHeader(http.StatusUnauthorized)
			}
		})
	}
	given := func(o *implied.Options) {
		o.Credentials = map[string]string{"left": "left-secret-1", "right": "right-secret-2", "token": token}
	}
	for name, tt := range map[string]struct {
		ok   func(left, right, token string) bool
		want []string // deviations
	}{
		"as documented": {func(l, r, k string) bool { return l == "left-secret-1" && r == "right-secret-2" || k == token }, nil},
		"one of two is enough": {
			func(l, r, k string) bool { return l == "left-secret-1" || k == token },
			[]string{
				"credentials.required by GET /things: credentials right: left out",
				"credentials.valid by GET /things: credentials right beside left: made up: a character longer",
				"credentials.valid by GET /things: credentials right beside left: made up: another character at the end",
				"credentials.valid by GET /things: credentials right beside left: made up: another character in the middle",
			},
		},
		"any token": {
			func(l, r, k string) bool { return l == "left-secret-1" && r == "right-secret-2" || k != "" },
			[]string{
				"credentials.valid by GET /things: credentials token: made up: a character longer",
				"credentials.valid by GET /things: credentials token: made up: another character at the end",
				"credentials.valid by GET /things: credentials token: made up: another character in the middle",
			},
		},
		"the token is refused": {func(l, r, _ string) bool { return l == "left-secret-1" && r == "right-secret-2" }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			report := judged(t, twoKeys, server(tt.ok), given)
			if got := broken(report, judge.Deviates); !slices.Equal(got, tt.want) || report.Failure != "" {
				t.Errorf("failure %q, expected %q, got %q", report.Failure, tt.want, got)
			}
			if name != "the token is refused" {
				return
			}
			for _, id := range []string{"GET /things: with credentials token", "GET /things: credentials token: made up: a character longer"} {
				if r := verdictOf(t, report, id); r.Verdict != judge.Error {
					t.Errorf("%s: got %s %s", id, r.Verdict, r.Reason)
				}
			}
		})
	}
}

// Where what is left of the credentials is an alternative of its own, or the connection may have a certificate, it is
// lawful to accept a request that lacks some, or has made-up ones beside them.
func TestWhatIsLeftIsEnough(t *testing.T) {
	for name, tt := range map[string]struct {
		security string
		ok       func(left, token string) bool
		given    map[string]string
	}{
		"a certificate is enough":          {"[{token: []}, {certificate: []}]", func(string, string) bool { return true }, map[string]string{"token": "t0ken-0123"}},
		"a certificate alone":              {"[{certificate: []}]", func(string, string) bool { return true }, nil},
		"a certificate beside a token":     {"[{token: [], certificate: []}]", func(_, k string) bool { return k == "t0ken-0123" }, map[string]string{"token": "t0ken-0123"}},
		"there is no certificate":          {"[{certificate: []}, {token: []}]", func(_, k string) bool { return k == "t0ken-0123" }, map[string]string{"token": "t0ken-0123"}},
		"one of two is an alternative too": {"[{left: [], token: []}, {left: []}]", func(l, _ string) bool { return l == "left-secret-1" }, map[string]string{"left": "left-secret-1", "token": "t0ken-0123"}},
	} {
		document := strings.NewReplacer("[{left: [], right: []}, {token: []}]", tt.security, "securitySchemes:", "securitySchemes:\n    certificate: {type: mutualTLS}").Replace(twoKeys)
		report := judged(t, document, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !tt.ok(r.Header.Get("X-Left"), strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")) {
				w.WriteHeader(http.StatusUnauthorized)
			}
		}), func(o *implied.Options) { o.Credentials = tt.given })
		if got := broken(report, judge.Deviates); len(got) > 0 || report.Failure != "" {
			t.Errorf("%s: failure %q, got %q", name, report.Failure, got)
		}
		if r := verdictOf(t, report, "GET /things: plain"); r.Verdict != judge.Conforms {
			t.Errorf("%s: got %s %s", name, r.Verdict, r.Reason)
		}
		for _, r := range report.Results {
			if r.Verdict == judge.Error {
				t.Errorf("%s: %s: got %s", name, r.Case, r.Reason)
			}
		}
	}
}

// Credentials of every scheme are carried where the scheme says: a server that knows them conforms, and one that takes any
// of that scheme does not.
func TestEverySchemeIsProved(t *testing.T) {
	authorization := func(prefix string) func(*http.Request) string {
		return func(r *http.Request) string {
			got, _ := strings.CutPrefix(r.Header.Get("Authorization"), prefix)
			return got
		}
	}
	for name, tt := range map[string]struct {
		scheme  string
		given   string
		carried func(*http.Request) string
		want    string
	}{
		"key in a header": {"{type: apiKey, in: header, name: X-Key}", "key-0123456789", func(r *http.Request) string { return r.Header.Get("X-Key") }, "key-0123456789"},
		"key in a query":  {"{type: apiKey, in: query, name: 'api[key]'}", "key=&0123 456789", func(r *http.Request) string { return r.URL.Query().Get("api[key]") }, "key=&0123 456789"},
		"key in a cookie": {"{type: apiKey, in: cookie, name: session}", "key-0123456789", func(r *http.Request) string {
			c, err := r.Cookie("session")
			if err != nil {
				return ""
			}
			return c.Value
		}, "key-0123456789"},
		"basic":   {"{type: http, scheme: basic}", "ada:se:cret-1", func(r *http.Request) string { user, password, _ := r.BasicAuth(); return user + "|" + password }, "ada|se:cret-1"},
		"bearer":  {"{type: http, scheme: bearer, bearerFormat: JWT}", "e30.e30.c2lnbmF0dXJl", authorization("Bearer "), "e30.e30.c2lnbmF0dXJl"},
		"oauth 2": {"{type: oauth2, flows: {}}", "t0ken-0123456789", authorization("Bearer "), "t0ken-0123456789"},
		"openid":  {"{type: openIdConnect, openIdConnectUrl: 'https://example.com'}", "t0ken-0123456789", authorization("Bearer "), "t0ken-0123456789"},
		"another": {"{type: http, scheme: hoba}", "t0ken-0123456789", authorization("Hoba "), "t0ken-0123456789"},
	} {
		document := strings.NewReplacer("[{left: [], right: []}, {token: []}]", "[{token: []}]", "{type: http, scheme: bearer}", tt.scheme).Replace(twoKeys)
		for lax, deviations := range map[bool]int{false: 0, true: 3} {
			report := judged(t, document, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if got := tt.carried(r); got != tt.want && (!lax || got == "" || got == "|") {
					w.WriteHeader(http.StatusUnauthorized)
				}
			}), func(o *implied.Options) { o.Credentials = map[string]string{"token": tt.given} })
			if got := broken(report, judge.Deviates); len(got) != deviations || verdictOf(t, report, "GET /things: without credentials").Verdict != judge.Conforms {
				t.Errorf("%s, lax %t: expected %d deviations, got %q", name, lax, deviations, got)
			}
		}
	}
}
