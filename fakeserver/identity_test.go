package fakeserver_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/ges/aksk"
)

// at is a clock that always shows the same time.
func at(t *testing.T, text string) fakeserver.Option {
	t.Helper()
	now, err := time.Parse(aksk.DateFormat, text)
	if err != nil {
		t.Fatal(err)
	}
	return fakeserver.WithClock(func() time.Time { return now })
}

// A vector is a request as the official SDK signed it.
type vector struct {
	Name          string
	AccessKey     string `json:"access_key"`
	SecretKey     string `json:"secret_key"`
	SecurityToken string `json:"security_token"`
	Method        string
	Target        string `json:"request_target"`
	Host          string
	Headers       map[string]string
	Body          string
}

func vectors(t *testing.T) []vector {
	t.Helper()
	data, err := os.ReadFile("../internal/ges/aksk/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []vector
	if err := json.Unmarshal(data, &list); err != nil || len(list) != 10 {
		t.Fatalf("got %d vectors, %v", len(list), err)
	}
	return list
}

func (v vector) request() *http.Request {
	r := httptest.NewRequest(v.Method, v.Target, strings.NewReader(v.Body))
	r.Host = v.Host
	for name, value := range v.Headers {
		r.Header.Set(name, value)
	}
	return r
}

// scenario returns a scenario with the project and the key of a vector.
func (v vector) scenario() *scenario.Scenario {
	s := scenario.Default()
	s.Projects[0].ID = "0123456789abcdef0123456789abcdef"
	s.Graphs[0].ID = "53205529-026b-455a-9e07-228fae4b12b9"
	token := v.Headers["X-Security-Token"]
	s.Users[0].AccessKeys = []scenario.AccessKey{{Access: v.AccessKey, Secret: v.SecretKey, SecurityToken: token}}
	return s
}

// The requests that the official SDK has signed are accepted, but not if anything in them
// has been changed.
func TestSignedRequests(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Name, func(t *testing.T) {
			date := v.Headers["X-Sdk-Date"]
			send := func(change func(r *http.Request), options ...fakeserver.Option) string {
				server := fakeserver.New(append([]fakeserver.Option{fakeserver.WithScenario(v.scenario()), at(t, date)}, options...)...)
				answer, r := httptest.NewRecorder(), v.request()
				change(r)
				server.ServeHTTP(answer, r)
				return outcome(answer)
			}
			if got := send(func(*http.Request) {}); got == notAuthorized || strings.HasPrefix(got, "Not Found APIGW") {
				t.Errorf("got %q", got)
			}
			for name, change := range map[string]func(r *http.Request){
				"date":         func(r *http.Request) { r.Header.Set("X-Sdk-Date", "20261123T000000Z") },
				"no date":      func(r *http.Request) { r.Header.Del("X-Sdk-Date") },
				"query":        func(r *http.Request) { r.URL.RawQuery += "&limit=11" },
				"user agent":   func(r *http.Request) { r.Header.Set("User-Agent", "curl") },
				"access key":   func(r *http.Request) { changeHeader(r, v.AccessKey, "AKEXAMPLE0000000009") },
				"signature":    func(r *http.Request) { changeHeader(r, "Signature=", "Signature=0") },
				"bearer":       func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+v.SecretKey) },
				"temporary":    func(r *http.Request) { r.Header.Set("X-Security-Token", "other") },
				"body or path": func(r *http.Request) { *r = *other(v) },
			} {
				if got := send(change); got != notAuthorized {
					t.Errorf("%s changed: got %q", name, got)
				}
			}
		})
	}
}

func changeHeader(r *http.Request, old, with string) {
	r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, with, 1))
}

// other returns the vector's request with another body or, for a GET, another path.
func other(v vector) *http.Request {
	if v.Body == "" {
		v.Target = strings.Replace(v.Target, "/v2/0", "/v2/1", 1)
	}
	v.Body += " "
	r := v.request()
	if r.Method == http.MethodGet {
		r.Body = http.NoBody
	}
	return r
}

// signed sends a request that this module's own signer has signed.
func signed(server *fakeserver.Server, key aksk.Key, when time.Time, project string) *httptest.ResponseRecorder {
	f := server.Fixtures()
	r := request{body: good, header: header("X-Auth-Token")}.build(f)
	if project != "" {
		r.Header.Set("X-Project-Id", project)
	}
	aksk.Sign(&aksk.Request{
		Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Host: r.Host, Header: r.Header, Body: []byte(good),
	}, key, when)
	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, r)
	return answer
}

