package run_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/run"
	"github.com/gesconform/gesconform/internal/session"
)

func TestPreviewSendsNothing(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("expected no request, got %s %s", r.Method, r.URL)
	}))
	defer server.Close()
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	const secret = "planted-token-0123456789"
	preview := func(change func(*config.Config)) string {
		c := config.Default()
		c.Endpoint, c.ProjectID, c.GraphID, c.Token, c.ReadonlyToken, c.Seed = server.URL, "my-project", "my-graph", secret, secret+"2", 5
		change(&c)
		var out strings.Builder
		if err := run.Preview(run.Options{Options: session.Options{Contract: document, Config: c}, Out: &out}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), secret) {
			t.Error("expected a preview without the token")
		}
		return out.String()
	}
	inert := preview(func(*config.Config) {})
	all := preview(func(c *config.Config) { c.Risk, c.UpgradeVersions = cases.Destructive, []string{"1.0.6"} })
	derived, err := cases.Derive(document)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range derived {
		if !strings.Contains(inert, "\n"+k.ID+" (") || !strings.Contains(all, "\n"+k.ID+" (") {
			t.Errorf("%s is missing", k.ID)
		}
	}
	for text, has := range map[string][2]bool{
		"plan: 447 cases against " + server.URL:                                              {true, true},
		"curl -sS -i -X POST '" + server.URL + "/v2/my-project/graphs/absent-graph/upgrade'": {true, true},
		"curl -sS -i -X POST '" + server.URL + "/v2/my-project/graphs/my-graph/upgrade'":     {false, true},
		`-H "X-Auth-Token: $GESCONFORM_TOKEN"`:                                               {true, true},
		`-H "X-Auth-Token: $GESCONFORM_READONLY_TOKEN"`:                                      {true, true},
		`{"upgrade_version":"<the graph'\''s own version>"`:                                  {false, true},
		`"<the next of --upgrade-version>"`:                                                  {false, true},
		"destructive: not sent, the risk is not allowed":                                     {true, false},
		"guarded: not sent, the risk is not allowed":                                         {true, false},
		"not sent, --expired-token is not given":                                             {true, true},
	} {
		for i, out := range []string{inert, all} {
			if strings.Contains(out, text) != has[i] {
				t.Errorf("output %d has %q: %t, want %t", i, text, !has[i], has[i])
			}
		}
	}
	for text, change := range map[string]func(*config.Config){
		`-H "X-Auth-Token: $GESCONFORM_TOKEN"`:              func(c *config.Config) { c.Token, c.TokenCommand = "", "exit 1" },
		`-H 'Authorization: <signature of the access key>'`: func(c *config.Config) { c.Token, c.AccessKey, c.SecretKey = "", "my-key", secret },
	} {
		if out := preview(change); !strings.Contains(out, text) {
			t.Errorf("there is no %s in %.600s", text, out)
		}
	}
	one := preview(func(c *config.Config) { c.LabelFilter = "method" })
	if strings.Contains(one, "upgradeGraph/body/") || !strings.Contains(one, "upgradeGraph/method/put") {
		t.Errorf("expected only the selected cases, got %.300s", one)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestPreviewFails(t *testing.T) {
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	if err := run.Preview(run.Options{Options: session.Options{Contract: document, Config: c}, Out: full{}}); err == nil || !strings.Contains(err.Error(), "endpoint") {
		t.Errorf("without an endpoint: got %v", err)
	}
	c.Endpoint, c.ProjectID, c.GraphID, c.Token = "http://127.0.0.1:1", "p", "g", "t"
	if err := run.Preview(run.Options{Options: session.Options{Contract: document, Config: c}, Out: full{}}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("with an output folder that cannot be written: got %v", err)
	}
}
