package aksk_test

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/ges/aksk"
)

const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// The example in Huawei's documentation, with its secret key, hash and signature.
// Sources: https://support.huaweicloud.com/eu/de-de/devg-apisign/api-sign-algorithm-003.html,
// https://support.huaweicloud.com/en-us/devg-apisign/api-sign-algorithm-005.html
func TestPublishedExample(t *testing.T) {
	r := &aksk.Request{
		Method: "GET",
		Path:   "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
		Query:  "limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
		Host:   "service.region.example.com",
		Header: http.Header{"Content-Type": {"application/json"}, "X-Sdk-Date": {"20191115T033655Z"}},
	}
	a := aksk.Authorization{Access: "QTWAOYTTINDUT2QVKYUC", SignedHeaders: []string{"content-type", "host", "x-sdk-date"}}
	digest := sha256.Sum256([]byte(a.CanonicalRequest(r)))
	const want = "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a"
	if got := hex.EncodeToString(digest[:]); got != want {
		t.Errorf("expected hash %s, got %s of\n%s", want, got, a.CanonicalRequest(r))
	}
	const signature = "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe"
	if got := aksk.SignatureOf(a, r, "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"); got != signature {
		t.Errorf("expected signature %s, got %s", signature, got)
	}
}

func TestCanonicalPathAndQuery(t *testing.T) {
	for _, test := range []struct{ name, path, query, wantPath, wantQuery string }{
		{name: "empty path", wantPath: "/"},
		{name: "root", path: "/", wantPath: "/"},
		{name: "slash at the end", path: "/a/", wantPath: "/a/"},
		{name: "empty segments stay", path: "/graphs//upgrade", wantPath: "/graphs//upgrade/"},
		{name: "empty segments at the end stay", path: "/a//", wantPath: "/a//"},
		{name: "dot segments stay", path: "/a/../b/.", wantPath: "/a/../b/./"},
		{name: "decoded once", path: "/a%20b%252F~_-.c", wantPath: "/a%20b%252F~_-.c/"},
		{name: "escaped without need", path: "/%61%7e", wantPath: "/a~/"},
		{name: "lower-case escape", path: "/%c3%a9", wantPath: "/%C3%A9/"},
		{name: "not escaped where it could be", path: "/a:b@c+d=é", wantPath: "/a%3Ab%40c%2Bd%3D%C3%A9/"},
		{name: "escaped slash", path: "/a%2Fb", wantPath: "/a%2Fb/"},
		{name: "no escapes", path: "/%/%4/%zz/%%41", wantPath: "/%25/%254/%25zz/%25A/"},

		{name: "sorted by name", query: "b=1&a=2&B=3", wantQuery: "B=3&a=2&b=1"},
		{name: "sorted by value", query: "a=2&a=10&a=", wantQuery: "a=&a=10&a=2"},
		{name: "sorted by name before it is escaped", query: "%7B=1&z=2", wantQuery: "z=2&%7B=1"},
		{name: "sorted by name alone first", query: "a-b=1&a=2", wantQuery: "a=2&a-b=1"},
		{name: "no value", query: "a&b=", wantQuery: "a=&b="},
		{name: "no name", query: "=1", wantQuery: "=1"},
		{name: "empty parameters", query: "&a=1&&b=2&", wantQuery: "a=1&b=2"},
		{name: "equals sign in a value", query: "a=b=c", wantQuery: "a=b%3Dc"},
		{name: "space and plus", query: "a=b%20c&d=e+f&g=%2B", wantQuery: "a=b%20c&d=e%2Bf&g=%2B"},
		{name: "escaped separators", query: "a%3D=%26", wantQuery: "a%3D=%26"},
		{name: "semicolon and slash", query: "a=1;b=2/3", wantQuery: "a=1%3Bb%3D2%2F3"},
		{name: "cut escape", query: "a=%4", wantQuery: "a=%254"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := aksk.Authorization{SignedHeaders: []string{"x-sdk-date"}}
			got := a.CanonicalRequest(&aksk.Request{Method: "GET", Path: test.path, Query: test.query})
			want := "GET\n" + cmp.Or(test.wantPath, "/") + "\n" + test.wantQuery + "\n\nx-sdk-date\n" + emptyHash
			if got != want {
				t.Errorf("expected\n%s, got\n%s", want, got)
			}
		})
	}
}

func TestCanonicalHeaders(t *testing.T) {
	r := &aksk.Request{
		Method: "POST", Path: "/a", Host: "ges.example:443",
		Header: http.Header{
			"Host":         {"elsewhere.example"},
			"Content-Type": {" application/json\t"},
			"X-Empty":      {""},
			"X-Two":        {"b", " a", "b"},
			"X-Unsigned":   {"no"},
		},
	}
	a := aksk.Authorization{SignedHeaders: []string{"content-type", "host", "x-empty", "x-missing", "x-two"}}
	want := "POST\n/a/\n\ncontent-type:application/json\nhost:ges.example:443\nx-empty:\nx-two:a\nx-two:b\nx-two:b\n\n" +
		"content-type;host;x-empty;x-missing;x-two\n" + emptyHash
	if got := a.CanonicalRequest(r); got != want {
		t.Errorf("expected\n%s, got\n%s", want, got)
	}
	if got := r.Header["X-Two"]; got[0] != "b" || got[1] != " a" {
		t.Errorf("expected the request as it was, got %q", got)
	}
}

func TestShown(t *testing.T) {
	r := &aksk.Request{
		Method: "GET", Path: "/a", Query: "b=1", Host: "ges.example",
		Header: http.Header{
			"X-Auth-Token":     {"secret-one"},
			"X-Security-Token": {"secret-two", "secret-three"},
			"X-Sdk-Date":       {"20261123T085320Z"},
		},
	}
	a := aksk.Authorization{SignedHeaders: []string{"host", "x-auth-token", "x-sdk-date", "x-security-token"}}
	want := "GET|/a/|b=1|host:ges.example|x-auth-token:***|x-sdk-date:20261123T085320Z|x-security-token:***|x-security-token:***||" +
		"host;x-auth-token;x-sdk-date;x-security-token|" + emptyHash
	if got := a.Shown(r); got != want {
		t.Errorf("expected\n%s, got\n%s", want, got)
	}
	if !strings.Contains(a.CanonicalRequest(r), "secret-one") {
		t.Error("expected the canonical request itself to hold the token, got that it does not")
	}
}
