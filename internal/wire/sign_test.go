package wire_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/ges/aksk"
	"github.com/gesconform/gesconform/internal/wire"
)

// Without a token, every request that would have had the token is signed, and no other. No
// part of the key is in the exchange.
func TestRequestsAreSigned(t *testing.T) {
	const secret, securityToken = "planted-secret-key", "planted-security-token"
	var mark string
	{
		c := config.Default()
		mark = wire.AuthToken(&c)
	}
	for name, tt := range map[string]struct {
		template cases.Template
		signed   bool
	}{
		"a read":        {cases.Template{Method: "GET", Path: "/v2/p/graphs/g", Headers: []cases.Header{{Name: "X-Auth-Token", Value: mark}}}, true},
		"an upgrade":    {cases.Template{Method: "POST", Path: "/v2/p/graphs/g/upgrade", Headers: []cases.Header{{Name: "X-Auth-Token", Value: mark}, {Name: "Content-Type", Value: "application/json"}}, Body: `{"upgrade_version":"1.0.6"}`}, true},
		"an odd path":   {cases.Template{Method: "GET", Path: "/v2/p/graphs/a%20b%2Fc%25", Headers: []cases.Header{{Name: "X-Auth-Token", Value: mark}}}, true},
		"an empty one":  {cases.Template{Method: "GET", Path: "/v2/p/graphs//", Headers: []cases.Header{{Name: "X-Auth-Token", Value: mark}}}, true},
		"no token":      {cases.Template{Method: "GET", Path: "/v2/p/graphs/g"}, false},
		"another token": {cases.Template{Method: "GET", Path: "/v2/p/graphs/g", Headers: []cases.Header{{Name: "X-Auth-Token", Value: "made-up"}}}, false},
		"a made-up signature": {cases.Template{Method: "GET", Path: "/v2/p/graphs/g", Headers: []cases.Header{
			{Name: "Authorization", Value: "SDK-HMAC-SHA256 Access=MADEUP, SignedHeaders=host;x-sdk-date, Signature=" + strings.Repeat("0", 64)},
		}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var sound bool
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				authorization, err := aksk.ParseAuthorization(r.Header.Get("Authorization"))
				path, _, _ := strings.Cut(r.RequestURI, "?")
				sound = err == nil && authorization.Access == "AK" && authorization.Verify(&aksk.Request{
					Method: r.Method, Path: path, Host: r.Host, Header: r.Header, Body: body,
				}, secret)
				date, err := time.Parse(aksk.DateFormat, r.Header.Get("X-Sdk-Date"))
				if sound && (err != nil || time.Since(date).Abs() > time.Minute || r.Header.Get("X-Project-Id") != "p" || r.Header.Get("X-Security-Token") != securityToken || len(r.Header.Values("X-Auth-Token")) > 0) {
					t.Errorf("got the headers %v", r.Header)
				}
				_, _ = io.WriteString(w, secret+" "+securityToken)
			}))
			defer server.Close()
			x := to(t, server.URL, func(c *config.Config) {
				c.Token, c.AccessKey, c.SecretKey, c.SecurityToken = "", "AK", secret, securityToken
			}).Send(t.Context(), "case", "aim", tt.template)
			if x.Failure != nil || sound != tt.signed {
				t.Errorf("expected signed %t, got %t; %+v", tt.signed, sound, x.Failure)
			}
			kept, err := json.Marshal(x)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(kept), "planted") || len(x.Leaked) != 2 {
				t.Errorf("expected no secret, and the name of the leaked one, got %s", kept)
			}
			if shown := x.Request.Header.Get("Authorization"); tt.signed != strings.HasSuffix(shown, "Signature=$GESCONFORM_SIGNATURE") {
				t.Errorf("expected a variable instead of the signature, got %q", shown)
			}
		})
	}
}
