package fakeserver_test

import (
	"math"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

func named(t *testing.T, name string) *scenario.Scenario {
	t.Helper()
	s, err := scenario.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// refusedStates are the error codes for the states in which an upgrade is refused. To
// check the contract, they were copied from the pages independently.
var refusedStates = map[string]string{
	"preparing": "GES.7042", "upgrading": "GES.7001", "importing": "GES.7001", "rolling-back": "GES.7001", "exporting": "GES.7001",
	"clearing": "GES.7001", "preparing-resize": "GES.7001", "resizing": "GES.7001", "rolling-back-resize": "GES.7001",
	"preparing-expansion": "GES.7001", "expanding": "GES.7001", "faulty": "GES.7001", "creation-failed": "GES.7001",
	"deleted": "GES.7054", "frozen": "GES.7001", "stopped": "GES.7003", "stopping": "GES.7003", "backing-up": "GES.7002", "starting": "GES.7001",
}

func TestEachStateRefusesInItsWay(t *testing.T) {
	server := fakeserver.New(fakeserver.WithScenario(named(t, "states")))
	f := server.Fixtures()
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	status := map[string]string{}
	for _, s := range document.GraphStates() {
		status[s.Name] = s.Status
	}
	seen := map[string]bool{}
	for _, g := range server.Graphs() {
		seen[g.State] = true
		shown := request{method: http.MethodGet, path: "/v2/{p}/graphs/" + g.ID}.send(server, f)
		got := outcome(request{path: "/v2/{p}/graphs/" + g.ID + "/upgrade", body: good}.send(server, f))
		want := "OK"
		if code := refusedStates[g.State]; code != "" {
			want = "Bad Request " + code
		}
		if g.State == "deleted" {
			want = "Not Found GES.7054"
			if outcome(shown) != want {
				t.Errorf("a deleted graph shown: got %q, want %q", outcome(shown), want)
			}
		} else if stateOf(t, shown) != status[g.State] {
			t.Errorf("%s: shown in the state %s, want %s", g.Name, stateOf(t, shown), status[g.State])
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", g.Name, got, want)
		}
	}
	for name := range refusedStates {
		if !seen[name] || status[name] == "" {
			t.Errorf("no graph is %s, or the contract does not know it", name)
		}
	}
}

// busy returns a scenario whose first graph has two tasks.
func busy(upgrades ...scenario.Upgrade) *scenario.Scenario {
	s := scenario.Default()
	s.Graphs[0].Tasks = []scenario.Task{{Name: "Louvain", Takes: 30 * time.Second}, {Name: "PageRank", Takes: 20 * time.Second}}
	s.Upgrades = upgrades
	return s
}

// A view is what a client sees of an upgrade and of the tasks beside it.
type view struct{ job, graph, version, pageRank, louvain string }

func viewOf(t *testing.T, server *fakeserver.Server, id string) view {
	t.Helper()
	f := server.Fixtures()
	show := func(id string) string {
		return member(t, request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}/jobs/" + id + "/status"}.send(server, f), "status")
	}
	v := view{job: show(id)}
	g := request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}"}.send(server, f)
	v.graph, v.version = stateOf(t, g), member(t, g, "graph", "data_store_version")
	for _, j := range server.Jobs(10) {
		switch j.Name {
		case "PageRank":
			v.pageRank = show(j.ID)
		case "Louvain":
			v.louvain = show(j.ID)
		}
	}
	return v
}

func TestUpgradesAndTasks(t *testing.T) {
	const success, running, failed, pending = "success", "running", "failed", "pending"
	type step struct {
		after time.Duration
		want  view
	}
	for _, test := range []struct {
		name, body string
		upgrade    scenario.Upgrade
		steps      []step
	}{
		{"waits for the tasks", `{"upgrade_version":"2.2.9","force_upgrade":false}`, scenario.Upgrade{Takes: 8 * time.Second}, []step{
			{0, view{pending, "201", "2.2.8", running, running}},
			{20 * time.Second, view{pending, "201", "2.2.8", success, running}},
			{10 * time.Second, view{pending, "201", "2.2.8", success, success}},
			{2 * time.Second, view{running, "201", "2.2.8", success, success}},
			{6 * time.Second, view{success, "200", "2.2.9", success, success}},
		}},
		{"interrupts the tasks", `{"upgrade_version":"2.2.9","force_upgrade":true}`, scenario.Upgrade{Takes: 8 * time.Second}, []step{
			{0, view{pending, "201", "2.2.8", failed, failed}},
			{2 * time.Second, view{running, "201", "2.2.8", failed, failed}},
			{6 * time.Second, view{success, "200", "2.2.9", failed, failed}},
		}},
		{"fails and rolls back", `{"upgrade_version":"2.2.9","force_upgrade":true}`, scenario.Upgrade{Takes: 8 * time.Second, Fails: "no disk"}, []step{
			{2 * time.Second, view{running, "201", "2.2.8", failed, failed}},
			{3 * time.Second, view{running, "201", "2.2.8", failed, failed}},
			{time.Second, view{running, "203", "2.2.8", failed, failed}},
			{2 * time.Second, view{failed, "200", "2.2.8", failed, failed}},
			{time.Hour, view{failed, "200", "2.2.8", failed, failed}},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := fakeserver.New(fakeserver.WithScenario(busy(test.upgrade, scenario.Upgrade{})), fakeserver.WithClock(newClock().Now))
			f := server.Fixtures()
			id := member(t, request{body: test.body}.send(server, f), "job_id")
			for i, s := range test.steps {
				server.Advance(s.after)
				if got := viewOf(t, server, id); got != s.want {
					t.Errorf("step %d: got %+v, want %+v", i+1, got, s.want)
				}
			}
			again := request{body: `{"upgrade_version":"2.2.9"}`}.send(server, f)
			if failed := test.upgrade.Fails != ""; failed != (outcome(again) == "OK") {
				t.Errorf("the same upgrade once more: got %q", outcome(again))
			}
		})
	}
}

// The defect job-never-ends concerns upgrades, not the tasks that they interrupt.
func TestTasksEndWhereUpgradesDoNot(t *testing.T) {
	endless, err := fakeserver.LookupDefect("job-never-ends")
	if err != nil {
		t.Fatal(err)
	}
	server := fakeserver.New(fakeserver.WithScenario(busy(scenario.Upgrade{Takes: time.Second})), fakeserver.WithDefect(endless))
	id := member(t, request{body: `{"upgrade_version":"2.2.9","force_upgrade":true}`}.send(server, server.Fixtures()), "job_id")
	server.Advance(time.Hour)
	if got, want := viewOf(t, server, id), (view{"running", "201", "2.2.8", "failed", "failed"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// A task is not an upgrade, even if it has the name of one.
func TestTaskCalledLikeAnUpgrade(t *testing.T) {
	s := busy(scenario.Upgrade{})
	s.Graphs[0].Tasks = []scenario.Task{{Name: "UpgradeGraph", Takes: time.Minute}}
	server := fakeserver.New(fakeserver.WithScenario(s), fakeserver.WithClock(newClock().Now))
	f := server.Fixtures()
	graph := request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}"}
	if shown := graph.send(server, f); stateOf(t, shown) != "200" {
		t.Errorf("a busy graph: got %s", shown.Body)
	}
	server.Advance(time.Minute)
	shown := graph.send(server, f)
	if got := member(t, shown, "graph", "data_store_version"); got != fakeserver.DefaultVersion || stateOf(t, shown) != "200" {
		t.Errorf("after the task: got %s", shown.Body)
	}
}

// A failed job has a reason: that of the scenario for an upgrade, and the id of the upgrade
// that interrupted it for a task.
func TestFailedJobsSayWhy(t *testing.T) {
	server := fakeserver.New(fakeserver.WithScenario(busy(scenario.Upgrade{Fails: "no disk"})))
	f := server.Fixtures()
	id := member(t, request{body: `{"upgrade_version":"2.2.9","force_upgrade":true}`}.send(server, f), "job_id")
	want := map[string]string{"UpgradeGraph": "no disk", "PageRank": "The task was interrupted by the forced upgrade " + id + "."}
	for _, j := range server.Jobs(10) {
		shown := request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}/jobs/" + j.ID + "/status"}.send(server, f)
		if reason := want[j.Name]; reason != "" && member(t, shown, "fail_reason") != reason {
			t.Errorf("%s: got %s, want the reason %q", j.Name, shown.Body, reason)
		}
	}
}

// A job does not give the reason of its failure before it has failed.
func TestReasonsComeAtTheEnd(t *testing.T) {
	s := scenario.Default()
	s.Upgrades = []scenario.Upgrade{{Takes: time.Minute, Fails: "no disk"}}
	server := fakeserver.New(fakeserver.WithScenario(s), fakeserver.WithClock(newClock().Now))
	request{body: good}.send(server, server.Fixtures())
	for _, want := range []string{"", "no disk"} {
		if got := server.Jobs(1)[0].Reason; got != want {
			t.Errorf("got the reason %q, want %q", got, want)
		}
		server.Advance(time.Minute)
	}
}

func TestVersionsOnOffer(t *testing.T) {
	s := scenario.Default()
	s.Versions = []string{"2.2.7", "2.2.10", "2.4.4"}
	server := fakeserver.New(fakeserver.WithScenario(s))
	f := server.Fixtures()
	if got := len(f.Versions); got != 2 || f.Versions[0] != "2.2.10" {
		t.Errorf("got %q, want the two later ones", f.Versions)
	}
	for _, test := range [][2]string{
		{"2.2.9", "Bad Request GES.0001"}, {"2.2.7", "Bad Request GES.7036"}, {"9.9.9", "Bad Request GES.0001"}, {"2.4.4", "OK"},
	} {
		if got := outcome(request{body: `{"upgrade_version":"` + test[0] + `"}`}.send(server, f)); got != test[1] {
			t.Errorf("%s: got %q, want %q", test[0], got, test[1])
		}
	}
	if f.Versions[0] = "changed"; server.Fixtures().Versions[0] != "2.2.10" {
		t.Error("expected Fixtures to return a copy")
	}
	if x := server.Journal(0)[0]; x.Condition != "not-offered" {
		t.Errorf("the journal has the condition %q", x.Condition)
	}
}

// UpgradeTime is that of the longest upgrade and of the longest task together.
func TestUpgradeTime(t *testing.T) {
	s := busy(scenario.Upgrade{Takes: 7 * time.Second}, scenario.Upgrade{Takes: time.Second})
	if got := fakeserver.New(fakeserver.WithScenario(s)).Fixtures().UpgradeTime; got != 37*time.Second {
		t.Errorf("got %s", got)
	}
}

// Reset restores versions, jobs, tokens, ids and the clock.
func TestReset(t *testing.T) {
	server := fakeserver.New(fakeserver.WithUpgradeTimes(0), fakeserver.WithClock(newClock().Now))
	before, now := server.Fixtures(), server.Now()
	id := member(t, request{body: good}.send(server, before), "job_id")
	server.Advance(24 * time.Hour)
	if got := outcome(request{body: good}.send(server, before)); got != notAuthorized {
		t.Errorf("a token after 24 hours: got %q", got)
	}
	server.Reset()
	if after := server.Fixtures(); after.Token != before.Token || after.GraphID != before.GraphID {
		t.Error("a reset changes the fixtures")
	}
	if len(server.Journal(0)) != 0 || !server.Now().Equal(now) {
		t.Error("a reset leaves the journal or the clock")
	}
	shown := request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}"}.send(server, before)
	if got := member(t, shown, "graph", "data_store_version"); got != fakeserver.DefaultVersion {
		t.Errorf("got the version %s", got)
	}
	if got := outcome(request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}/jobs/" + id + "/status"}.send(server, before)); got != unknownJob {
		t.Errorf("the job from before the reset: got %q", got)
	}
}

