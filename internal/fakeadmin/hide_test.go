package fakeadmin

import (
	"encoding/base64"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/selftest/spelt"
)

// planted is a scenario whose credentials are known to the test.
var planted = &scenario.Scenario{
	Projects: []scenario.Project{{Name: "p", ID: "0123456789abcdef0123456789abcdef"}},
	Users: []scenario.User{
		{
			Name: "operator", Password: `Pass "wo/rd"+1`,
			Tokens:     []scenario.Token{{Value: "planted-token", Project: "p"}},
			AccessKeys: []scenario.AccessKey{{Access: "PLANTEDACCESS", Secret: "planted-secret", SecurityToken: "planted-security"}},
		},
		{Name: "other", Password: "Other-password-1", Tokens: []scenario.Token{{Project: "p"}}},
	},
	Graphs: []scenario.Graph{{Name: "g", Project: "p"}},
}

// secrets are the credentials of the scenario, and one that only the client knows.
var secrets = []string{`Pass "wo/rd"+1`, "planted-token", "planted-secret", "planted-security", "Other-password-1", "clients-own"}

// TestNoCredentialIsShown sends credentials in every place of a request, and looks for them
// in everything that the administration serves.
func TestNoCredentialIsShown(t *testing.T) {
	t.Parallel()
	s := newSite(t, fakeserver.WithScenario(planted))
	const graph = "/v2/0123456789abcdef0123456789abcdef/graphs/x"
	for _, secret := range secrets {
		inJSON := strings.NewReplacer(`"`, `\"`).Replace(secret)
		inQuery, inPath := url.QueryEscape(secret), url.PathEscape(secret)
		for _, header := range []string{
			"X-Auth-Token", "X-Security-Token", "Authorization", "Cookie", "Proxy-Authorization", "X-Subject-Token", "Auth-Token",
			"X-Api-Key", "Password", "Api_key", "X-Secret",
		} {
			s.ask("POST", graph+"/upgrade", `{"upgrade_version":"`+inJSON+`"}`, header, secret, "Content-Type", "application/json")
		}
		s.ask("POST", graph+"/upgrade", `{"a":{"password": "`+inJSON+`", "b":"`+inJSON+`"},"`+inJSON+`":1}`, "X-Auth-Token", "planted-token")
		s.ask("POST", "/v3/auth/tokens", `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"operator","password":"`+inJSON+`"}}}}}`)
		s.ask("PUT", "/v3/auth/tokens", `{"auth":{"identity":{"password":{"user":{"name":"operator","password":"`+inJSON+`"}}}}}`)
		s.ask("POST", "/v3/auth/token", `{"auth":{"identity":{"password":{"user":{"password":"`+inJSON) // cut off
		s.ask("POST", "/login", "user=operator&password="+inQuery+"&client_secret="+inQuery, "Content-Type", "application/x-www-form-urlencoded")
		s.ask("GET", graph+"?token="+inQuery, "")
		s.ask("GET", graph+"?access_token="+inPath+"&x=1", "")
		s.ask("GET", graph+"?X-Auth-Token="+inQuery, "", "X-Note", "token="+secret)
	}
	for _, secret := range secrets[:len(secrets)-1] { // those that the fake knows are redacted without a name, too
		s.ask("GET", "/v2/"+url.PathEscape(secret)+"/graphs", "", "X-Note", "is it "+secret+"?", "User-Agent", secret)
		s.ask("PATCH", "/"+url.QueryEscape(secret), "text "+secret+" text")
	}
	wantHidden(t, s)
}

// Tokens that IAM has issued, and generated ones, are recognised by their form.
func TestTokensAreHiddenByTheirForm(t *testing.T) {
	t.Parallel()
	s := newSite(t, fakeserver.WithScenario(planted))
	answer, body := s.ask("POST", "/v3/auth/tokens",
		`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"other","password":"Other-password-1"}}},"scope":{"project":{"name":"p"}}}}`)
	token := answer.Header.Get("X-Subject-Token")
	if token == "" {
		t.Fatalf("expected a token, got %s", body)
	}
	s.ask("GET", "/v2/x?a="+url.QueryEscape(token), "it is "+token, "X-Note", token)
	s.ask("GET", "/"+token, "")
	wantHidden(t, s, token, token[:80], url.QueryEscape(token)[:80])
}

// However a credential is spelt, nobody can read it on the page or in the journal.
func TestNoSpellingIsShown(t *testing.T) {
	t.Parallel()
	seed := spelt.Seed()
	r := rand.New(rand.NewPCG(seed, 11))
	s := newSite(t)
	for range 12 {
		secret := []string{s.Fixtures().Token, s.Fixtures().SecretKey}[r.IntN(2)]
		written, how := spelt.Random(r, secret)
		s.Reset()
		s.ask("POST", "/v2/p/graphs/g/upgrade?a="+url.QueryEscape(written), "it is "+written, "X-Note", base64.StdEncoding.EncodeToString([]byte(written)))
		for _, page := range []string{"/_fake/", "/_fake/journal"} {
			if read, usable := spelt.Usable(s.get(page), secret); usable {
				t.Errorf("seed %d: %s: %q, %s, can be read: %q", seed, page, secret, how, read)
			}
		}
	}
}

func wantHidden(t *testing.T, s *site, more ...string) {
	t.Helper()
	pages := []string{"/_fake/", "/_fake/?violations=true", "/_fake/?text=pass", "/_fake/state", "/_fake/journal", "/_fake/metrics", "/_fake/scenario/schema"}
	for _, page := range pages {
		body := s.get(page)
		for _, secret := range slices.Concat(secrets, more) {
			forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), strings.ReplaceAll(secret, `"`, `\"`),
				strings.ReplaceAll(secret, `"`, "&#34;"), strings.ReplaceAll(secret, `"`, `\\\"`), base64.StdEncoding.EncodeToString([]byte(secret))}
			for _, form := range forms {
				if at := strings.Index(body, form); at >= 0 {
					t.Errorf("%s shows %q in …%s…", page, form, body[max(0, at-200):min(len(body), at+100)])
				}
			}
		}
	}
	if !strings.Contains(s.get("/_fake/journal"), redacted) {
		t.Error("expected [redacted] in place of credentials")
	}
}

func TestWhatIsNoCredentialIsShown(t *testing.T) {
	t.Parallel()
	s := newSite(t, fakeserver.WithScenario(planted))
	s.upgrade(`{"upgrade_version":"2.2.9","note":"a password is asked for"}`)
	s.ask("GET", "/v2/x?limit=5&passport=1", "", "X-Note", "secrets are none")
	for _, want := range []string{`a password is asked for`, `limit=5\u0026passport=1`, "secrets are none", "PLANTED"} {
		if got := strings.Contains(s.get("/_fake/journal"), want); got != (want != "PLANTED") {
			t.Errorf("expected %q in the journal to be %t", want, !got)
		}
	}
	s.ask("GET", "/v2/x", "", "X-Sdk-Date", "20260101T000000Z")
	if !strings.Contains(s.get("/_fake/journal"), "20260101T000000Z") {
		t.Error("expected a date to stay")
	}
}
