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

// Begun returns the jobs that began during the run, those that it did not start first.
func (p *page) Begun() []begunJob {
	if p.Graph == nil || p.Graph.Before == nil || p.Graph.After == nil {
		return nil
	}
	var unknown, own []begunJob
	for _, j := range p.Graph.After.Jobs {
		same := func(other ges.Job) bool { return other.ID == j.ID }
		switch {
		case slices.ContainsFunc(p.Graph.Before.Jobs, same):
		case slices.ContainsFunc(p.Graph.UnknownJobs, same):
			unknown = append(unknown, begunJob{j, true})
		default:
			own = append(own, begunJob{j, false})
		}
	}
	return append(unknown, own...)
}
