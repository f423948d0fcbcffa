package clients

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ges/v2/model"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// TestUpgrade follows an upgrade from the request to the new version.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(*testing.T, ...fakeserver.Option) *fakeserver.Running{
		"plain": start,
		"TLS": func(t *testing.T, options ...fakeserver.Option) *fakeserver.Running {
			t.Helper()
			return fakeserver.StartTLS(t, options...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := start(t, fakeserver.WithUpgradeTimes(8*time.Minute))
			f := fake.Fixtures()
			client := newSDK(t, fake, own(f))
			client.expectGraph(t, f.GraphID, "200", fakeserver.DefaultVersion)
			job := client.mustUpgrade(t, f.GraphID, f.Versions[0], false)
			if shown := client.expectJob(t, f.GraphID, job, "pending"); shown.BeginTime != nil || shown.EndTime != nil {
				t.Errorf("a job that has not begun: expected no times, got %v", shown)
			}
			client.expectGraph(t, f.GraphID, "201", fakeserver.DefaultVersion)
			fake.Advance(4 * time.Minute)
			client.expectJob(t, f.GraphID, job, "running")
			fake.Advance(4 * time.Minute)
			shown := client.expectJob(t, f.GraphID, job, "success")
			if text(shown.JobId) != job || text(shown.JobName) != "UpgradeGraph" || text(shown.RelatedGraph) != f.GraphName {
				t.Errorf("expected job %s UpgradeGraph of %s, got %v", job, f.GraphName, shown)
			}
			const form = "2006-01-02T15:04:05"
			begun, err := time.Parse(form, text(shown.BeginTime))
			if err != nil {
				t.Errorf("begin_time: %v", err)
			}
			ended, err := time.Parse(form, text(shown.EndTime))
			if took := ended.Sub(begun); err != nil || took != 8*time.Minute {
				t.Errorf("expected a job of 8 minutes, got %v (%v)", took, err)
			}
			client.expectGraph(t, f.GraphID, "200", f.Versions[0])
			for _, x := range fake.Journal(0) {
				if j := x.Judgement; len(j.Request) > 0 || len(j.Answer) > 0 {
					t.Errorf("%s %s: expected nothing for the contract to find, got %v and %v", x.Method, x.URL, j.Request, j.Answer)
				}
			}
		})
	}
}

// busy returns a scenario with a graph that has a task of six minutes, and whose upgrades take
// four.
func busy() *scenario.Scenario {
	s := deployment(scenario.Graph{Name: "ges_busy", Tasks: []scenario.Task{{Name: "PageRank", Takes: 6 * time.Minute}}})
	s.Upgrades = []scenario.Upgrade{{Takes: 4 * time.Minute}}
	return s
}

// task returns the id of the graph's task, which only the list of jobs has.
func (c sdk) task(t *testing.T, graph string) string {
	t.Helper()
	list, err := c.ListJobs2(&model.ListJobs2Request{GraphName: &graph})
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range *list.JobList {
		if text(job.JobName) == "PageRank" {
			return text(job.JobId)
		}
	}
	t.Fatalf("expected a job PageRank in the list, got %v", list)
	return ""
}

func TestUpgradeWaitsForTasks(t *testing.T) {
	t.Parallel()
	fake := start(t, fakeserver.WithScenario(busy()))
	f := fake.Fixtures()
	client := newSDK(t, fake, own(f))
	task := client.task(t, f.GraphName)
	job := client.mustUpgrade(t, f.GraphID, f.Versions[0], false)
	client.expectJob(t, f.GraphID, job, "pending")
	client.expectJob(t, f.GraphID, task, "running")
	fake.Advance(6*time.Minute - time.Second)
	client.expectJob(t, f.GraphID, job, "pending")
	client.expectJob(t, f.GraphID, task, "running")
	fake.Advance(2 * time.Minute)
	client.expectJob(t, f.GraphID, job, "running")
	client.expectJob(t, f.GraphID, task, "success")
	client.expectGraph(t, f.GraphID, "201", fakeserver.DefaultVersion)
	fake.Advance(2*time.Minute + time.Second)
	client.expectJob(t, f.GraphID, job, "success")
	client.expectGraph(t, f.GraphID, "200", f.Versions[0])
}

