package report

import (
	"slices"

	"github.com/gesconform/gesconform/internal/ges"
)

// A snapshotRow is what was seen of the graph at one time.
type snapshotRow struct {
	When string
	*ges.Snapshot
}

// Snapshots are what was seen of the graph before and after the run.
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

// A begunJob is a job that was not there before the run.
type begunJob struct {
	ges.Job
	Unknown bool
}

// Begun are the jobs that began while the run went on, those of others first.
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
