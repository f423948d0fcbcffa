package aksk_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gesconform/gesconform/internal/ges/aksk"
)

var (
	key = aksk.Key{Access: "AK", Secret: "SK"}
	now = time.Date(2026, 11, 23, 9, 53, 20, 999, time.FixedZone("CET", 3600))
)

func signed(t interface {
	Helper()
	Fatalf(string, ...any)
}, r *aksk.Request,
) aksk.Authorization {
	t.Helper()
	a, err := aksk.ParseAuthorization(r.Header.Get("Authorization"))
	if err != nil {
		t.Fatalf("expected what Sign wrote to parse, got %v: %s", err, r.Header.Get("Authorization"))
	}
	return a
}

func TestSignChoosesHeaders(t *testing.T) {
	header := func() http.Header {
		return http.Header{
			"Accept": {"*/*"}, "Content-Type": {"application/json"}, "Authorization": {"old"},
			"X-Auth-Token": {"token"}, "X-Language": {"en-us"}, "X-None": {},
			"x-lower": {"not found by its canonical name"}, "X-B\xffd": {"no token"},
		}
	}
	for _, test := range []struct {
		name string
		key  aksk.Key
		r    aksk.Request
		want string
	}{
		{"nothing", key, aksk.Request{}, "x-sdk-date"},
		{"headers", key, aksk.Request{Host: "h", Header: header()}, "content-type;host;x-language;x-sdk-date"},
		{
			"temporary key", aksk.Key{Access: "AK", Secret: "SK", SecurityToken: "ST"},
			aksk.Request{Host: "h", Header: header()}, "content-type;host;x-language;x-sdk-date;x-security-token",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			aksk.Sign(&test.r, test.key, now)
			a := signed(t, &test.r)
			if got := strings.Join(a.SignedHeaders, ";"); got != test.want {
				t.Errorf("expected signed headers %s, got %s", test.want, got)
			}
			if got := test.r.Header.Get("X-Sdk-Date"); got != "20261123T085320Z" {
				t.Errorf("expected the date in UTC, got %s", got)
			}
			if got := test.r.Header.Get("X-Security-Token"); got != test.key.SecurityToken {
				t.Errorf("expected security token %q, got %q", test.key.SecurityToken, got)
			}
			if !a.Verify(&test.r, "SK") || a.Verify(&test.r, "sk") {
				t.Error("expected to verify with the secret and with no other")
			}
		})
	}
}

func TestSignAnewWithAnotherKey(t *testing.T) {
	r := &aksk.Request{Method: "GET", Path: "/"}
	aksk.Sign(r, aksk.Key{Access: "AK", Secret: "SK", SecurityToken: "ST"}, now)
	aksk.Sign(r, aksk.Key{Access: "AK2", Secret: "SK2"}, now.Add(time.Hour))
	a := signed(t, r)
	if !a.Verify(r, "SK2") || a.Access != "AK2" || r.Header.Get("X-Security-Token") != "" || len(r.Header["Authorization"]) != 1 {
		t.Errorf("expected the second key only, got %v", r.Header)
	}
}

// An invalid request is refused even if its signature is right.
func TestVerifyRefusesUnfit(t *testing.T) {
	const date = "20261123T085320Z"
	for _, test := range []struct {
		name   string
		header http.Header
		names  []string
		secret string
		want   bool
	}{
		{"fit", http.Header{"X-Sdk-Date": {date}}, []string{"x-sdk-date"}, "SK", true},
		{"blanks around the date", http.Header{"X-Sdk-Date": {" " + date}}, []string{"x-sdk-date"}, "SK", true},
		{"date not signed", http.Header{"X-Sdk-Date": {date}, "X-A": {"1"}}, []string{"x-a"}, "SK", false},
		{"nothing signed", http.Header{"X-Sdk-Date": {date}}, nil, "SK", false},
		{"no date", http.Header{}, []string{"x-sdk-date"}, "SK", false},
		{"no header", nil, []string{"x-sdk-date"}, "SK", false},
		{"two dates", http.Header{"X-Sdk-Date": {date, date}}, []string{"x-sdk-date"}, "SK", false},
		{"empty date", http.Header{"X-Sdk-Date": {""}}, []string{"x-sdk-date"}, "SK", false},
		{"another format", http.Header{"X-Sdk-Date": {"2026-11-23T08:53:20Z"}}, []string{"x-sdk-date"}, "SK", false},
		{"fraction of a second", http.Header{"X-Sdk-Date": {"20261123T085320.5Z"}}, []string{"x-sdk-date"}, "SK", false},
		{"no such day", http.Header{"X-Sdk-Date": {"20260230T085320Z"}}, []string{"x-sdk-date"}, "SK", false},
		{"signed header missing", http.Header{"X-Sdk-Date": {date}}, []string{"x-a", "x-sdk-date"}, "SK", false},
		{"signed host missing", http.Header{"X-Sdk-Date": {date}}, []string{"host", "x-sdk-date"}, "SK", false},
		{"empty secret", http.Header{"X-Sdk-Date": {date}}, []string{"x-sdk-date"}, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &aksk.Request{Method: "GET", Path: "/", Header: test.header}
			a := aksk.Authorization{Access: "AK", SignedHeaders: test.names}
			a.Signature = aksk.SignatureOf(a, r, test.secret)
			if got := a.Verify(r, test.secret); got != test.want {
				t.Errorf("expected %v, got %v", test.want, got)
			}
		})
	}
}

