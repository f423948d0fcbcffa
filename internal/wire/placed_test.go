package wire_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/wire"
)

// anyDocument returns a client for a service of no particular kind, which has no credentials of GES.
func anyDocument(t *testing.T, endpoint string, options ...wire.Option) *wire.Client {
	t.Helper()
	c := config.Default()
	c.Endpoint, c.Risk, c.RequestTimeout = endpoint, cases.Destructive, 20*time.Second
	client := wire.New(&c, options...)
	t.Cleanup(client.Close)
	return client
}

// open is a gate that lets everything pass.
type open struct{}

func (open) Admit(*cases.Template) (cases.Risk, error)   { return cases.Inert, nil }
func (open) Observe(*cases.Template, *exchange.Exchange) {}

// Credentials in every place, long ones and ones so short that they could be any text.
var placed = []struct {
	name       string
	credential wire.Credential
	request    cases.Template
	secret     string // must be nowhere
	shown      string // must be somewhere
}{
	{"a header", wire.Credential{In: contract.InHeader, Name: "X-Api-Key", Value: "k3y-9f8a7b6c5d"}, header("X-Api-Key", "k3y-9f8a7b6c5d"), "k3y-9f8a7b6c5d", "$X_API_KEY"},
	{"a short header", wire.Credential{In: contract.InHeader, Name: "X-Api-Key", Value: "k3y"}, header("x-api-key", "k3y"), "k3y", "$X_API_KEY"},
	{"bearer", wire.Credential{In: contract.InHeader, Name: "Authorization", Value: "Bearer t0k-9f8a7b6c5d", Variable: "SHOP_TOKEN"}, header("Authorization", "Bearer t0k-9f8a7b6c5d"), "t0k-9f8a7b6c5d", "$SHOP_TOKEN"},
	{"the password of basic", wire.Credential{In: contract.InHeader, Name: "Authorization", Value: "Basic YW5uOnBhc3M5ZjhhN2I2Yw=="}, header("Authorization", "Basic YW5uOnBhc3M5ZjhhN2I2Yw=="), "YW5uOnBhc3M5ZjhhN2I2Yw", "$AUTHORIZATION"},
	{"a query", wire.Credential{In: contract.InQuery, Name: "api key", Value: "q9f8a7b6c5d/e"}, cases.Template{Method: "GET", Path: "/a?x=1&api+key=q9f8a7b6c5d%2Fe&y=2"}, "q9f8a7b6c5d", "api+key=$API_KEY&y=2"},
	{"a short query", wire.Credential{In: contract.InQuery, Name: "key", Value: "q7z"}, cases.Template{Method: "GET", Path: "/a?key=q7z"}, "q7z", "?key=$KEY"},
	{"a cookie", wire.Credential{In: contract.InCookie, Name: "sid", Value: "c9f8a7b6c5de"}, header("Cookie", "a=b; sid=c9f8a7b6c5de"), "c9f8a7b6c5de", "a=b; sid=$SID"},
	{"a short cookie", wire.Credential{In: contract.InCookie, Name: "sid", Value: "c7z"}, header("Cookie", "sid=c7z; a=b"), "c7z", "sid=$SID; a=b"},
}

func header(name, value string) cases.Template {
	return cases.Template{Method: "GET", Path: "/a", Headers: []cases.Header{{Name: name, Value: value}}}
}

func TestPlacedCredentialsLeaveAndAreNotKept(t *testing.T) {
	for _, tt := range placed {
		var got *http.Request
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r }))
		x := anyDocument(t, server.URL, wire.WithGate(open{}), wire.WithCredentials(tt.credential)).Send(context.Background(), "c", "a", tt.request)
		server.Close()
		sent, wanted := got.Header.Get(tt.credential.Name), tt.credential.Value
		switch tt.credential.In {
		case contract.InQuery:
			sent = got.URL.Query().Get(tt.credential.Name)
		case contract.InCookie:
			cookie, err := got.Cookie(tt.credential.Name)
			if err != nil {
				t.Fatal(err)
			}
			sent = cookie.Value
		default:
		}
		if sent != wanted {
			t.Errorf("%s: %q has left, want %q", tt.name, sent, wanted)
		}
		kept, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(kept), `\u0026`, "&")
		if strings.Contains(text, tt.secret) || !strings.Contains(text, tt.shown) {
			t.Errorf("%s: kept %s, want %s in it, and not %s", tt.name, text, tt.shown, tt.secret)
		}
	}
}

