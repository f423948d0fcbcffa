package client

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
)

func scenarios(t *testing.T) (*contract.Contract, []*Scenario) {
	t.Helper()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	all, err := Scenarios(c)
	if err != nil {
		t.Fatal(err)
	}
	return c, all
}

// Everything that is expected of a client is what some scenario is about, and what a scenario decides is
// expected of a client.
func TestWhatIsExpectedIsDecided(t *testing.T) {
	c, all := scenarios(t)
	if len(all) < 70 {
		t.Errorf("expected at least 70 scenarios, got %d", len(all))
	}
	named := map[contract.Behaviour]int{}
	for _, s := range all {
		for _, b := range s.All() {
			if rules[b] == nil || c.RequirementExpecting(b) == nil {
				t.Errorf("%s decides %s: expected a rule and a requirement for it", s.Name, b)
			}
			if !s.Observed {
				named[b]++
			}
		}
		if s.Answered == "" || s.Expected == "" || strings.ContainsAny(s.Answered+s.Expected+s.Name, "{}") || s.Group() == s.Name {
			t.Errorf("%s: expected a group, what is answered and what is expected, got %q and %q", s.Name, s.Answered, s.Expected)
		}
	}
	for _, b := range contract.Behaviours() {
		if named[b] == 0 {
			t.Errorf("no scenario decides %s", b)
		}
	}
	if all[0].Name != "success/plain" || all[0].Strict {
		t.Errorf("expected the plain success first, got %s", all[0].Name)
	}
}

// The contract and the fake decide which scenarios there are: one for each status and code with which an
// upgrade may be refused, and one for each lawful variation that a client can notice.
func TestScenariosFollowFromTheContract(t *testing.T) {
	c, all := scenarios(t)
	there := map[string]bool{}
	for _, s := range all {
		there[s.Name] = true
	}
	for _, r := range c.Operation("upgradeGraph").Refusals() {
		for _, a := range r.Answers {
			for _, status := range strings.Fields(a.Status) {
				for _, code := range a.Codes {
					if name := "refused/" + status + "-" + code; !strings.HasSuffix(status, "XX") && !there[name] {
						t.Errorf("expected the scenario %s", name)
					}
				}
			}
		}
	}
	// These change nothing for a client that keeps to the contract and is not refused.
	silent := []string{"strict", "head", "redirects", "wrong-method", "bad-requests", "messages", "not-later", "refusal-order", "rights", "states", "unauthenticated", "unknown-graph"}
	for _, v := range fakeserver.Variations() {
		if there["variation/"+v.Name] == slices.Contains(silent, v.Name) {
			t.Errorf("variation %s: expected a scenario, unless no client can notice it", v.Name)
		}
	}
}

// Each scenario answers the first upgrade as its faults say, on the wire.
func TestScenariosAnswerAsTheySay(t *testing.T) {
	t.Parallel()
	c, all := scenarios(t)
	for _, s := range all {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			g, err := newStage(c, s)
			if err != nil {
				t.Fatal(err)
			}
			defer g.stop()
			made, err := s.service("http://other.example")
			if err != nil {
				t.Fatal(err)
			}
			expected := "200"
			if s.Endpoint == "closed" {
				expected = "nothing"
			}
			for _, d := range made.Defects {
				if status, ok := strings.CutPrefix(d.Name, "accepted-2"); ok && len(status) == 2 {
					expected = "2" + status
				}
			}
			for _, f := range made.Faults {
				switch {
				case f.Match.Operation != "upgradeGraph" && f.Match.Operation != "" || len(f.Match.Calls) > 0 && f.Match.Calls[0] != 1:
				case f.Answer != nil:
					expected = fmt.Sprint(f.Answer.Status)
					if f.Answer.RetryAfter != nil {
						expected += " Retry-After"
					}
					if f.Answer.Code != "" {
						expected += " " + f.Answer.Code
					}
				case f.Break == "hang" || f.Break == "stall" || f.Break == "endless":
					return // which is waited for in vain
				case !slices.Contains([]string{"", "drip", "truncate", "two-lengths"}, string(f.Break)):
					expected = "nothing"
				}
			}
			if got := post(t, g.endpoint); !strings.HasPrefix(got+" ", expected+" ") {
				t.Errorf("expected %s, got %s", expected, got)
			}
			g.stop()
			for _, x := range g.exchanges() {
				if len(x.Problems) > 0 || x.Answer == nil && x.Failure == nil || bytes.Contains(fmt.Appendf(nil, "%+v", x), []byte(g.endpoint.Token)) {
					t.Errorf("expected a lawful request on record, without credentials, got %+v", x)
				}
			}
		})
	}
}

