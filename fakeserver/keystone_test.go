package fakeserver_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// Logins need the right password and domain. Domains and projects may be given by name or
// by id.
func TestLogins(t *testing.T) {
	s := scenario.Default()
	s.Users = append(s.Users, scenario.User{Name: "nobody"})
	s.Projects = append(s.Projects, scenario.Project{Name: "abroad", Domain: "another"})
	server := fakeserver.New(fakeserver.WithScenario(s))
	f := server.Fixtures()
	login := func(methods, user, scope string) *httptest.ResponseRecorder {
		return request{path: "/v3/auth/tokens", body: `{"auth":{"identity":{"methods":` + methods + `,"password":{"user":{` + user + `}}},"scope":{"project":{` + scope + `}}}}`}.send(server, f)
	}
	const password, home = `["password"]`, `"name":"cn-north-4"`
	operator := `"name":"` + f.UserName + `","password":"` + f.Password + `"`
	domain := `"domain":{"id":"` + member(t, login(password, operator, home), "token", "user", "domain", "id") + `"}`
	for _, test := range []struct {
		methods, user, scope string
		want                 int
	}{
		{password, operator, home, http.StatusCreated},
		{password, operator + `,` + domain, home, http.StatusCreated},
		{password, operator + `,"domain":{"name":"acme"}`, home + `,` + domain, http.StatusCreated},
		{`["token"]`, operator, home, http.StatusUnauthorized},
		{`["password","totp"]`, operator, home, http.StatusUnauthorized},
		{`[]`, operator, home, http.StatusUnauthorized},
		{password, operator + `,"domain":{"name":"another"}`, home, http.StatusUnauthorized},
		{password, operator, home + `,"domain":{"name":"another"}`, http.StatusUnauthorized},
		{password, operator, `"name":"abroad"`, http.StatusUnauthorized},
		{password, `"name":"nobody"`, home, http.StatusUnauthorized},
		{password, `"name":"nobody","password":""`, home, http.StatusUnauthorized},
		{password, operator + `,"more":"` + strings.Repeat("x", 12<<20) + `"`, home, http.StatusRequestEntityTooLarge},
	} {
		if got := login(test.methods, test.user, test.scope); got.Code != test.want {
			t.Errorf("%s %.100s %s: got %d %s", test.methods, test.user, test.scope, got.Code, got.Body)
		}
	}
	reader := login(password, `"name":"reader","password":"`+s.Users[1].Password+`"`, home)
	upgrade := request{body: good, header: header("X-Auth-Token", reader.Header().Get("X-Subject-Token"))}.send(server, f)
	if outcome(upgrade) != "Forbidden GES.7041" || !strings.Contains(reader.Body.String(), `"roles":[{"name":"readonly"`) {
		t.Errorf("a reader: got %s, then %s", reader.Body, upgrade.Body)
	}
}

// The catalog has the address that the client used.
func TestCatalog(t *testing.T) {
	server := fakeserver.New()
	f := server.Fixtures()
	body := `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"` + f.UserName + `","password":"` + f.Password +
		`"}}},"scope":{"project":{"name":"` + f.ProjectName + `"}}}}`
	for _, base := range []string{"http://ges.example.com:8080", "https://ges.example.com"} {
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, base+"/v3/auth/tokens", strings.NewReader(body)))
		for _, url := range []string{base + "/v2/" + f.ProjectID, base + "/v3"} {
			if !strings.Contains(answer.Body.String(), `"url":"`+url+`"`) {
				t.Errorf("expected %s in the catalog, got %s", url, answer.Body)
			}
		}
	}
}

// There is no token for a domain that is not the user's. A token for the user's domain has
// an empty catalog, not none.
func TestDomainTokens(t *testing.T) {
	server := fakeserver.New()
	f := server.Fixtures()
	for _, test := range []struct {
		scope  string
		status int
	}{
		{`,"scope":{"domain":{"name":"` + f.DomainName + `"}}`, http.StatusCreated},
		{``, http.StatusCreated},
		{`,"scope":{"domain":{"name":"another"}}`, http.StatusUnauthorized},
		{`,"scope":{"domain":{"id":"0"}}`, http.StatusUnauthorized},
	} {
		got := request{path: "/v3/auth/tokens", body: `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"` + f.UserName +
			`","password":"` + f.Password + `"}}}` + test.scope + `}}`}.send(server, f)
		if got.Code != test.status || test.status == http.StatusCreated && !strings.Contains(got.Body.String(), `"catalog":[]`) {
			t.Errorf("%q: got %d %s", test.scope, got.Code, got.Body)
		}
	}
}

// Keystone clients are sent to version 3 at the address that they have used.
func TestVersionsOfIAM(t *testing.T) {
	server := fakeserver.New()
	for path, want := range map[string]int{"/": http.StatusMultipleChoices, "/v3": http.StatusOK, "/v3/": http.StatusOK} {
		got := request{method: http.MethodGet, path: path, header: header("X-Auth-Token")}.send(server, server.Fixtures())
		if got.Code != want || !strings.Contains(got.Body.String(), `"href":"http://example.com/v3/"`) {
			t.Errorf("%s: got %d %s", path, got.Code, got.Body)
		}
	}
}
