package fakeserver

import (
	"cmp"
	"slices"
	"time"

	"github.com/gesconform/gesconform/gen"
)

// The states of a graph that upgrades lead to, as GES writes them. The contract
// knows the others.
const (
	graphRunning     = "200"
	graphUpgrading   = "201"
	graphRollingBack = "203"
)

type graph struct {
	id, project, name string
	state, version    string
	created, updated  time.Time
	active            []*job // upgrades and tasks under way
	moved             bool   // its state is due to an upgrade
}

// endDueJobs ends the graph's jobs whose time is over.
func (s *service) endDueJobs(g *graph, now time.Time) {
	upgrading := false
	g.active = slices.DeleteFunc(g.active, func(j *job) (ended bool) {
		ended = !now.Before(j.end) && !(j.upgrades() && s.policy.neverEnds)
		if ended {
			s.jobs.finish(j)
		}
		switch {
		case !j.upgrades():
		case ended:
			g.updated = j.end
			if !j.fails() {
				g.version = s.policy.installs(g.version, j.target)
			}
		default:
			upgrading = true
			if g.moved && j.fails() && !now.Before(j.rollsBackFrom()) {
				g.state = graphRollingBack
			}
		}
		return ended
	})
	if g.moved && !upgrading && !s.policy.staysUpgrading {
		g.state, g.moved = graphRunning, false
	}
}

// endAllDueJobs ends those of all graphs in the order of their ends, in which they
// will be forgotten.
func (s *service) endAllDueJobs(now time.Time) {
	var due []*job
	for _, g := range s.graphs {
		for _, j := range g.active {
			if !now.Before(j.end) {
				due = append(due, j)
			}
		}
	}
	slices.SortFunc(due, func(a, b *job) int { return cmp.Or(a.end.Compare(b.end), cmp.Compare(a.number, b.number)) })
	for _, j := range due {
		s.endDueJobs(j.graph, j.end)
	}
	for _, g := range s.graphs {
		s.endDueJobs(g, now)
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
	return shownGraph{
		Graph: gen.Graph{
			ID: g.id, Name: g.name, Status: g.state, DataStoreVersion: g.version,
			RegionCode: new("cn-north-4"), AzCode: new("cn-north-4a"), ProductType: new("InMemory"),
			Created: new(g.created.UTC().Format(timeFormat)), Updated: new(g.updated.UTC().Format(timeFormat)),
		},
		GraphSizeTypeIndex: "1", Arch: "x86_64", IsMultiAZ: "false", Replication: 1,
	}
}