var code = regexp.MustCompile(`"error_code": ?"([A-Z.0-9]+)"`)

// post sends the upgrade and returns the status, whether there is Retry-After, and the code of a
// refusal that has one, or "nothing".
func post(t *testing.T, e Endpoint) string {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.URL+"/v2/"+e.ProjectID+"/graphs/"+e.GraphID+"/upgrade", strings.NewReader(`{"upgrade_version":"`+e.UpgradeVersion+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Auth-Token", e.Token)
	response, err := client.Do(r)
	if err != nil {
		if strings.Contains(err.Error(), "Content-Length") { // there are two
			return "200"
		}
		return "nothing"
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body) // a part of it may come
	says := strconv.Itoa(response.StatusCode)
	if response.Header.Get("Retry-After") != "" {
		says += " Retry-After"
	}
	if found := code.FindSubmatch(body); found != nil && response.Header.Get("Retry-After") == "" && response.StatusCode >= 400 {
		says += " " + string(found[1])
	}
	return says
}

// Names, groups and patterns pick scenarios; those that only belong to strict runs must be named.
func TestSelect(t *testing.T) {
	_, all := scenarios(t)
	for filter, expected := range map[string]struct {
		strict bool
		picked []string
		err    string
	}{
		"success/plain":           {picked: []string{"success/plain"}},
		"job/429,success/force":   {picked: []string{"success/force", "job/429"}},
		"job/429*":                {picked: []string{"job/429", "job/429-at-once"}},
		"connection":              {picked: []string{"connection/refused", "connection/reset-early"}},
		"hang":                    {picked: []string{"hang/upgrade"}},
		"hang/":                   {strict: true, picked: []string{"hang/upgrade", "hang/body", "hang/endless", "hang/job"}},
		"hang/job":                {picked: []string{"hang/job"}},
		"hang/b*":                 {err: `"hang/b*" only picks scenarios of strict runs, which take as long as --scenario-timeout; set --strict, or name them in full`},
		"jbo/429":                 {err: `unknown scenario or group "jbo/429", did you mean "job/429"?`},
		"success/plain,":          {err: "unknown scenario or group \"\"; `gesconform client --list` lists them"},
		"success/plain,[":         {err: "unknown scenario or group \"[\"; `gesconform client --list` lists them"},
		"job/429 ,  success/drip": {picked: []string{"success/drip", "job/429"}},
	} {
		some, err := Select(all, filter, expected.strict)
		var picked []string
		for _, s := range some {
			picked = append(picked, s.Name)
		}
		if !slices.Equal(picked, expected.picked) || fmt.Sprint(err) != cmp.Or(expected.err, "<nil>") {
			t.Errorf("%q: expected %q, %s\ngot %q, %v", filter, expected.picked, expected.err, picked, err)
		}
	}
}

// What an entry picks or leaves out must exist, or a name that changes would bring scenarios back unseen.
func TestWhatAnEntryNamesIsThere(t *testing.T) {
	c, _ := scenarios(t)
	for _, s := range []Scenario{
		{ForEach: "defect", Only: []string{"accepted-201", "accepted-222"}},
		{ForEach: "variation", Except: []string{"early-hints", "accepted-222"}},
	} {
		want := "only or except: unknown " + s.ForEach + ` ["accepted-222"]`
		if _, err := s.expand(c); err == nil || err.Error() != want {
			t.Errorf("expected %q, got %v", want, err)
		}
	}
}
