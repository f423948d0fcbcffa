package fakeserver

import (
	"cmp"
	"slices"
	"time"

	"github.com/gesconform/gesconform/gen"
)

// The states of a graph before, during and after an upgrade, as GES writes them. The
// contract has the others (x-graph-states).
const (
	graphRunning     = "200"
	graphUpgrading   = "201"
	graphRollingBack = "203"
	graphStopped     = "900"
)

type graph struct {
	id, project, name string
	state, version    string
	created, updated  time.Time
	active            []*job // upgrades and tasks under way
	moved             bool   // whether an upgrade has changed its state
	last              *job   // the upgrade that ended last
	before            string // the version before it
	shown             int    // how often the graph has been shown since

	// What a defect leaves behind when it refuses an upgrade.
	comesBack time.Time // until when the graph is stopped
	stays     int       // how often it is shown before it gets another version
	movesTo   string    // that version; "" for none
}

// endDueJobs ends the graph's jobs that are due, and updates the graph's state.
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
			g.last, g.before, g.shown = j, g.version, 0
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

// endAllDueJobs ends the due jobs of all graphs in the order of their ends, because the
// jobs that ended first are forgotten first.
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

// shownGraph is a graph as showGraph shows it, with members that the pages have but the
// contract does not.
type shownGraph struct {
	gen.Graph
	GraphSizeTypeIndex string `json:"graph_size_type_index"`
	Arch               string `json:"arch"`
	IsMultiAZ          string `json:"is_multi_az"`
	Replication        int    `json:"replication"`
}

// timeFormat is the format of times in GES's answers: UTC, without a Z.
const timeFormat = "2006-01-02T15:04:05"

// showAfterUpgrade is show, for a policy that may show something else after an upgrade.
func (s *service) showAfterUpgrade(g *graph, now time.Time) shownGraph {
	if g.stays--; g.stays < 0 && g.movesTo != "" {
		g.version, g.movesTo = g.movesTo, ""
	}
	shown := g.show()
	if now.Before(g.comesBack) {
		shown.Status = graphStopped
	}
	if g.last != nil && s.policy.shows != nil {
		g.shown++
		s.policy.shows(&shown, aftermath{g.last, g.before, now.Sub(g.last.end), g.shown})
	}
	return shown
}

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