func TestSigners(t *testing.T) {
	clock := newClock()
	s := scenario.Default()
	s.Users[1].AccessKeys = []scenario.AccessKey{{Access: "READER", Secret: "r"}}
	s.Users[0].AccessKeys = append(s.Users[0].AccessKeys, scenario.AccessKey{Access: "TEMPORARY", Secret: "t", SecurityToken: "st"})
	s.Upgrades = []scenario.Upgrade{{}}
	f := fakeserver.New(fakeserver.WithScenario(s)).Fixtures()
	key := aksk.Key{Access: f.AccessKey, Secret: f.SecretKey}
	now := clock.Now()
	for _, test := range []struct {
		name    string
		key     aksk.Key
		when    time.Time
		project string
		want    string
	}{
		{"operator", key, now, "", "OK"},
		{"with the project", key, now, f.ProjectID, "OK"},
		{"with another project", key, now, "0123456789abcdef", "Bad Request GES.0016"},
		{"a quarter of an hour ago", key, now.Add(-15 * time.Minute), "", "OK"},
		{"longer ago", key, now.Add(-15*time.Minute - time.Second), "", notAuthorized},
		{"in the future", key, now.Add(15*time.Minute + time.Second), "", notAuthorized},
		{"wrong secret", aksk.Key{Access: key.Access, Secret: "wrong"}, now, "", notAuthorized},
		{"unknown key", aksk.Key{Access: "NOBODY", Secret: key.Secret}, now, "", notAuthorized},
		{"reader", aksk.Key{Access: "READER", Secret: "r"}, now, "", "Forbidden GES.7041"},
		{"temporary", aksk.Key{Access: "TEMPORARY", Secret: "t", SecurityToken: "st"}, now, "", "OK"},
		{"temporary, without its token", aksk.Key{Access: "TEMPORARY", Secret: "t"}, now, "", notAuthorized},
	} {
		server := fakeserver.New(fakeserver.WithScenario(s), fakeserver.WithClock(clock.Now))
		if got := outcome(signed(server, test.key, test.when, test.project)); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// Five bad signatures in a row lock a key for five minutes; a good one in
// between starts the count again.
func TestKeysLock(t *testing.T) {
	clock := newClock()
	server := fakeserver.New(fakeserver.WithClock(clock.Now), fakeserver.WithUpgradeTimes(0))
	f := server.Fixtures()
	good, bad := aksk.Key{Access: f.AccessKey, Secret: f.SecretKey}, aksk.Key{Access: f.AccessKey, Secret: "x"}
	try := func(key aksk.Key, times int) (outcomes string) {
		for range times {
			outcomes = outcome(signed(server, key, clock.Now(), ""))
		}
		return outcomes
	}
	try(bad, 4)
	if got := try(good, 1); got != "OK" {
		t.Errorf("after four bad ones: got %q", got)
	}
	try(bad, 4)
	if got := try(good, 1); got == notAuthorized {
		t.Errorf("after four more: got %q", got)
	}
	try(bad, 5)
	locked := signed(server, good, clock.Now(), "")
	if outcome(locked) != notAuthorized || !strings.Contains(locked.Body.String(), "AK access failed to reach the limit") {
		t.Errorf("after five bad ones: got %s", locked.Body)
	}
	clock.Advance(5 * time.Minute)
	try(bad, 1)
	if got := try(good, 1); got == notAuthorized {
		t.Errorf("five minutes and one bad one later: got %q", got)
	}
}

// After Advance, the date of a signed request may be that of either clock.
func TestSignersAfterAnAdvance(t *testing.T) {
	clock := newClock()
	server := fakeserver.New(fakeserver.WithClock(clock.Now), fakeserver.WithUpgradeTimes(0))
	f := server.Fixtures()
	key := aksk.Key{Access: f.AccessKey, Secret: f.SecretKey}
	server.Advance(2 * time.Hour)
	for ahead, want := range map[time.Duration]bool{0: true, 2 * time.Hour: true, time.Hour: false, 3 * time.Hour: false, -time.Hour: false} {
		if let := outcome(signed(server, key, clock.Now().Add(ahead), "")) != notAuthorized; let != want {
			t.Errorf("dated %s ahead: accepted %t, want %t", ahead, let, want)
		}
	}
}

// The canonical request that the gateway shows for a wrong signature must not contain a
// token.
func TestWrongSignatureShowsNoToken(t *testing.T) {
	server := fakeserver.New()
	f := server.Fixtures()
	r := request{body: good, header: header("X-Auth-Token")}.build(f)
	r.Header.Set("X-Security-Token", "planted-secret")
	r.Header.Set("Authorization", "SDK-HMAC-SHA256 Access="+f.AccessKey+", SignedHeaders=x-sdk-date;x-security-token, Signature="+strings.Repeat("0", 64))
	r.Header.Set("X-Sdk-Date", time.Now().UTC().Format(aksk.DateFormat))
	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, r)
	if body := answer.Body.String(); !strings.Contains(body, "canonicalRequest:POST|/v2/") || strings.Contains(body, "planted-secret") {
		t.Errorf("got %s", body)
	}
}

// The gateway's error_msg says what is wrong with the credentials.
func TestReasons(t *testing.T) {
	for _, test := range []struct{ header, value, want string }{
		{"X-Auth-Token", "", "x-auth-token not found"},
		{"X-Auth-Token", "made-up", "decrypt token fail"},
		{"X-Auth-Token", "{expired}", "token expires, expires_at: 2026-01-01T03:04:05.000000Z"},
		{"Authorization", signature, "ak MADEUP not exist"},
	} {
		server := fakeserver.New(fakeserver.WithClock(newClock().Now))
		r := request{body: good, header: http.Header{"X-Auth-Token": nil, test.header: {test.value}}}
		if got := r.send(server, server.Fixtures()); !strings.Contains(got.Body.String(), test.want) {
			t.Errorf("%s: got %s, want %q", test.header, got.Body, test.want)
		}
	}
}

// IAM issues tokens. If there are too many, the oldest of them are forgotten, but never
// those of the scenario.
func TestTokensOfIAM(t *testing.T) {
	server := fakeserver.New(fakeserver.WithClock(newClock().Now), fakeserver.WithUpgradeTimes(0))
	f := server.Fixtures()
	login := func(password, scope string) *httptest.ResponseRecorder {
		body := `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"` + f.UserName + `","password":"` + password +
			`","domain":{"name":"` + f.DomainName + `"}}}},"scope":` + scope + `}}`
		return request{path: "/v3/auth/tokens", body: body, header: header("X-Auth-Token")}.send(server, f)
	}
	ofProject := `{"project":{"name":"` + f.ProjectName + `"}}`
	for _, test := range []struct {
		name, password, scope string
		status                int
		upgrade               string
	}{
		{"by name", f.Password, ofProject, http.StatusCreated, "OK"},
		{"by id", f.Password, `{"project":{"id":"` + f.ProjectID + `"}}`, http.StatusCreated, notLater},
		{"domain", f.Password, `{"domain":{"name":"` + f.DomainName + `"}}`, http.StatusCreated, "Bad Request GES.0016"},
		{"wrong password", "guessed", ofProject, http.StatusUnauthorized, notAuthorized},
		{"another's project", f.Password, `{"project":{"name":"cn-north-1"}}`, http.StatusUnauthorized, notAuthorized},
	} {
		got := login(test.password, test.scope)
		token := got.Header().Get("X-Subject-Token")
		if got.Code != test.status || (token == "") != (test.status != http.StatusCreated) || strings.Contains(got.Body.String(), test.password) {
			t.Errorf("%s: got %d %s", test.name, got.Code, got.Body)
		}
		if got := outcome(request{body: good, header: header("X-Auth-Token", token)}.send(server, f)); got != test.upgrade {
			t.Errorf("%s: the token's upgrade: got %q, want %q", test.name, got, test.upgrade)
		}
	}
	if got := member(t, login(f.Password, ofProject), "token", "expires_at"); got != "2026-01-03T03:04:05.000000Z" {
		t.Errorf("got the expiry %s", got)
	}
	first := login(f.Password, ofProject).Header().Get("X-Subject-Token")
	for range 10_000 {
		login(f.Password, ofProject)
	}
	for token, want := range map[string]string{first: notAuthorized, f.Token: notLater} {
		if got := outcome(request{body: good, header: header("X-Auth-Token", token)}.send(server, f)); got != want {
			t.Errorf("after 10,000 other tokens: got %q, want %q", got, want)
		}
	}
}

// The signature of a request for a list covers its query.
func TestSignedLists(t *testing.T) {
	clock := newClock()
	server := fakeserver.New(fakeserver.WithClock(clock.Now))
	f := server.Fixtures()
	for _, change := range []string{"", "&limit=2"} {
		r := request{method: http.MethodGet, path: "/v2/{p}/graphs/jobs?start_time=2026-01-01&graph_name=a%20b%2Fc&offset=0", header: header("X-Auth-Token")}.build(f)
		aksk.Sign(&aksk.Request{
			Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Host: r.Host, Header: r.Header,
		}, aksk.Key{Access: f.AccessKey, Secret: f.SecretKey}, clock.Now())
		r.URL.RawQuery += change
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, r)
		if got := outcome(answer); (got == "OK") != (change == "") {
			t.Errorf("with %q appended to the query: got %q", change, got)
		}
	}
}
