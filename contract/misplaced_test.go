package contract_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/selftest/spelt"
)

// token has characters that are escaped in one place or another.
const token = "MIIabc+/def==ghijkl"

// Credentials belong in their header only.
func TestPlacesOfCredentials(t *testing.T) {
	document := load(t)
	path := "/v2/0123456789abcdef0123456789abcdef/graphs/g/upgrade"
	for name, test := range map[string]struct {
		path, query, body string
		header            http.Header
		want              string // the place
	}{
		"in their header":               {},
		"in the query":                  {query: "t=" + url.QueryEscape(token), want: "the query"},
		"in the query, among others":    {query: "a=b&x=y" + url.QueryEscape(token) + "&%zz", want: "the query"},
		"a parameter of the name":       {query: "x_auth_token=none", want: "the query"},
		"another parameter":             {query: "limit=10&token_count=3"},
		"in the path":                   {path: path + "/" + url.PathEscape(token), want: "the path"},
		"in a cookie":                   {header: header("Cookie", "a=b; s="+token), want: "the header Cookie"},
		"in a cookie, escaped":          {header: header("Cookie", "s="+url.QueryEscape(token)), want: "the header Cookie"},
		"a cookie of the name":          {header: header("Cookie", "a=b; X-Auth-Token=none"), want: "the header Cookie"},
		"another cookie":                {header: header("Cookie", "HWWAFSESID=1")},
		"in another header":             {header: header("X-Debug", "sent "+token), want: "the header X-Debug"},
		"in the referrer":               {header: header("Referer", "https://h/?t="+url.QueryEscape(token)), want: "the header Referer"},
		"in the body":                   {body: `{"upgrade_version":"2.2.9","token":"` + token + `"}`, want: "the body"},
		"in the body, escaped":          {body: `{"token":"MIIabc\u002b\/def\u003d\u003dghijkl"}`, want: "the body"},
		"in the name of a member":       {body: `{"a":[{"` + strings.ReplaceAll(token, "/", `\/`) + `":1}]}`, want: "the body"},
		"in the body, which is no JSON": {body: "token: " + token, want: "the body"},
		"in several places":             {query: "t=" + url.QueryEscape(token), header: header("Cookie", "s="+token), body: token, want: "the query, the header Cookie, the body"},
		"with a scheme":                 {header: header("Authorization", "Bearer "+token), want: "the header Authorization"},
		"in base64":                     {header: header("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("token:"+token))), want: "the header Authorization"},
		"in the query, in base64":       {query: "t=" + base64.RawURLEncoding.EncodeToString([]byte(token)), want: "the query"},
		"in the path, escaped twice":    {path: path + "/" + url.PathEscape(url.QueryEscape(token)), want: "the path"},
		"in the name of a header":       {header: http.Header{"X-Miiabc-Def-Ghijkl": {"1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &contract.Request{Method: http.MethodPost, Path: path + "?" + test.query, Body: []byte(test.body), Header: http.Header{"X-Auth-Token": {token}, "Content-Type": {"application/json"}}}
			if test.path != "" {
				r.Path = test.path
			}
			if test.body == "" {
				r.Body = []byte(`{"upgrade_version":"2.2.9"}`)
			}
			for name, values := range test.header {
				r.Header[name] = values
			}
			var got []string
			for _, p := range document.Judge(r, &contract.Answer{}).Request {
				if strings.Contains(fmt.Sprintf("%+v", p), token) {
					t.Errorf("%+v has the token", p)
				}
				if p.In == contract.InSecurity && p.Keyword == "place" && p.Name == "X-Auth-Token" {
					_, place, _ := strings.Cut(p.Message, "only, got some in ")
					got = append(got, place)
				}
			}
			if strings.Join(got, ", ") != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Credentials are found wherever they are, in any spelling, and what is said of them does not repeat them.
func TestPlacesInRandomSpellings(t *testing.T) {
	document := load(t)
	seed := spelt.Seed()
	r := rand.New(rand.NewPCG(seed, 7))
	for range 300 {
		secret := spelt.Token(r)
		written, how := spelt.Random(r, secret)
		request := &contract.Request{
			Method: http.MethodPost, Path: "/v2/p/graphs/g/upgrade", Header: http.Header{"X-Auth-Token": {secret}, "Content-Type": {"application/json"}},
			Body: []byte(`{"upgrade_version":"2.2.9"}`),
		}
		place := []string{"the query", "the header X-Note", "the body"}[r.IntN(3)]
		switch place {
		case "the query":
			request.Path += "?note=" + url.QueryEscape(written)
		case "the body":
			request.Body = []byte(written)
		default:
			request.Header["X-Note"] = []string{written}
		}
		judgement := document.Judge(request, &contract.Answer{})
		if !slices.ContainsFunc(judgement.Request, func(p contract.Problem) bool {
			return p.Keyword == "place" && p.Name == "X-Auth-Token" && strings.HasSuffix(p.Message, place) && p.Line == lineOf(t, "    token:")
		}) {
			t.Errorf("seed %d: %s, %s: expected it to be found in %s, got %v", seed, secret, how, place, judgement.Request)
		}
		if said, _ := json.Marshal(judgement); strings.Contains(string(said), secret) {
			t.Errorf("seed %d: %s, %s: %s repeats it", seed, secret, how, said)
		}
	}
}

// A header that says which project a request is for says the same as the path.
func TestHeadersThatRepeatThePath(t *testing.T) {
	document := load(t)
	for name, test := range map[string]struct {
		path    string
		project []string
		want    int
	}{
		"none":               {path: "/v2/p1/graphs/g"},
		"the same":           {path: "/v2/p1/graphs/g", project: []string{"p1"}},
		"the same, escaped":  {path: "/v2/p%31/graphs/g", project: []string{"p1"}},
		"another":            {path: "/v2/p1/graphs/g", project: []string{"p2"}, want: 1},
		"empty":              {path: "/v2/p1/graphs/g", project: []string{""}, want: 1},
		"the same, and more": {path: "/v2/p1/graphs/g", project: []string{"p1", "p2"}, want: 1},
		"nowhere":            {path: "/v2/p1/nowhere", project: []string{"p2"}},
	} {
		r := &contract.Request{Method: http.MethodGet, Path: test.path, Header: http.Header{"X-Auth-Token": {token}, "X-Project-Id": test.project}}
		var got []contract.Problem
		for _, p := range document.Judge(r, &contract.Answer{}).Request {
			if p.Name == "X-Project-Id" {
				got = append(got, p)
			}
		}
		want := contract.Problem{
			In: contract.InHeader, Name: "X-Project-Id", Keyword: "mismatch", Message: "expected the project_id of the path, got another",
			Clause: "/x-path-headers/X-Project-Id", Line: lineOf(t, "x-path-headers: {"),
		}
		if len(got) != test.want || test.want == 1 && got[0] != want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

// A second Authorization is noticed whatever else is there, and once.
func TestRepeatedAuthorization(t *testing.T) {
	document := load(t)
	for name, header := range map[string]http.Header{
		"beside a token": {"X-Auth-Token": {token}, "Authorization": {"a", "b"}},
		"alone":          {"Authorization": {"a", "b"}},
	} {
		var got []string
		for _, p := range document.Judge(&contract.Request{Method: http.MethodGet, Path: "/v2/p/graphs/g", Header: header}, &contract.Answer{}).Request {
			if p.Name == "Authorization" {
				got = append(got, p.Keyword)
			}
		}
		if !slices.Equal(got, []string{"repeated"}) {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// Credentials go to the endpoint's origin only.
func TestOriginOfCredentials(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	defer other.Close()
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to := r.Header.Get("X-To"); to != "" && r.URL.Path != "/elsewhere" {
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		}
	}))
	defer first.Close()
	hop := httptest.NewServer(http.RedirectHandler(other.URL+"/hop", http.StatusFound))
	defer hop.Close()
	for name, test := range map[string]struct {
		to, endpoint, token string
		want                []string // the hosts to which credentials went astray
	}{
		"no redirect":                      {token: token},
		"to the same origin":               {to: first.URL + "/elsewhere", token: token},
		"to another origin":                {to: other.URL + "/a", token: token, want: []string{other.URL}},
		"to another one over a third":      {to: hop.URL + "/a", token: token, want: []string{hop.URL, other.URL}},
		"without credentials":              {to: other.URL + "/a"},
		"the endpoint is said":             {endpoint: first.URL + "/", token: token},
		"the endpoint is another":          {endpoint: other.URL, token: token, want: []string{first.URL}},
		"the endpoint is where it ends up": {to: other.URL + "/a", endpoint: other.URL, token: token, want: []string{first.URL}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			client := &http.Client{Transport: &contract.Transport{Endpoint: test.endpoint, Report: func(j contract.Judgement) {
				for _, p := range j.Request {
					if p.Keyword == "origin" && p.Name == "X-Auth-Token" {
						_, host, _ := strings.Cut(p.Message, "got some for ")
						got = append(got, host)
					}
				}
			}}}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, first.URL+"/v2/p/graphs/g", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("X-To", test.to)
			if test.token != "" {
				r.Header.Set("X-Auth-Token", test.token)
			}
			answer, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTheEndpointOfATransportIsAURL(t *testing.T) {
	client := &http.Client{Transport: &contract.Transport{Endpoint: "127.0.0.1"}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:1/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(r)
	if err == nil {
		_ = answer.Body.Close()
	}
	if want := `read Endpoint of a contract.Transport: expected a URL with a host, got "127.0.0.1"`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
}
