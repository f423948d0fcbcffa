package fakeserver

import (
	"time"

	"github.com/gesconform/gesconform/gen"
)

// The states of a graph that the fake knows, as GES writes them.
const (
	graphRunning   = "200"
	graphUpgrading = "201"
	graphStopped   = "900"
)

type graph struct {
	id, project, name string
	state, version    string
	created, updated  time.Time
	jobs              []*job // under way
}

// A job is an upgrade.
type job struct {
	id       string
	graph    *graph
	target   string
	begin    time.Time
	duration time.Duration
	done     bool
	asked    int // how often after its end
}

func (j *job) end() time.Time { return j.begin.Add(j.duration) }

// settle ends the graph's jobs whose time is over.
func (s *service) settle(g *graph, now time.Time) {
	running := g.jobs[:0]
	for _, j := range g.jobs {
		if now.Before(j.end()) || s.policy.neverEnds {
			running = append(running, j)
			continue
		}
		j.done = true
		g.version, g.updated = s.policy.versionAfter(g.version, j.target), j.end()
	}
	g.jobs = running
	if len(g.jobs) == 0 && g.state == graphUpgrading && !s.policy.staysUpgrading {
		g.state = graphRunning
	}
}

// begin starts an upgrade.
func (s *service) begin(g *graph, target string, now time.Time) *job {
	j := &job{id: s.policy.jobID(s.ids), graph: g, target: target, begin: now}
	j.duration = s.times[min(s.upgrades, len(s.times)-1)]
	s.upgrades++
	g.jobs = append(g.jobs, j)
	if g.state == graphRunning {
		g.state = graphUpgrading
	}
	s.jobs[j.id] = j
	return j
}

// status tells how far a job is. It is pending for the first quarter of its
// time.
func (s *service) status(j *job, now time.Time) gen.JobStatus {
	switch {
	case j.done:
		j.asked++
		return s.policy.statusAfterEnd(j.asked)
	case now.Sub(j.begin) < j.duration/4:
		return gen.JobStatusPending
	default:
		return gen.JobStatusRunning
	}
}

// shownGraph is the answer of showGraph, with members that the pages name and
// the contract does not.
type shownGraph struct {
	gen.Graph
	GraphSizeTypeIndex string `json:"graph_size_type_index"`
	Arch               string `json:"arch"`
	IsMultiAZ          string `json:"is_multi_az"`
	Replication        int    `json:"replication"`
}

// timeFormat is how GES writes a time: UTC, and no letter that says so.
const timeFormat = "2006-01-02T15:04:05"

func (g *graph) show() shownGraph {
	region, zone, product := "cn-north-4", "cn-north-4a", "InMemory"
	created, updated := g.created.UTC().Format(timeFormat), g.updated.UTC().Format(timeFormat)
	return shownGraph{
		Graph: gen.Graph{
			ID: g.id, Name: g.name, Status: g.state, DataStoreVersion: g.version,
			RegionCode: &region, AzCode: &zone, ProductType: &product, Created: &created, Updated: &updated,
		},
		GraphSizeTypeIndex: "1", Arch: "x86_64", IsMultiAZ: "false", Replication: 1,
	}
}

func (s *service) showJob(j *job, now time.Time) gen.Job {
	kind, name, progress := "GraphManagement", "UpgradeGraph", float32(0)
	shown := gen.Job{
		JobID: j.id, Status: s.status(j, now), JobType: &kind, JobName: &name,
		RelatedGraph: &j.graph.name, JobProgress: &progress,
	}
	if shown.Status != gen.JobStatusPending {
		begin := j.begin.UTC().Format(timeFormat)
		shown.BeginTime = &begin
	}
	if j.done {
		end := j.end().UTC().Format(timeFormat)
		shown.EndTime = &end
	}
	return shown
}
