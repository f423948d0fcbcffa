package fakeserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// listed returns the total that a list gives, and the names of the entries it shows.
func listed(t *testing.T, server *fakeserver.Server, path string) (count int, names []string) {
	t.Helper()
	answer := request{method: http.MethodGet, path: "/v2/{p}" + path}.send(server, server.Fixtures())
	var body struct {
		Graphs     []struct{ Name string }
		GraphCount *int `json:"graph_count"`
		JobCount   *int `json:"job_count"`
		JobList    []struct {
			Name   string `json:"job_name"`
			Graph  string `json:"related_graph"`
			Status string `json:"status"`
		} `json:"job_list"`
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &body); err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%s: got %d %s, %v", path, answer.Code, answer.Body, err)
	}
	for _, g := range body.Graphs {
		names = append(names, g.Name)
	}
	for _, j := range body.JobList {
		names = append(names, j.Graph+" "+j.Name+" "+j.Status)
	}
	if body.GraphCount != nil {
		return *body.GraphCount, names
	}
	return *body.JobCount, names
}

func TestLists(t *testing.T) {
	s := scenario.Default()
	s.Upgrades = []scenario.Upgrade{{}, {Fails: "no disk"}, {Takes: time.Hour}}
	for i := range 12 {
		s.Graphs = append(s.Graphs, scenario.Graph{Name: fmt.Sprintf("more_%02d", i), Project: "cn-north-4"})
	}
	s.Graphs[2].Tasks = []scenario.Task{{Name: "of another project", Takes: time.Hour}}
	s.Graphs[3].Tasks = []scenario.Task{{Name: "PageRank", Takes: time.Hour}}
	server := fakeserver.New(fakeserver.WithScenario(s), fakeserver.WithClock(newClock().Now))
	f := server.Fixtures()
	for range 3 {
		version := `{"upgrade_version":"2.2.` + fmt.Sprint(9+len(server.Jobs(100))) + `"}`
		if got := outcome(request{body: version}.send(server, f)); got != "OK" {
			t.Fatalf("%s: got %q", version, got)
		}
	}
	const upgrade, task = "ges_demo UpgradeGraph ", "more_00 PageRank running"
	for _, test := range []struct {
		path  string
		count int
		names []string
	}{
		{"/graphs?limit=2", 14, []string{"ges_demo", "ges_stopped"}},
		{"/graphs?offset=12", 14, []string{"more_10", "more_11"}},
		{"/graphs?offset=13&limit=5", 14, []string{"more_11"}},
		{"/graphs?offset=99", 14, nil},
		{"/graphs?limit=0", 14, nil},
		{"/graphs/jobs", 4, []string{upgrade + "pending", upgrade + "failed", upgrade + "success", task}},
		{"/graphs/jobs?limit=1&offset=1", 4, []string{upgrade + "failed"}},
		{"/graphs/jobs?status=success", 1, []string{upgrade + "success"}},
		{"/graphs/jobs?status=waiting", 1, []string{upgrade + "pending"}},
		{"/graphs/jobs?status=running", 1, []string{task}},
		{"/graphs/jobs?status=partiallyFailed", 0, nil},
		{"/graphs/jobs?graph_name=more_00", 1, []string{task}},
		{"/graphs/jobs?start_time=2026-01-02&end_time=2026-01-02&status=failed", 1, []string{upgrade + "failed"}},
		{"/graphs/jobs?start_time=2026-01-03", 0, nil},
		{"/graphs/jobs?graph_name=ges_foreign", 0, nil},
		{"/graphs/jobs?end_time=2026-01-01", 0, nil},
	} {
		count, names := listed(t, server, test.path)
		if count != test.count || !slices.Equal(names, test.names) {
			t.Errorf("%s: got %d %q, want %d %q", test.path, count, names, test.count, test.names)
		}
	}
	if count, names := listed(t, server, "/graphs"); count != 14 || len(names) != 10 {
		t.Errorf("without a limit: got %d of %d", len(names), count)
	}
	if got := outcome(request{method: http.MethodGet, path: "/v2//graphs"}.send(server, f)); got != "Not Found APIGW.0101" {
		t.Errorf("without a project: got %q", got)
	}
	for _, query := range []string{"limit=-1", "offset=x", "limit=1.5", "start_time=yesterday", "status=done", "limit=%zz", "limit=" + strings.Repeat("9", 100)} {
		path := "/v2/{p}/graphs/jobs?" + query
		if got := outcome(request{method: http.MethodGet, path: path}.send(server, f)); got != incorrect {
			t.Errorf("%s: got %q", query, got)
		}
	}
}

// Of the jobs that have ended, only the last ones are kept.
func TestOldJobsAreForgotten(t *testing.T) {
	s := scenario.Default()
	s.Upgrades, s.KeptJobs = []scenario.Upgrade{{}}, 3
	server := fakeserver.New(fakeserver.WithScenario(s))
	f := server.Fixtures()
	var ids []string
	for _, version := range f.Versions[:5] {
		ids = append(ids, member(t, request{body: `{"upgrade_version":"` + version + `"}`}.send(server, f), "job_id"))
	}
	var got []string
	for _, id := range ids {
		got = append(got, outcome(request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}/jobs/" + id + "/status"}.send(server, f)))
	}
	want := []string{unknownJob, unknownJob, "OK", "OK", "OK"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if count, names := listed(t, server, "/graphs/jobs"); count != 3 || len(names) != 3 || !strings.HasSuffix(names[0], "success") {
		t.Errorf("got %d %q", count, names)
	}
}

// The jobs that ended first are forgotten first, whichever graph they belong to.
func TestJobsAreForgottenInTheOrderOfTheirEnds(t *testing.T) {
	s := scenario.Default()
	s.KeptJobs = 3
	for i := range 9 {
		s.Graphs = append(s.Graphs, scenario.Graph{Name: fmt.Sprintf("more_%d", i), ID: fmt.Sprintf("more_%d", i), Project: "cn-north-4"})
		s.Upgrades = append(s.Upgrades, scenario.Upgrade{Takes: time.Duration(9-i) * time.Minute})
	}
	server := fakeserver.New(fakeserver.WithScenario(s), fakeserver.WithClock(newClock().Now))
	f := server.Fixtures()
	for i := range 9 {
		request{path: fmt.Sprintf("/v2/{p}/graphs/more_%d/upgrade", i), body: good}.send(server, f)
	}
	server.Advance(time.Hour)
	var kept []string
	for _, j := range server.Jobs(9) {
		kept = append(kept, j.Graph)
	}
	if want := []string{"more_2", "more_1", "more_0"}; !slices.Equal(kept, want) {
		t.Errorf("got the jobs of %q, want those of %q", kept, want)
	}
}

// A list must show that an upgrade has ended, even if nothing has read the graph since.
func TestListsShowWhatHasEnded(t *testing.T) {
	for name, look := range map[string]func(*fakeserver.Server) string{
		"the list": func(s *fakeserver.Server) string {
			return request{method: http.MethodGet, path: "/v2/{p}/graphs?limit=1"}.send(s, s.Fixtures()).Body.String()
		},
		"Graphs": func(s *fakeserver.Server) string { return fmt.Sprint(s.Graphs()) },
	} {
		server := fakeserver.New(fakeserver.WithClock(newClock().Now), fakeserver.WithUpgradeTimes(time.Minute))
		request{body: good}.send(server, server.Fixtures())
		if server.Advance(time.Minute); !strings.Contains(look(server), "2.2.9") {
			t.Errorf("%s: got %s", name, look(server))
		}
	}
}
