package aksk_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/ges/aksk"
)

func FuzzParseAuthorization(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Headers["Authorization"])
	}
	f.Add(aksk.Scheme + " Signature=" + signature + ",Access==,SignedHeaders=a")
	f.Fuzz(func(t *testing.T, value string) {
		a, err := aksk.ParseAuthorization(value)
		if err != nil {
			return
		}
		again, err := aksk.ParseAuthorization(a.Value())
		if err != nil || !reflect.DeepEqual(again, a) {
			t.Fatalf("expected %+v again, got %+v, %v", a, again, err)
		}
	})
}

func FuzzVerify(f *testing.F) {
	for _, v := range vectors(f) {
		path, query, _ := strings.Cut(v.Target, "?")
		f.Add(v.Headers["Authorization"], v.Method, path, query, v.Host, "X-Project-Id", v.Headers["X-Project-Id"], []byte(v.Body), v.Secret)
	}
	f.Fuzz(func(t *testing.T, value, method, path, query, host, name, text string, body []byte, secret string) {
		r := &aksk.Request{
			Method: method, Path: path, Query: query, Host: host, Body: body,
			Header: http.Header{name: {text}, "X-Sdk-Date": {"20261123T085320Z"}, "X-Security-Token": {"SECURITYTOKENEXAMPLE"}},
		}
		if a, err := aksk.ParseAuthorization(value); err == nil {
			verified := a.Verify(r, secret)
			if own := aksk.SignatureOf(a, r, secret); verified && own != a.Signature {
				t.Fatalf("verified signature %s, expected %s", a.Signature, own)
			}
			if shown := a.Shown(r); strings.Count(shown, "\n") > 0 {
				t.Fatalf("expected one line, got %q", shown)
			}
		}
		aksk.Sign(r, aksk.Key{Access: "AK", Secret: "S" + secret}, now)
		if a := signed(t, r); !a.Verify(r, "S"+secret) {
			t.Fatalf("expected what Sign signed to verify, got that it does not:\n%s", a.CanonicalRequest(r))
		}
	})
}
