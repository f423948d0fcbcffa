package wire_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges/iam"
	"github.com/gesconform/gesconform/internal/limits"
	"github.com/gesconform/gesconform/internal/wire"
)

// Each credential of a run is known by its name, also one that the deployment is never sent: the
// secret key, the passwords of IAM and of a proxy, alone and with its user.
func TestEachCredentialIsKnown(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://proxy-user:proxy%2Fpass%2Bword9@127.0.0.1:9")
	for name, secret := range map[string]string{
		"GESCONFORM_TOKEN": "aaTOKEN+0123456789/bb", "GESCONFORM_READONLY_TOKEN": "readonly-0123456789-cc", "GESCONFORM_EXPIRED_TOKEN": "expired-0123456789-dd",
		"GESCONFORM_SECRET_KEY": "SECRETkey0123456789ee", "GESCONFORM_SECURITY_TOKEN": "security-0123456789-ff", "GESCONFORM_PASSWORD": "Pass-w0rd-of-IAM!", "HTTPS_PROXY": "proxy/pass+word9",
	} {
		for how, written := range map[string]string{
			"as it is": secret, "base64": base64.StdEncoding.EncodeToString([]byte("x" + secret)), "entities": strings.NewReplacer("+", "&#x2b;", "-", "&#45;", "/", "&sol;").Replace(secret),
		} {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "it is "+written+".") }))
			x := to(t, s.URL, func(c *config.Config) {
				c.Token, c.ReadonlyToken, c.ExpiredToken = "aaTOKEN+0123456789/bb", "readonly-0123456789-cc", "expired-0123456789-dd"
				c.SecretKey, c.SecurityToken, c.Login = "SECRETkey0123456789ee", "security-0123456789-ff", iam.Login{Password: "Pass-w0rd-of-IAM!"}
			}).Send(t.Context(), "case", "aim", cases.Template{Method: "GET", Path: "/v2/p/graphs/g"})
			s.Close()
			if body := string(x.Answer.Body); !strings.Contains(body, "$"+name) || strings.Contains(body, written) || !slices.Equal(x.Leaked, []string{name}) {
				t.Errorf("%s, %s: got %q, leaked %q", name, how, body, x.Leaked)
			}
		}
	}
}

// An echoed signature would let anybody send the request again for a while.
func TestASignatureIsACredential(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, signature, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
		_, _ = io.WriteString(w, "signed with "+strings.ToUpper(signature))
	}))
	defer s.Close()
	request := cases.Template{Method: "GET", Path: "/v2/p/graphs/g", Headers: []cases.Header{{Name: "X-Auth-Token", Value: wire.AuthToken(&config.Config{})}}}
	x := to(t, s.URL, func(c *config.Config) { c.Token, c.AccessKey, c.SecretKey = "", "AK", "SECRETkey0123456789ee" }).Send(t.Context(), "case", "aim", request)
	if string(x.Answer.Body) != "signed with $GESCONFORM_SIGNATURE" || !slices.Equal(x.Leaked, []string{"GESCONFORM_SIGNATURE"}) {
		t.Errorf("got %q, leaked %q", x.Answer.Body, x.Leaked)
	}
}