func TestPlacedCredentialsInAnswersAreNamed(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"you sent": "k3y-9F8A7B6C5D", "password": "cGFzczlmOGE3YjZj"}`) // in other letters, and in base64
	}))
	defer server.Close()
	client := anyDocument(t, server.URL, wire.WithGate(open{}), wire.WithCredentials(
		wire.Credential{In: contract.InHeader, Name: "X-Api-Key", Value: "k3y-9f8a7b6c5d"},
		wire.Credential{In: contract.InHeader, Name: "Authorization", Value: "Basic YW5uOnBhc3M5ZjhhN2I2Yw==", Variable: "LOGIN"},
	))
	x := client.Send(context.Background(), "c", "a", cases.Template{Method: "GET", Path: "/a"})
	if got := strings.Join(x.Leaked, " "); got != "LOGIN X_API_KEY" {
		t.Errorf("leaked: got %q", got)
	}
	if body := string(x.Answer.Body); strings.Contains(strings.ToLower(body), "9f8a") || strings.Contains(body, "cGFzcz") {
		t.Errorf("kept %s", body)
	}
}

func TestAlteredCredentialsAreToldFromTheRealOnes(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	client := anyDocument(t, server.URL, wire.WithGate(open{}), wire.WithCredentials(
		wire.Credential{In: contract.InHeader, Name: "X-Api-Key", Value: "k3y-9f8a7b6c5d", Altered: []string{"k3y-9f8a7b6c5e"}},
	))
	x := client.Send(context.Background(), "c", "a", header("X-Api-Key", "k3y-9f8a7b6c5e"))
	if got := x.Request.Header.Get("X-Api-Key"); got != "$X_API_KEY_ALTERED" {
		t.Errorf("got %q", got)
	}
}

func TestNoCredentialsOfGESWithoutAny(t *testing.T) {
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }))
	defer server.Close()
	client := anyDocument(t, server.URL, wire.WithGate(open{}))
	client.Send(context.Background(), "c", "a", cases.Template{Method: "POST", Path: "/a", Body: "{}", Headers: []cases.Header{{Name: "Accept", Value: "text/csv"}}})
	for _, name := range []string{"X-Auth-Token", "X-Project-Id", "X-Sdk-Date", "Authorization", "Cookie"} {
		if values := got.Values(name); values != nil {
			t.Errorf("%s: got %q, want none", name, values)
		}
	}
	if accept := got.Get("Accept"); accept != "text/csv" {
		t.Errorf("Accept: got %q, want what the request says", accept)
	}
}

const oneThing = `openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: show, responses: {"200": {description: ok}}}
    delete: {operationId: remove, responses: {"204": {description: ok}}}
`

// A client with the gate of a document sends a deletion only after a read of its own has shown that
// there is nothing to delete, and never follows a redirect.
func TestAClientWithTheGateOfADocument(t *testing.T) {
	c, err := contract.Parse("things.yaml", []byte(oneThing))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method+" "+r.URL.Path)
		switch r.URL.Path {
		case "/things/3":
			http.Redirect(w, r, "/things/1", http.StatusTemporaryRedirect)
		case "/things/404":
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	client := anyDocument(t, server.URL, wire.WithGate(wire.NewDocumentGate(c, cases.Inert, nil, nil)))
	for _, r := range []struct{ method, path, risk string }{
		{"DELETE", "/things/404", "destructive"}, {"GET", "/things/404", "inert"}, {"DELETE", "/things/404", "inert"},
		{"GET", "/things/1", "inert"}, {"DELETE", "/things/1", "destructive"}, {"GET", "/things/3", "inert"},
	} {
		x := client.Send(context.Background(), "c", "a", cases.Template{Method: r.method, Path: r.path})
		if x.Risk != r.risk {
			t.Errorf("%s %s: got risk %s, want %s", r.method, r.path, x.Risk, r.risk)
		}
	}
	want := "GET /things/404, DELETE /things/404, GET /things/1, GET /things/3"
	if all := strings.Join(got, ", "); all != want {
		t.Errorf("got %s, want %s", all, want)
	}
}
