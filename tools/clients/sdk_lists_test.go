package clients

import (
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ges/v2/model"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

func ptr[T any](v T) *T { return &v }

// TestListGraphs pages through a project's graphs. The list has the same data as ShowGraph2.
func TestListGraphs(t *testing.T) {
	t.Parallel()
	names := make([]string, 12)
	graphs := make([]scenario.Graph, 12)
	for i := range graphs {
		names[i] = "ges_" + strconv.Itoa(i+10)
		graphs[i].Name = names[i]
	}
	s := deployment(graphs...)
	s.Projects = append(s.Projects, scenario.Project{Name: "elsewhere", Domain: "globex"})
	s.Graphs = append(s.Graphs, scenario.Graph{Name: "ges_foreign", Project: "elsewhere"})
	fake := start(t, fakeserver.WithScenario(s))
	client := newSDK(t, fake, own(fake.Fixtures()))
	for _, test := range []struct {
		offset, limit *int32
		want          []string
	}{
		{nil, nil, names[:10]},
		{nil, ptr[int32](5), names[:5]},
		{ptr[int32](5), ptr[int32](5), names[5:10]},
		{ptr[int32](10), ptr[int32](5), names[10:]},
		{ptr[int32](10), nil, names[10:]},
		{nil, ptr[int32](100), names},
		{ptr[int32](12), nil, nil},
		{ptr[int32](1000), nil, nil},
	} {
		list, err := client.ListGraphs2(&model.ListGraphs2Request{Offset: test.offset, Limit: test.limit})
		if err != nil {
			t.Fatal(err)
		}
		if list.GraphCount == nil || *list.GraphCount != 12 || list.Graphs == nil {
			t.Fatalf("expected 12 graphs in all, got %v", list)
		}
		var got []string
		for _, g := range *list.Graphs {
			got = append(got, text(g.Name))
			shown := client.mustShowGraph(t, text(g.Id))
			if a, b := shown.String(), g.String(); a[len("ShowGraphRespGraph"):] != b[len("ListGraphsRespGraphs"):] {
				t.Errorf("expected the list to show what ShowGraph2 does:\n%s\n%s", a, b)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("offset %v, limit %v: expected %q, got %q", test.offset, test.limit, test.want, got)
		}
	}
}

// history is a project with four jobs, from newest to oldest: a pending upgrade, the task that
// it waits for, a successful upgrade, and one that failed a day before.
type history struct {
	client  sdk
	waiting string
	task    string
	success string
	failed  string
	first   time.Time // when the failed upgrade began
}

func newHistory(t *testing.T) history {
	t.Helper()
	s := deployment(
		scenario.Graph{Name: "ges_busy", Tasks: []scenario.Task{{Name: "PageRank", Takes: 72 * time.Hour}}},
		scenario.Graph{Name: "ges_quiet"},
	)
	s.Upgrades = []scenario.Upgrade{{Takes: time.Minute, Fails: "no disk"}, {Takes: time.Minute}}
	// The first upgrade happens a day before the others. For those, the fake's clock agrees
	// with this machine's, with which the SDK signs.
	now := time.Now()
	fake := fakeserver.Start(t, fakeserver.WithScenario(s), fakeserver.WithClock(func() time.Time { return now.Add(-24 * time.Hour) }))
	f := fake.Fixtures()
	h := history{first: now.Add(-24 * time.Hour)}
	graphs := fake.Graphs()
	busy, quiet := graphs[0].ID, graphs[1].ID

	h.failed = tokenUpgrade(t, fake, quiet, f.Versions[0])
	fake.Advance(24 * time.Hour)
	h.client = newSDK(t, fake, own(f))
	h.success = h.client.mustUpgrade(t, quiet, f.Versions[0], false)
	fake.Advance(time.Minute)
	h.waiting = h.client.mustUpgrade(t, busy, f.Versions[0], false)
	h.task = h.client.task(t, "ges_busy")
	return h
}

func TestListJobs(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	day := func(days int) *string { return ptr(h.first.UTC().AddDate(0, 0, days).Format(time.DateOnly)) }
	all := []string{h.waiting, h.success, h.failed, h.task}
	for name, test := range map[string]struct {
		request model.ListJobs2Request
		count   int32
		want    []string
	}{
		"all":              {model.ListJobs2Request{}, 4, all},
		"first page":       {model.ListJobs2Request{Limit: ptr("3")}, 4, all[:3]},
		"last page":        {model.ListJobs2Request{Offset: ptr("3"), Limit: ptr("3")}, 4, all[3:]},
		"beyond":           {model.ListJobs2Request{Offset: ptr("4")}, 4, nil},
		"waiting":          {model.ListJobs2Request{Status: ptr("waiting")}, 1, []string{h.waiting}},
		"running":          {model.ListJobs2Request{Status: ptr("running")}, 1, []string{h.task}},
		"success":          {model.ListJobs2Request{Status: ptr("success")}, 1, []string{h.success}},
		"failed":           {model.ListJobs2Request{Status: ptr("failed")}, 1, []string{h.failed}},
		"of a graph":       {model.ListJobs2Request{GraphName: ptr("ges_quiet")}, 2, []string{h.success, h.failed}},
		"of no graph":      {model.ListJobs2Request{GraphName: ptr("ges_nobody")}, 0, nil},
		"from the 2nd day": {model.ListJobs2Request{StartTime: day(1)}, 2, []string{h.waiting, h.success}},
		"to the 1st day":   {model.ListJobs2Request{EndTime: day(0)}, 2, []string{h.failed, h.task}},
		"the day before":   {model.ListJobs2Request{EndTime: day(-1)}, 0, nil},
		"both, filtered": {
			model.ListJobs2Request{StartTime: day(0), EndTime: day(3), Status: ptr("failed"), GraphName: ptr("ges_quiet"), Limit: ptr("1")},
			1, []string{h.failed},
		},
	} {
		list, err := h.client.ListJobs2(&test.request)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if list.JobCount == nil || *list.JobCount != test.count || list.JobList == nil {
			t.Errorf("%s: expected a count of %d, got %v", name, test.count, list)
			continue
		}
		var got []string
		for _, job := range *list.JobList {
			got = append(got, text(job.JobId))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: expected the jobs %q, got %q", name, test.want, got)
		}
	}
}

// TestListJobsShowsWhatShowJobShows compares each entry with the job itself.
func TestListJobsShowsWhatShowJobShows(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	list, err := h.client.ListJobs2(&model.ListJobs2Request{})
	if err != nil {
		t.Fatal(err)
	}
	graphs, err := h.client.ListGraphs2(&model.ListGraphs2Request{})
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range *list.JobList {
		for _, g := range *graphs.Graphs {
			if text(g.Name) != text(job.RelatedGraph) {
				continue
			}
			shown := h.client.mustShowJob(t, text(g.Id), text(job.JobId))
			if a, b := shown.String(), job.String(); a[len("ShowJob2Response"):] != b[len("ListJobsRespJobList"):] {
				t.Errorf("expected the list to show what ShowJob2 does:\n%s\n%s", a, b)
			}
		}
	}
}

func TestListsRefuseBadParameters(t *testing.T) {
	t.Parallel()
	fake := start(t)
	client := newSDK(t, fake, own(fake.Fixtures()))
	for name, request := range map[string]model.ListJobs2Request{
		"a negative offset": {Offset: ptr("-1")},
		"a limit in words":  {Limit: ptr("ten")},
		"an unknown status": {Status: ptr("done")},
		"a time, no date":   {StartTime: ptr("2026-11-23T00:00:00")},
		"no such day":       {EndTime: ptr("2026-02-30")},
	} {
		_, err := client.ListJobs2(&request)
		t.Log(name)
		expectRefusal(t, err, http.StatusBadRequest, "GES.0001")
	}
	_, err := client.ListGraphs2(&model.ListGraphs2Request{Offset: ptr[int32](-1)})
	expectRefusal(t, err, http.StatusBadRequest, "GES.0001")
}
