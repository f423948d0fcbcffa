package ges

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// The statuses of a graph that runs, the only one that can be upgraded, and of one that is being
// upgraded. The document lists all statuses under x-graph-states.
const (
	GraphRunning   = "200"
	GraphUpgrading = "201"
)

// The statuses of a job. The last three are final.
const (
	JobPending         = "pending"
	JobRunning         = "running"
	JobSuccess         = "success"
	JobFailed          = "failed"
	JobPartiallyFailed = "partiallyFailed"
)

// longestText is how much is read of a text in an answer. What is longer is no name or id, and a run
// would repeat it everywhere.
const longestText = 1024

// textOf returns the beginning of a text in an answer.
func textOf(object *contract.Value, member string) string {
	return beginning(object.Member(member).String())
}

func beginning(s string) string {
	if len(s) <= longestText {
		return s
	}
	return strings.ToValidUTF8(s[:longestText], "")
}

// A Graph is a graph in an answer of showGraph; what the answer lacks is empty.
type Graph struct {
	Name    string
	Status  string // three digits
	Version string
}

// GraphOf returns the graph in an answer of showGraph, which may be nil.
func GraphOf(answer *contract.Value) Graph {
	graph := answer.Member("graph")
	return Graph{
		Name:    textOf(graph, "name"),
		Status:  textOf(graph, "status"),
		Version: textOf(graph, "data_store_version"),
	}
}

// A Job is a job in an answer of showJob or in the list of jobs; what the answer lacks is
// empty.
type Job struct {
	ID     string `json:"id"`
	Name   string `json:"name"` // what it does, such as UpgradeGraph
	Status string `json:"status"`
	Begin  string `json:"begin,omitempty"` // UTC without a zone, as the pages have it
	End    string `json:"-"`               // the same
	Type   string `json:"-"`
	Graph  string `json:"-"` // the name of the graph that it belongs to
	Reason string `json:"-"` // why it failed

	Progress string `json:"-"` // how far it is, as the number is written
}

// JobOf returns the job in an answer of showJob, an item of the list of jobs, or an answer
// of upgradeGraph, which only has the id. The answer may be nil.
func JobOf(answer *contract.Value) Job {
	text := func(member string) string { return textOf(answer, member) }
	progress := ""
	if p := answer.Member("job_progress"); p != nil && p.Kind == contract.KindNumber {
		progress = beginning(p.Text)
	}
	return Job{
		End: text("end_time"), Type: text("job_type"), Progress: progress,
		ID: text("job_id"), Name: text("job_name"), Graph: text("related_graph"),
		Status: text("status"), Begin: text("begin_time"), Reason: text("fail_reason"),
	}
}

// Ended reports whether the job's status is final.
func (j Job) Ended() bool {
	return j.Status == JobSuccess || j.Status == JobFailed || j.Status == JobPartiallyFailed
}

// UnderWay reports whether the job is pending or running.
func (j Job) UnderWay() bool { return j.Status == JobPending || j.Status == JobRunning }

// JobsQuery returns the query for a page of the list of jobs, GET
// /v2/{project_id}/graphs/jobs (ListJobs2, ges_03_0374), of the graph with a name.
func JobsQuery(graph string, offset, limit int) url.Values {
	return url.Values{"graph_name": {graph}, "offset": {strconv.Itoa(offset)}, "limit": {strconv.Itoa(limit)}}
}

// JobsOf returns the jobs in a page of the list, and the total number of jobs, or 0 if the
// page does not say. ok is false if the answer is not such a list.
func JobsOf(answer *contract.Value) (jobs []Job, total int, ok bool) {
	list := answer.Member("job_list")
	if list == nil || list.Kind != contract.KindArray {
		return nil, 0, false
	}
	for _, item := range list.Items {
		jobs = append(jobs, JobOf(item))
	}
	if count := answer.Member("job_count"); count != nil {
		total, _ = strconv.Atoi(count.Text) // 0 if it is not a number
	}
	return jobs, total, true
}
