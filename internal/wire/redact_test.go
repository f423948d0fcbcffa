package wire_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/wire"
)

// forms has the ways in which a server may write a token.
func forms(secret string) map[string]string {
	inJSON, _ := json.Marshal(secret)
	return map[string]string{
		"as it is":        secret,
		"JSON":            string(inJSON),
		"JSON of PHP":     strings.ReplaceAll(string(inJSON), "/", `\/`),
		"JSON of .NET":    strings.ReplaceAll(string(inJSON), "+", `\u002B`),
		"query":           url.QueryEscape(secret),
		"path":            url.PathEscape(secret),
		"query, lower":    strings.NewReplacer("%2F", "%2f", "%2B", "%2b", "%3D", "%3d").Replace(url.QueryEscape(secret)),
		"HTML":            html.EscapeString(secret),
		"HTML of Go":      strings.NewReplacer("+", "&#43;", `"`, "&#34;", "'", "&#39;", "<", "&lt;", ">", "&gt;", "&", "&amp;").Replace(secret),
		"HTML of others":  strings.NewReplacer("/", "&#x2F;", "=", "&#x3D;", `"`, "&quot;", "<", "&lt;", ">", "&gt;").Replace(secret),
		"base64":          base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64 of URLs":  base64.URLEncoding.EncodeToString([]byte(secret)),
		"base64, no fill": base64.RawStdEncoding.EncodeToString([]byte(secret)),
	}
}

func TestCredentialsAreRedactedInEveryForm(t *testing.T) {
	secrets := map[string]string{"token": token, "readonly-token": "readonly/MARK+01==", "expired-token": "expired-MARK-??>>~~-02", "tampered": wire.Tampered(token)}
	for name, secret := range secrets {
		for form, written := range forms(secret) {
			t.Run(name+" "+form, func(t *testing.T) {
				s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("X-Echo", "before "+strings.ReplaceAll(written, "\n", "")+" after")
					_, _ = io.WriteString(w, "before "+written+" after "+written)
				}))
				defer s.Close()
				tt := to(t, s.URL, func(c *config.Config) {
					c.ReadonlyToken, c.ExpiredToken = secrets["readonly-token"], secrets["expired-token"]
				})
				x := tt.Send(t.Context(), "case", "aim", cases.Template{
					Method: "POST", Path: "/v2/p/graphs/g/upgrade", Body: cases.Text("{" + written),
					Headers: []cases.Header{{Name: "X-Auth-Token", Value: secret}, {Name: "Authorization", Value: "Bearer " + secret}},
				})
				all, err := json.Marshal(x)
				if err != nil {
					t.Fatal(err)
				}
				kept := string(all) + string(x.Answer.Body) + string(x.Request.Body) + strings.Join(x.Request.Header["X-Auth-Token"], "") +
					strings.Join(x.Request.Header["Authorization"], "") + x.Answer.Header.Get("X-Echo")
				for other, text := range forms(secret) {
					if strings.Contains(kept, strings.Trim(text, `"`)) {
						t.Errorf("expected no token in the exchange, got %s in %s", other, kept)
					}
				}
				if len(x.Leaked) != 1 || !strings.HasPrefix(string(x.Answer.Body), "before ") || !strings.Contains(string(x.Answer.Body), "$GESCONFORM_") {
					t.Errorf("expected one leak and the rest as it was, got %q and %q", x.Leaked, x.Answer.Body)
				}
			})
		}
	}
}

// A short credential could be any text, so it is not searched for in answers. It is still
// redacted where it is the whole value of a header.
func TestShortCredentialsAreRedactedWhereTheyAreSent(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["X-Echo"] = r.Header["X-Auth-Token"]
	}))
	defer s.Close()
	tt := to(t, s.URL, func(c *config.Config) { c.Token = "s3cr3t" })
	x := tt.Send(t.Context(), "case", "aim", cases.Template{
		Method: "GET", Path: "/v2/p/graphs/g", Headers: []cases.Header{{Name: "X-Auth-Token", Value: "s3cr3t"}, {Name: "X-Auth-Token", Value: wire.Tampered("s3cr3t")}},
	})
	if got := x.Request.Header["X-Auth-Token"]; !slices.Equal(got, []string{"$GESCONFORM_TOKEN", "$GESCONFORM_TOKEN_TAMPERED"}) {
		t.Errorf("request: got %q", got)
	}
	if got := x.Answer.Header["X-Echo"]; !slices.Equal(got, []string{"$GESCONFORM_TOKEN", "$GESCONFORM_TOKEN_TAMPERED"}) {
		t.Errorf("answer: got %q", got)
	}
}

// Neither a token that the run has made up nor the beginning of the real one nor its digest is of
// use to anybody.
func TestWhatIsNoCredentialStays(t *testing.T) {
	tokenDigest := fmt.Sprintf("%x", sha256.Sum256([]byte(token)))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("X-Auth-Token")+token[:8]+" "+tokenDigest)
	}))
	defer s.Close()
	x := to(t, s.URL).Send(t.Context(), "case", "aim", cases.Template{
		Method: "GET", Path: "/v2/p/graphs/g", Headers: []cases.Header{{Name: "X-Auth-Token", Value: "made-up"}},
	})
	if x.Request.Header.Get("X-Auth-Token") != "made-up" || string(x.Answer.Body) != "made-up"+token[:8]+" "+tokenDigest || len(x.Leaked) != 0 {
		t.Errorf("got %q, %q, leaked %q", x.Request.Header, x.Answer.Body, x.Leaked)
	}
}

