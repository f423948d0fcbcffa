package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/result"
)

// A coveragePart is what the page says of the coverage.
type coveragePart struct {
	Kinds      []string
	Operations []coverageRow
	Missing    []result.Reason
}

// A coverageRow is the coverage of an operation, a cell for each kind.
type coverageRow struct {
	Operation string
	Cells     []coverageCell
}

// A coverageCell is what was exercised of one kind.
type coverageCell struct {
	Exercised, Total int
	Names            string // with how often they came
}

// Whole reports whether nothing is missing.
func (c coverageCell) Whole() bool { return c.Exercised == c.Total }

func coveragePartOf(run *result.Run) *coveragePart {
	if run.Coverage == nil {
		return nil
	}
	p := &coveragePart{}
	for _, kind := range kindsOfCoverage {
		p.Kinds = append(p.Kinds, kind.Name)
	}
	var reasons, names []string
	for i := range run.Coverage.Operations {
		o := &run.Coverage.Operations[i]
		row := coverageRow{Operation: o.Operation}
		for _, kind := range kindsOfCoverage {
			share := kind.of(o)
			counted := make([]string, len(share.Exercised))
			for j, one := range share.Exercised {
				counted[j] = fmt.Sprintf("%s (%d)", one.Name, one.Count)
			}
			row.Cells = append(row.Cells, coverageCell{len(share.Exercised), share.Total(), strings.Join(counted, ", ")})
			for _, m := range share.Missing {
				for _, name := range m.Names {
					reasons, names = append(reasons, m.Reason), append(names, o.Operation+" "+name)
				}
			}
		}
		p.Operations = append(p.Operations, row)
	}
	p.Missing = shownReasons(result.ByReason(reasons, names))
	return p
}

// A knownRow is an expectation that is not met, or too late.
type knownRow struct {
	Title string
	All   []result.Expectation
}

func knownRows(run *result.Run) []knownRow {
	var rows []knownRow
	for _, state := range outOfDate {
		if all := run.ExpectationsIn(state.State); len(all) > 0 {
			rows = append(rows, knownRow{state.Title, all})
		}
	}
	return rows
}

// Changes are those since the baseline, by class.
func (p *page) Changes() []result.ChangeGroup { return p.Comparison.Groups() }

// Differences counts them, in a sentence.
func (p *page) Differences() string {
	return capitalised(changesInShort(p.Comparison)) + "."
}

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
	var begun []begunJob
	for _, j := range p.Graph.After.Jobs {
		same := func(other ges.Job) bool { return other.ID == j.ID }
		if !slices.ContainsFunc(p.Graph.Before.Jobs, same) {
			begun = append(begun, begunJob{j, slices.ContainsFunc(p.Graph.UnknownJobs, same)})
		}
	}
	slices.SortStableFunc(begun, func(a, b begunJob) int {
		switch {
		case a.Unknown == b.Unknown:
			return 0
		case a.Unknown:
			return -1
		}
		return 1
	})
	return begun
}
