package implied

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

// Made-up credentials are never the real ones, have their form, and are not what a decoder takes for them.
func TestMadeUpCredentials(t *testing.T) {
	key := &contract.SecurityScheme{ID: "key", Type: "apiKey", In: contract.InHeader, Name: "X-Key"}
	basic := &contract.SecurityScheme{ID: "basic", Type: "http", Scheme: "basic", In: contract.InHeader, Name: "Authorization"}
	bearer := &contract.SecurityScheme{ID: "bearer", Type: "oauth2", In: contract.InHeader, Name: "Authorization"}
	for _, tt := range []struct {
		scheme *contract.SecurityScheme
		value  string
	}{
		{key, "k3y-1"}, {key, "a"}, {key, "--"}, {key, "sk_live_0123456789"}, {bearer, "eyJhbGciOiJIUzI1NiJ9.e30.ZRrHA1JJJW8opsbCGfG_HACGpVUMN_a9IV7pAx_Zmeo"},
		{bearer, "QUJDRA=="}, {basic, "user:secret"}, {basic, "user:s"}, {basic, "alone"}, {key, "schlüssel"},
	} {
		for _, l := range madeUpLapses {
			got := madeUp(tt.scheme, tt.value, l)
			if got == tt.value || l != longer && len([]rune(got)) != len([]rune(tt.value)) && len(strings.Trim(tt.value, "=-")) > 0 {
				t.Errorf("%s, %s: got %q", tt.value, l, got)
			}
			if decoded, err := base64.StdEncoding.DecodeString(got); err == nil {
				if own, err := base64.StdEncoding.DecodeString(tt.value); err == nil && bytes.Equal(own, decoded) {
					t.Errorf("%s, %s: %q is the same to a decoder", tt.value, l, got)
				}
			}
			if user, _, _ := strings.Cut(got, ":"); tt.scheme == basic && strings.Contains(tt.value, ":") && user != "user" {
				t.Errorf("%s, %s: got another user, %q", tt.value, l, got)
			}
		}
	}
}

// What a request carries has the form of its scheme (RFC 7617, RFC 6750).
func TestCredentialText(t *testing.T) {
	for want, s := range map[string]*contract.SecurityScheme{
		"a:b":         {Type: "apiKey"},
		"Basic YTpi":  {Type: "http", Scheme: "basic"},
		"Bearer a:b":  {Type: "http", Scheme: "bearer"},
		"Bearer a:b ": {Type: "openIdConnect"},
		"Hoba a:b":    {Type: "http", Scheme: "hoba"},
	} {
		if got := credentialText(s, "a:b"); got != strings.TrimSpace(want) {
			t.Errorf("%s %s: expected %q, got %q", s.Type, s.Scheme, want, got)
		}
	}
}

// Of http basic the password is made up, and of a pair without a password the user, which is the secret then.
func TestMadeUpBasic(t *testing.T) {
	s := &contract.SecurityScheme{Type: "http", Scheme: "basic"}
	for value, want := range map[string]string{"ada:secret": "ada:seccet", "sk_abc:": "sk_lbc:", "alone": "alzne"} {
		if got := madeUp(s, value, inside); got != want {
			t.Errorf("%s: expected %q, got %q", value, want, got)
		}
	}
}