func TestForcedUpgradeInterruptsTasks(t *testing.T) {
	t.Parallel()
	fake := start(t, fakeserver.WithScenario(busy()))
	f := fake.Fixtures()
	client := newSDK(t, fake, own(f))
	task := client.task(t, f.GraphName)
	client.expectJob(t, f.GraphID, task, "running")
	job := client.mustUpgrade(t, f.GraphID, f.Versions[0], true)
	stopped := client.expectJob(t, f.GraphID, task, "failed")
	if !strings.Contains(text(stopped.FailReason), job) {
		t.Errorf("expected a fail_reason that names the upgrade %s, got %q", job, text(stopped.FailReason))
	}
	fake.Advance(4 * time.Minute)
	client.expectJob(t, f.GraphID, job, "success")
	client.expectGraph(t, f.GraphID, "200", f.Versions[0])
}

func TestFailingUpgrade(t *testing.T) {
	t.Parallel()
	const reason = "the new version did not start"
	s := deployment(scenario.Graph{Name: "ges_demo", Version: "2.2.8"})
	s.Upgrades = []scenario.Upgrade{{Takes: 4 * time.Minute, Fails: reason}, {Takes: time.Minute}}
	fake := start(t, fakeserver.WithScenario(s))
	f := fake.Fixtures()
	client := newSDK(t, fake, own(f))
	job := client.mustUpgrade(t, f.GraphID, "2.2.9", false)
	fake.Advance(3*time.Minute + time.Second)
	client.expectJob(t, f.GraphID, job, "running")
	client.expectGraph(t, f.GraphID, "203", "2.2.8")
	fake.Advance(time.Minute)
	if shown := client.expectJob(t, f.GraphID, job, "failed"); text(shown.FailReason) != reason {
		t.Errorf("expected fail_reason %q, got %q", reason, text(shown.FailReason))
	}
	client.expectGraph(t, f.GraphID, "200", "2.2.8")

	again := client.mustUpgrade(t, f.GraphID, "2.2.9", false)
	fake.Advance(time.Minute)
	if shown := client.expectJob(t, f.GraphID, again, "success"); shown.FailReason != nil {
		t.Errorf("expected no fail_reason of the second upgrade, got %q", *shown.FailReason)
	}
	client.expectGraph(t, f.GraphID, "200", "2.2.9")
}

// TestTemporaryCredentials signs with a key that is only valid with its security token.
func TestTemporaryCredentials(t *testing.T) {
	t.Parallel()
	s := deployment(scenario.Graph{Name: "ges_demo"})
	s.Users[0].AccessKeys = []scenario.AccessKey{{Access: "TEMPORARY", Secret: "secret", SecurityToken: "given by STS"}}
	fake := start(t, fakeserver.WithScenario(s))
	f := fake.Fixtures()
	if f.AccessKey != "" {
		t.Errorf("expected no access key among the fixtures where there is only a temporary one, got %q", f.AccessKey)
	}
	with := credentials{access: "TEMPORARY", secret: "secret", securityToken: "given by STS", project: f.ProjectID}
	newSDK(t, fake, with).mustUpgrade(t, f.GraphID, f.Versions[0], false)
	for name, token := range map[string]string{"without the token": "", "with another token": "made up"} {
		with.securityToken = token
		client := newSDK(t, fake, with)
		_, err := client.ShowGraph2(&model.ShowGraph2Request{GraphId: f.GraphID})
		t.Log(name)
		client.expectRequestID(t, expectRefusal(t, err, http.StatusUnauthorized, "APIGW.0301"))
	}
}

// TestSecondProject signs with a key that is valid for several projects of its user.
func TestSecondProject(t *testing.T) {
	t.Parallel()
	s := deployment(scenario.Graph{Name: "ges_demo"})
	s.Projects = append(s.Projects, scenario.Project{Name: "cn-east-3", ID: "0123456789abcdef0123456789abcdef"})
	s.Graphs = append(s.Graphs, scenario.Graph{Name: "ges_east", Project: "cn-east-3", ID: "53205529-026b-455a-9e07-228fae4b12b9"})
	fake := start(t, fakeserver.WithScenario(s))
	c := own(fake.Fixtures())
	c.project = s.Projects[1].ID
	if g := newSDK(t, fake, c).mustShowGraph(t, s.Graphs[1].ID); text(g.Name) != "ges_east" {
		t.Errorf("expected graph ges_east, got %v", g)
	}
}
