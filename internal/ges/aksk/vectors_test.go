package aksk_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/ges/aksk"
)

// A vector is a request as the official Go SDK sent it.
type vector struct {
	Name    string            `json:"name"`
	Access  string            `json:"access_key"`
	Secret  string            `json:"secret_key"`
	Method  string            `json:"method"`
	Target  string            `json:"request_target"`
	Host    string            `json:"host"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

func (v vector) request() *aksk.Request {
	path, query, _ := strings.Cut(v.Target, "?")
	header := http.Header{}
	for name, value := range v.Headers {
		header.Set(name, value)
	}
	return &aksk.Request{Method: v.Method, Path: path, Query: query, Host: v.Host, Header: header, Body: []byte(v.Body)}
}

func (v vector) authorization(t testing.TB) aksk.Authorization {
	t.Helper()
	a, err := aksk.ParseAuthorization(v.Headers["Authorization"])
	if err != nil {
		t.Fatalf("%s: %v", v.Name, err)
	}
	return a
}

func vectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 10 {
		t.Fatalf("expected 10 vectors, got %d", len(all))
	}
	return all
}

func TestVectorsVerify(t *testing.T) {
	for _, v := range vectors(t) {
		a, r := v.authorization(t), v.request()
		if !a.Verify(r, v.Secret) {
			t.Errorf("%s: expected the signature to verify, got another for\n%s", v.Name, a.CanonicalRequest(r))
		}
		if a.Verify(r, v.Secret+"x") || a.Verify(r, "") {
			t.Errorf("%s: expected it not to verify with another secret", v.Name)
		}
		if a.Access != v.Access {
			t.Errorf("%s: expected access key %q, got %q", v.Name, v.Access, a.Access)
		}
	}
}

// The SDK's choice of headers gives the SDK's header, byte for byte.
func TestVectorsSignedAnew(t *testing.T) {
	for _, v := range vectors(t) {
		want := v.Headers["Authorization"]
		names := []string{"user-agent", "x-project-id", "x-sdk-date"}
		if v.Headers["X-Security-Token"] != "" {
			names = append(names, "x-security-token")
		}
		a := aksk.Authorization{Access: v.Access, SignedHeaders: names}
		a.Signature = aksk.SignatureOf(a, v.request(), v.Secret)
		if got := a.Value(); got != want {
			t.Errorf("%s: expected\n%s, got\n%s", v.Name, want, got)
		}
	}
}

// mutations calls check for each byte of s, with s changed in that byte.
func mutations(s string, check func(changed string)) {
	for i := range len(s) {
		for _, b := range []byte{s[i] ^ 1, s[i] ^ 0x20, s[i] ^ 0x80, ' ', '/', '%', '+', '&', '=', '0'} {
			if b != s[i] {
				check(s[:i] + string([]byte{b}) + s[i+1:])
			}
		}
	}
}

// sameEscapes reports whether the strings only differ in the letter case of hex digits.
func sameEscapes(a, b string) bool {
	x, errX := url.PathUnescape(a)
	y, errY := url.PathUnescape(b)
	return errX == nil && errY == nil && x == y
}

func TestVectorsChangedInOneByte(t *testing.T) {
	for i, v := range vectors(t) {
		if testing.Short() && i > 0 {
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			a := v.authorization(t)
			whole := v.request()
			refuse := func(part string, a aksk.Authorization, change func(r *aksk.Request)) {
				r := v.request()
				change(r)
				if a.Verify(r, v.Secret) {
					t.Errorf("%s: expected the changed request not to verify, got that it does:\n%s", part, a.CanonicalRequest(r))
				}
			}
			mutations(whole.Method, func(s string) {
				refuse("method", a, func(r *aksk.Request) { r.Method = s })
			})
			mutations(whole.Path, func(s string) {
				if !sameEscapes(s, whole.Path) {
					refuse("path", a, func(r *aksk.Request) { r.Path = s })
				}
			})
			mutations(whole.Query, func(s string) {
				if !sameEscapes(s, whole.Query) {
					refuse("query", a, func(r *aksk.Request) { r.Query = s })
				}
			})
			for _, name := range a.SignedHeaders {
				mutations(whole.Header.Get(name), func(s string) {
					refuse(name, a, func(r *aksk.Request) { r.Header.Set(name, s) })
				})
				refuse("no "+name, a, func(r *aksk.Request) { r.Header.Del(name) })
				refuse("empty "+name, a, func(r *aksk.Request) { r.Header.Set(name, "") })
				refuse("twice "+name, a, func(r *aksk.Request) { r.Header.Add(name, r.Header.Get(name)) })
			}
			mutations(v.Body, func(s string) {
				refuse("body", a, func(r *aksk.Request) { r.Body = []byte(s) })
			})
			refuse("longer body", a, func(r *aksk.Request) { r.Body = append(r.Body, 0) })
			mutations(a.Signature, func(s string) {
				changed := a
				changed.Signature = s
				refuse("signature", changed, func(*aksk.Request) {})
			})
			for i := range a.SignedHeaders {
				changed := a
				changed.SignedHeaders = slices.Delete(slices.Clone(a.SignedHeaders), i, i+1)
				refuse("signed headers", changed, func(*aksk.Request) {})
			}
		})
	}
}

// The SDK signs neither Host nor Content-Type: the gateway cannot notice a change.
func TestVectorsUnsignedPartsDoNotCount(t *testing.T) {
	for _, v := range vectors(t) {
		r := v.request()
		r.Host = "another.example"
		r.Header.Set("Content-Type", "text/plain")
		r.Header.Set("Accept", "*/*")
		if !v.authorization(t).Verify(r, v.Secret) {
			t.Errorf("%s: expected unsigned headers not to count, got that they do", v.Name)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	v := vectors(b)[0]
	a, r := v.authorization(b), v.request()
	b.ReportAllocs()
	for b.Loop() {
		if !a.Verify(r, v.Secret) {
			b.Fatal("expected the vector to verify")
		}
	}
}

func BenchmarkParseAuthorization(b *testing.B) {
	value := vectors(b)[0].Headers["Authorization"]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := aksk.ParseAuthorization(value); err != nil {
			b.Fatal(err)
		}
	}
}
