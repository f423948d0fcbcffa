package report

import (
	"slices"

	"github.com/gesconform/gesconform/internal/ges"
)

// A snapshotRow is the state of the graph at one time.
type snapshotRow struct {
	When string
	*ges.Snapshot
}

// Snapshots returns the state of the graph before and after the run, as far as it was read.
func (p *page) Snapshots() []snapshotRow {
	var rows []snapshotRow
	if p.Graph == nil {
		return nil
	}
	for _, s := range []snapshotRow{{"before", p.Graph.Before}, {"after", p.Graph.After}} {
		if s.Snapshot != nil {
			rows = append(rows, s)
		}
	}
	return rows
}

// A begunJob is a job that began during the run. Unknown is set if the run did not start it.
type begunJob struct {
	ges.Job
	Unknown bool
}

// begunJobs are those that began during the run.
type begunJobs struct {
	partOf[begunJob]
	Count int
}

// Begun returns the jobs that began during the run, those that it did not start first.
func (p *page) Begun() begunJobs {
	if p.Graph == nil || p.Graph.Before == nil || p.Graph.After == nil {
		return begunJobs{}
	}
	before, unknown := idsOf(p.Graph.Before.Jobs), idsOf(p.Graph.UnknownJobs)
	var others, own []begunJob
	for _, j := range p.Graph.After.Jobs {
		switch {
		case before[j.ID]:
		case unknown[j.ID]:
			others = append(others, begunJob{j, true})
		default:
			own = append(own, begunJob{j, false})
		}
	}
	all := slices.Concat(others, own)
	return begunJobs{firstOf(all, shownJobs), len(all)}
}

func idsOf(jobs []ges.Job) map[string]bool {
	ids := make(map[string]bool, len(jobs))
	for _, j := range jobs {
		ids[j.ID] = true
	}
	return ids
}
