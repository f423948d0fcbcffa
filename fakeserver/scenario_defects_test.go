package fakeserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// A scenario can have several defects, each in some of the calls that it can change.
func TestDefectsOfAScenario(t *testing.T) {
	s := scenario.Default()
	s.Upgrades = []scenario.Upgrade{{}}
	s.Defects = []scenario.Defect{
		{Name: "job-id-null", Calls: []int{2, 3}},
		{Name: "job-status-missing", Calls: []int{1}},
		{Name: "force-true-refused"},
	}
	server := fakeserver.New(fakeserver.WithScenario(s))
	f := server.Fixtures()
	var got []string
	for i, body := range []string{`{"upgrade_version":"%s"}`, `{"upgrade_version":"%s"}`, `{"upgrade_version":"%s","force_upgrade":true}`, `{"upgrade_version":"%s"}`, `{"upgrade_version":"%s"}`} {
		upgrade := request{body: fmt.Sprintf(body, f.Versions[i])}.send(server, f)
		id := member(t, upgrade, "job_id")
		got = append(got, fmt.Sprint(upgrade.Code, " ", id != ""))
		if id != "" {
			job := request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}/jobs/" + id + "/status"}.send(server, f)
			got = append(got, "job "+member(t, job, "status"))
		}
	}
	want := []string{"200 true", "job ", "200 false", "400 false", "200 false", "200 true", "job success"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDefectsOfAScenarioThatCannotBe(t *testing.T) {
	for name, want := range map[string]string{
		"job-id-nul":                            `did you mean "job-id-null"?`,
		"older-version-accepted":                "changes the service itself, and not only answers",
		"refusals-name-graph-of-request-before": "",
	} {
		s := scenario.Default()
		s.Defects = []scenario.Defect{{Name: name, Calls: []int{1}}}
		if _, err := fakeserver.Build(fakeserver.WithScenario(s)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Every defect can be in a scenario, and those that only change answers in some calls of one.
func TestEveryDefectInAScenario(t *testing.T) {
	limited := 0
	for _, d := range fakeserver.Defects() {
		s := scenario.Default()
		s.Defects = []scenario.Defect{{Name: d.Name}}
		if _, err := fakeserver.Build(fakeserver.WithScenario(s)); err != nil {
			t.Errorf("%s: %v", d.Name, err)
		}
		s.Defects[0].Calls = []int{1}
		if _, err := fakeserver.Build(fakeserver.WithScenario(s)); err == nil {
			limited++
		}
	}
	if limited < 100 {
		t.Errorf("%d defects can be limited to some calls", limited)
	}
}

// An upgrade has the job id that the scenario gives, whatever is in it, and a client that escapes it
// finds the job.
func TestJobIDsOfAScenario(t *testing.T) {
	const id = `a/../b c?d=%2F#"ü`
	s := scenario.Default()
	s.Upgrades = []scenario.Upgrade{{JobID: id, Fails: "no space", Partly: true}}
	server := fakeserver.New(fakeserver.WithScenario(s))
	f := server.Fixtures()
	if got := member(t, request{body: good}.send(server, f), "job_id"); got != id {
		t.Fatalf("got the job %q", got)
	}
	job := request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}/jobs/" + `a%2F..%2Fb%20c%3Fd=%252F%23%22%C3%BC` + "/status"}.send(server, f)
	if got := member(t, job, "job_id"); got != id || member(t, job, "status") != "partiallyFailed" {
		t.Errorf("got %d %s", job.Code, job.Body)
	}
	if got := member(t, request{body: good}.send(server, f), "job_id"); got == id {
		t.Error("two upgrades have the same job")
	}
}

// Every answer shows the variations that always show.
func TestVariationsAlways(t *testing.T) {
	s := scenario.Default()
	s.Vary, s.VaryAlways = []string{"charset", "messages"}, true
	server := fakeserver.New(fakeserver.WithScenario(s))
	for range 20 {
		if got := (request{body: `{}`}).send(server, server.Fixtures()).Header().Get("X-Fake-Variation"); !strings.HasSuffix(got, "; charset, messages") {
			t.Fatalf("got %s", got)
		}
	}
}

// The schema of scenarios names the variations that there are.
func TestTheSchemaNamesAllVariations(t *testing.T) {
	var schema struct {
		Properties struct {
			Vary struct {
				Items struct {
					Enum []string `json:"enum"`
				} `json:"items"`
			} `json:"vary"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(scenario.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	want := []string{"all"}
	for _, v := range fakeserver.Variations() {
		want = append(want, v.Name)
	}
	if got := schema.Properties.Vary.Items.Enum; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