func TestTampered(t *testing.T) {
	for _, secret := range []string{"A", "B", "AAAA", "abcdef", token, strings.Repeat("A", 5000)} {
		got := wire.Tampered(secret)
		different := 0
		for i := range min(len(got), len(secret)) {
			if got[i] != secret[i] {
				different++
			}
		}
		if len(got) != len(secret) || different != 1 {
			t.Errorf("%.20q: got %.20q", secret, got)
		}
	}
	if got := wire.Tampered(""); got != "" {
		t.Errorf("without a secret: got %q", got)
	}
}

// An answer that ends in the middle of a token keeps no part of it, whether the connection or
// the limit of its length cut it.
func TestHalfATokenIsRedacted(t *testing.T) {
	for name, tt := range map[string]struct{ before, half string }{
		"cut by the wire":     {"Content-Length: 9000\r\n\r\n{", token[:len(token)-3]},
		"cut in JSON":         {"Content-Length: 9000\r\n\r\n{", strings.ReplaceAll(token, `"`, `\"`)[:len(token)-2]},
		"cut in base64":       {"Content-Length: 9000\r\n\r\n{", base64.StdEncoding.EncodeToString([]byte(token))[:12]},
		"cut by what is kept": {"\r\n" + strings.Repeat(" ", 64<<10-20), token + strings.Repeat(" ", 1<<20)},
	} {
		t.Run(name, func(t *testing.T) {
			endpoint, _ := answering(t, "HTTP/1.1 200 OK\r\n"+tt.before+tt.half)
			x := to(t, endpoint).Send(t.Context(), "case", "aim", cases.Template{Method: "GET", Path: "/v2/p/graphs/g"})
			if x.Failure == nil || x.Answer == nil {
				t.Fatalf("expected an answer that is cut, got %+v, %+v", x.Answer, x.Failure)
			}
			if body := string(x.Answer.Body); strings.Contains(body, tt.half[:10]) || !strings.Contains(body, "$GESCONFORM_TOKEN") {
				t.Errorf("expected the variable in its place, got %q", body[max(0, len(body)-100):])
			}
		})
	}
}

// A leaked credential is found anywhere in a long answer.
func TestLeaksBehindWhatIsKept(t *testing.T) {
	endpoint, _ := answering(t, "HTTP/1.1 200 OK\r\n\r\n"+strings.Repeat(" ", 70<<10)+token+strings.Repeat(" ", 1<<20))
	x := to(t, endpoint).Send(t.Context(), "case", "aim", cases.Template{Method: "GET", Path: "/v2/p/graphs/g"})
	if x.Failure == nil || x.Failure.Kind != exchange.TooLong || !slices.Contains(x.Leaked, "GESCONFORM_TOKEN") {
		t.Errorf("expected an answer that is too long and leaks the token, got %+v, %q", x.Failure, x.Leaked)
	}
}

// The letter case of a secret in the name of a header does not matter: net/http changes it.
func TestTokensInNamesOfHeadersAreRedacted(t *testing.T) {
	const plain = "mark0123456789abcdef"
	endpoint, _ := answering(t, "HTTP/1.1 200 OK\r\nX-"+plain+": 1\r\nContent-Length: 0\r\n\r\n")
	x := to(t, endpoint, func(c *config.Config) { c.Token = plain }).Send(t.Context(), "case", "aim", cases.Template{Method: "GET", Path: "/v2/p/graphs/g"})
	shown := false
	for name, values := range x.Answer.Header {
		if strings.Contains(strings.ToLower(name), plain) {
			t.Errorf("expected no token in the name of a header, got %q", name)
		}
		shown = shown || name == "X-$GESCONFORM_TOKEN" && slices.Equal(values, []string{"1"})
	}
	if !shown {
		t.Errorf("expected the value under the variable, got %v", x.Answer.Header)
	}
}

// A token that is placed where none belongs is sent as it is, and recorded as a variable,
// however short it is and however close to it is what is sent.
func TestPlacedAndNearTokensAreRedacted(t *testing.T) {
	for _, secret := range []string{token, "s3cr3t", "A+b/c=="} {
		var query, cookie, near string
		s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			query, cookie, near = r.URL.Query().Get("X-Auth-Token"), r.Header.Get("Cookie"), r.Header.Get("X-Auth-Token")
		}))
		t.Cleanup(s.Close)
		for _, nearness := range []wire.Nearness{wire.OtherCase, wire.Longer, wire.Shorter} {
			x := to(t, s.URL, func(c *config.Config) { c.Token = secret }).Send(t.Context(), "case", "aim", cases.Template{
				Method: "GET", Path: "/v2/p/graphs/g?X-Auth-Token=" + wire.PlacedToken,
				Headers: []cases.Header{{Name: "X-Auth-Token", Value: wire.NearToken(nearness)}, {Name: "Cookie", Value: "a=" + wire.PlacedToken + "; b"}},
			})
			if query != secret || cookie != "a="+secret+"; b" || near != wire.Near(secret, nearness) || near == secret {
				t.Errorf("%s: sent %q, %q and %q", nearness, query, cookie, near)
			}
			all, err := json.Marshal(x)
			if err != nil {
				t.Fatal(err)
			}
			for form, written := range forms(secret) {
				if strings.Contains(string(all), written) {
					t.Errorf("%s: recorded with the token, %s: %s", nearness, form, all)
				}
			}
			if x.Request.Path != "/v2/p/graphs/g?X-Auth-Token=$GESCONFORM_TOKEN" || x.Request.Header.Get("Cookie") != "a=$GESCONFORM_TOKEN; b" ||
				x.Request.Header.Get("X-Auth-Token") != "$GESCONFORM_TOKEN"+string(nearness) {
				t.Errorf("%s: recorded %s, %q", nearness, x.Request.Path, x.Request.Header)
			}
		}
	}
}