// A leak is seen wherever in what comes the credential is: also where nothing of it is recorded.
func TestLeaksAreSeenEverywhere(t *testing.T) {
	const secret = "c2f1a9d07b6e4835aa55"
	for name, answer := range map[string]string{
		"reason phrase":               "HTTP/1.1 404 No " + secret + "\r\nContent-Length: 0\r\n\r\n",
		"value of a header":           "HTTP/1.1 404 No\r\nX-A: b " + secret + "\r\nContent-Length: 0\r\n\r\n",
		"name of a header":            "HTTP/1.1 404 No\r\nX-" + secret + ": b\r\nContent-Length: 0\r\n\r\n",
		"two headers":                 "HTTP/1.1 404 No\r\nX-A: " + secret[:9] + "\r\nX-B: " + secret[9:] + "\r\nContent-Length: 0\r\n\r\n",
		"header and body":             "HTTP/1.1 404 No\r\nX-A: " + secret[:9] + "\r\nContent-Length: 11\r\n\r\n" + secret[9:],
		"value of a trailer":          "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-A: " + secret + "\r\n\r\n",
		"name of a trailer":           "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-" + secret + ": a\r\n\r\n",
		"a body that is cut":          "HTTP/1.1 404 No\r\nContent-Length: 900\r\n\r\n" + secret,
		"what is no HTTP":             "HTTP/1.1 404 No\r\nno field " + secret + "\r\n\r\n",
		"a body in chunks in between": "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n" + secret[:9] + "\r\nb\r\n" + secret[9:] + "\r\n0\r\n\r\n",
	} {
		endpoint, _ := answering(t, answer)
		x := to(t, endpoint, func(c *config.Config) { c.Token = secret }).Send(t.Context(), "case", "aim", cases.Template{Method: "GET", Path: "/v2/p/graphs/g"})
		kept, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(x.Leaked, []string{"GESCONFORM_TOKEN"}) {
			t.Errorf("%s: got the leaks %q in %.300s", name, x.Leaked, kept)
		}
		if text := strings.ToLower(string(kept)); strings.Contains(text, secret[:11]) || x.Answer != nil && strings.Contains(string(x.Answer.Body), secret[9:]) {
			t.Errorf("%s: kept %.300s", name, kept)
		}
	}
}

// What is kept of a long body ends where the text without credentials is cut: no half of one is
// in it, wherever the border falls.
func TestNoHalfATokenAtTheBorderOfWhatIsKept(t *testing.T) {
	const secret, kept = "c2f1a9d07b6e4835aa55c2f1", 64 << 10
	for _, written := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%x", secret)} {
		for before := kept - len(written) - 1; before <= kept+1; before += 5 {
			endpoint, _ := answering(t, "HTTP/1.1 200 OK\r\n\r\n"+strings.Repeat("~", before)+written+strings.Repeat("~", 1<<20))
			x := to(t, endpoint, func(c *config.Config) { c.Token = secret }).Send(t.Context(), "case", "aim", cases.Template{Method: "GET", Path: "/v2/p/graphs/g"})
			if x.Failure == nil || x.Failure.Kind != exchange.TooLong || !slices.Equal(x.Leaked, []string{"GESCONFORM_TOKEN"}) {
				t.Fatalf("expected a leak in an answer that is too long, got %+v, %q", x.Failure, x.Leaked)
			}
			const name = "$GESCONFORM_TOKEN"
			if rest := strings.Trim(string(x.Answer.Body[:min(len(x.Answer.Body), kept)]), "~"); rest != name[:min(len(rest), len(name))] {
				t.Fatalf("%d bytes before it: kept %q", before, rest)
			}
		}
	}
}

// Nor is half a token left where reading ends: what is read of it goes.
func TestNoHalfATokenAtTheBorderOfWhatIsRead(t *testing.T) {
	const secret = "c2f1a9d07b6e4835aa55c2f1"
	for _, written := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%x", secret)} {
		for part := 16; part <= len(written); part += 8 {
			endpoint, _ := answering(t, "HTTP/1.1 200 OK\r\n\r\n"+strings.Repeat("~", limits.ReadBody-part)+written+strings.Repeat("~", 100))
			x := to(t, endpoint, func(c *config.Config) { c.Token = secret }).Send(t.Context(), "case", "aim", cases.Template{Method: "GET", Path: "/v2/p/graphs/g"})
			if x.Failure == nil || x.Failure.Kind != exchange.TooLong {
				t.Fatalf("expected an answer that is too long, got %+v", x.Failure)
			}
			if rest := strings.Trim(string(x.Answer.Body), "~"); strings.Contains(rest, written[:12]) {
				t.Errorf("of %d bytes, %q is kept", part, rest)
			}
		}
	}
}