func TestVerifyAllowsReorderedValues(t *testing.T) {
	r := &aksk.Request{Header: http.Header{"X-Two": {"b", "a"}}}
	aksk.Sign(r, key, now)
	a := signed(t, r)
	r.Header["X-Two"] = []string{" a ", "b"}
	if !a.Verify(r, "SK") {
		t.Error("expected the order of repeated headers not to count, got that it does")
	}
	for _, values := range [][]string{{"a"}, {"a", "b", "b"}, {"a, b"}, {"a", "c"}} {
		r.Header["X-Two"] = values
		if a.Verify(r, "SK") {
			t.Errorf("%q: expected other values not to verify, got that they do", values)
		}
	}
}

func drawRequest(t *rapid.T) *aksk.Request {
	values := rapid.SliceOfN(rapid.StringMatching(`[ -~\t]{0,10}`), 0, 3)
	return &aksk.Request{
		Method: rapid.SampledFrom([]string{"GET", "POST", "PUT", "DELETE"}).Draw(t, "method"),
		Path:   rapid.OneOf(rapid.StringMatching(`(/([a-z~:+.]|%[0-9a-fA-F]{2}){0,4}){0,4}`), rapid.String()).Draw(t, "path"),
		Query:  rapid.OneOf(rapid.StringMatching(`([a-cA-C]?=?([+;=.]|%[0-9a-fA-F]{2})?&){0,5}`), rapid.String()).Draw(t, "query"),
		Host:   rapid.StringMatching(`([a-z]{1,8}(:[0-9]{1,5})?)?`).Draw(t, "host"),
		Header: rapid.Map(rapid.MapOf(rapid.StringMatching(`(X-)?[A-Za-z-]{1,8}`), values), func(m map[string][]string) http.Header {
			header := http.Header{}
			for name, values := range m {
				header[http.CanonicalHeaderKey(name)] = values
			}
			return header
		}).Draw(t, "header"),
		Body: rapid.SliceOf(rapid.Byte()).Draw(t, "body"),
	}
}

func TestSignThenVerify(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRequest(t)
		key := aksk.Key{
			Access:        rapid.StringMatching(`[A-Z0-9]{1,20}`).Draw(t, "access"),
			Secret:        rapid.StringN(1, 40, -1).Draw(t, "secret"),
			SecurityToken: rapid.StringMatching(`([a-zA-Z0-9+/]{1,40})?`).Draw(t, "token"),
		}
		aksk.Sign(r, key, time.Unix(rapid.Int64Range(0, 1<<37).Draw(t, "now"), 0))
		a := signed(t, r)
		if a.Access != key.Access || !a.Verify(r, key.Secret) {
			t.Fatalf("expected to verify, got that it does not:\n%s", a.CanonicalRequest(r))
		}
		if shown := a.Shown(r); strings.Contains(shown, "\n") || len(key.SecurityToken) > 15 && strings.Contains(shown, key.SecurityToken) {
			t.Fatalf("expected one line without the token, got %s", shown)
		}
		name := rapid.SampledFrom(a.SignedHeaders).Draw(t, "changed")
		if name == "host" {
			r.Host += "x"
		} else {
			header := http.CanonicalHeaderKey(name)
			r.Header[header] = append(slices.Clone(r.Header[header]), "x")
		}
		if a.Verify(r, key.Secret) {
			t.Fatalf("expected not to verify with a changed %s, got that it does", name)
		}
	})
}

// Package http changes requests before it sends them. A signature made before must be valid
// after that.
func TestSignedRequestOverHTTP(t *testing.T) {
	verified := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, h *http.Request) {
		body, _ := io.ReadAll(h.Body)
		r := &aksk.Request{Method: h.Method, Path: h.URL.EscapedPath(), Query: h.URL.RawQuery, Host: h.Host, Header: h.Header, Body: body}
		a, err := aksk.ParseAuthorization(h.Header.Get("Authorization"))
		switch {
		case err != nil:
			verified <- err.Error()
		case !a.Verify(r, "SK"):
			verified <- a.Shown(r)
		default:
			verified <- ""
		}
	}))
	defer server.Close()
	for _, target := range []string{
		"", "/", "/a/b", "/a%2Fb/c%252F", "/a%20b:@!$&'()*+,;=~", "/é/图", "/a//b/",
		"/a?", "/a?b=1&a=2&a=1", "/a?b=%20+%2B&c", "/a?x=;&&=", "/a?q=é'\"",
	} {
		body := []byte("{\"a\":\"é\"}\n")
		h, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+target, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(h.Header, http.Header{"Content-Type": {"application/json"}, "X-Two": {"b ", " a"}, "X-Empty": {""}})
		r := &aksk.Request{Method: h.Method, Path: h.URL.EscapedPath(), Query: h.URL.RawQuery, Host: h.URL.Host, Header: h.Header, Body: body}
		aksk.Sign(r, key, now)
		answer, err := server.Client().Do(h)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if fault := <-verified; fault != "" {
			t.Errorf("%s: expected to verify, got\n%s, signed\n%s", target, fault, signed(t, r).Shown(r))
		}
	}
}