func TestLoad(t *testing.T) {
	server := fakeserver.New()
	if err := server.Load(named(t, "states")); err != nil || len(server.Graphs()) < 20 {
		t.Errorf("got %v and %d graphs", err, len(server.Graphs()))
	}
	for name, change := range map[string]func(*scenario.Scenario){
		"no operator":       func(s *scenario.Scenario) { s.Users = s.Users[1:] },
		"unknown project":   func(s *scenario.Scenario) { s.Graphs[0].Project = "nowhere" },
		"unknown state":     func(s *scenario.Scenario) { s.Graphs[0].Status = "asleep" },
		"unknown variation": func(s *scenario.Scenario) { s.Vary = []string{"mesages"} },
	} {
		s := scenario.Default()
		change(s)
		if err := server.Load(s); err == nil || len(server.Graphs()) < 20 {
			t.Errorf("%s: got the error %v, and the server has %d graphs", name, err, len(server.Graphs()))
		}
	}
}

// A scenario that is loaded during a reset must not be lost.
func TestLoadAndResetTogether(t *testing.T) {
	server, states := fakeserver.New(), named(t, "states")
	for range 50 {
		if err := server.Load(scenario.Default()); err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		both.Go(server.Reset)
		both.Go(func() {
			if err := server.Load(states); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		if server.Scenario() != states {
			t.Fatal("the scenario that was loaded is gone")
		}
	}
}

// The clock stops at the greatest Duration, and never goes back.
func TestAdvanceDoesNotTurnBack(t *testing.T) {
	server := fakeserver.New(fakeserver.WithClock(newClock().Now))
	for _, by := range []time.Duration{time.Hour, math.MaxInt64, math.MaxInt64, -time.Hour} {
		before := server.Now()
		if server.Advance(by); server.Now().Before(before) {
			t.Errorf("after %s: %s, before %s", by, server.Now(), before)
		}
	}
}

// All fixtures belong to one user and one project, whatever the order of the scenario.
func TestFixturesBelongTogether(t *testing.T) {
	s := scenario.Default()
	home, other := s.Graphs[0].Project, scenario.Project{Name: "elsewhere"}
	s.Projects = append(s.Projects, other, scenario.Project{Name: "abroad", Domain: "another"})
	operator := s.Users[0]
	operator.AccessKeys = []scenario.AccessKey{{Access: "TEMPORARY", Secret: "s", SecurityToken: "t"}}
	s.Users = []scenario.User{
		{Name: "auditor", Role: scenario.Reader, Tokens: []scenario.Token{
			{Value: "reader elsewhere", Project: other.Name}, {Value: "expired elsewhere", Project: other.Name, ExpiresIn: -1},
			{Value: "reader", Project: home}, {Value: "expired", Project: home, ExpiresIn: -1},
		}},
		operator,
		{Name: operator.Name, Domain: "another", AccessKeys: []scenario.AccessKey{{Access: "ANOTHER", Secret: "s"}}},
	}
	s.Graphs = append([]scenario.Graph{
		{Name: s.Graphs[0].Name, Project: "abroad", Tasks: []scenario.Task{{Name: "PageRank", Takes: time.Hour}}},
		{Name: "frozen", ID: "frozen", Project: home, Status: "frozen"},
		{Name: "stopped", ID: "stopped", Project: home, Status: "stopped"},
	}, s.Graphs...)
	f := fakeserver.New(fakeserver.WithScenario(s)).Fixtures()
	if f.ReadonlyToken != "reader" || f.ExpiredToken != "expired" || f.AccessKey != "" || f.UpgradeTime > time.Minute {
		t.Errorf("got %q, %q, %q, %s", f.ReadonlyToken, f.ExpiredToken, f.AccessKey, f.UpgradeTime)
	}
	if f.GraphName != "ges_demo" || f.StoppedGraphID != "stopped" {
		t.Errorf("got the graphs %q and %q", f.GraphName, f.StoppedGraphID)
	}
}

// A limit of 0 or less gives no jobs.
func TestJobsWithoutALimit(t *testing.T) {
	server := fakeserver.New(fakeserver.WithScenario(busy()))
	for limit, want := range map[int]int{-1: 0, 0: 0, 1: 1, 9: 2} {
		if got := len(server.Jobs(limit)); got != want {
			t.Errorf("%d: got %d jobs, want %d", limit, got, want)
		}
	}
}
