package ges

import (
	"net/url"
	"strconv"

	"github.com/gesconform/gesconform/contract"
)

// GraphRunning is the status of a graph that runs, from which an upgrade starts. The
// document lists all statuses under x-graph-states.
const GraphRunning = "200"

// The statuses of a job. It never leaves the last three again.
const (
	JobPending         = "pending"
	JobRunning         = "running"
	JobSuccess         = "success"
	JobFailed          = "failed"
	JobPartiallyFailed = "partiallyFailed"
)

// A Graph is what showGraph says of a graph; what it does not say is empty.
type Graph struct {
	Name    string
	Status  string // three digits
	Version string
}

// GraphOf reads the answer of showGraph, which may be nil.
func GraphOf(answer *contract.Value) Graph {
	graph := answer.Member("graph")
	return Graph{
		Name:    graph.Member("name").String(),
		Status:  graph.Member("status").String(),
		Version: graph.Member("data_store_version").String(),
	}
}

// A Job is what showJob, or the list of jobs, says of a job; what it does not say is
// empty.
type Job struct {
	ID     string `json:"id"`
	Name   string `json:"name"` // of what it does, UpgradeGraph for example
	Status string `json:"status"`
	Begin  string `json:"begin,omitempty"` // UTC without a zone, as the pages have it
	Graph  string `json:"-"`               // the name of the graph that it belongs to
	Reason string `json:"-"`               // why it failed
}

// JobOf reads the answer of showJob, an item of the list of jobs, or the answer of
// upgradeGraph, which has the id alone. It may be nil.
func JobOf(answer *contract.Value) Job {
	text := func(member string) string { return answer.Member(member).String() }
	return Job{
		ID: text("job_id"), Name: text("job_name"), Graph: text("related_graph"),
		Status: text("status"), Begin: text("begin_time"), Reason: text("fail_reason"),
	}
}

// Ended reports whether the job is in a status that it does not leave.
func (j Job) Ended() bool {
	return j.Status == JobSuccess || j.Status == JobFailed || j.Status == JobPartiallyFailed
}

// UnderWay reports whether the job waits or works.
func (j Job) UnderWay() bool { return j.Status == JobPending || j.Status == JobRunning }

// JobsQuery is the query of a page of the list of jobs, GET /v2/{project_id}/graphs/jobs
// (ListJobs2, ges_03_0374): those of the graph with a name, limit of them from an
// offset. The list is no operation of the document.
func JobsQuery(graph string, offset, limit int) url.Values {
	return url.Values{"graph_name": {graph}, "offset": {strconv.Itoa(offset)}, "limit": {strconv.Itoa(limit)}}
}

// JobsOf reads a page of the list of jobs, and how many jobs there are in all, 0
// where the page does not say. It is false where the answer is no such list.
func JobsOf(answer *contract.Value) (jobs []Job, total int, ok bool) {
	list := answer.Member("job_list")
	if list == nil || list.Kind != contract.KindArray {
		return nil, 0, false
	}
	for _, item := range list.Items {
		jobs = append(jobs, JobOf(item))
	}
	if count := answer.Member("job_count"); count != nil {
		total, _ = strconv.Atoi(count.Text) // 0 where it is no number
	}
	return jobs, total, true
}
