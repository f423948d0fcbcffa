package report

import (
	"fmt"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// A coverage is the table of a result.Coverage.
type coverage struct {
	Kinds      []string // the columns
	Operations []coverageRow
	Short      string // the totals, in one line
	Missing    []result.Reason
	Levels     []share // requirements that were exercised, by level
}

// A share is n of a number of things.
type share struct {
	Name  string
	N, Of int
}

// Width returns the share as the width of a bar.
func (s share) Width() string { return percent(s.N, s.Of) }

// Whole reports whether nothing is missing.
func (s share) Whole() bool { return s.N == s.Of }

// levelShares returns how many requirements of each level were exercised.
func levelShares(run *result.Run) []share {
	var all []share
	for _, level := range []contract.Level{contract.Must, contract.Should, contract.May} {
		s := share{Name: string(level)}
		for i := range run.Requirements {
			if r := &run.Requirements[i]; r.Level == level {
				s.Of++
				if r.Verdict.Exercised() {
					s.N++
				}
			}
		}
		if s.Of > 0 {
			all = append(all, s)
		}
	}
	return all
}

// A coverageRow is the coverage of an operation, with a cell for each kind.
type coverageRow struct {
	Operation string
	Cells     []coverageCell
}

// A coverageCell says how many things of one kind were exercised, and which.
type coverageCell struct {
	Exercised, Total int
	Names            string // of what was exercised, each with how often
}

// Share returns how many were exercised.
func (c coverageCell) Share() share { return share{N: c.Exercised, Of: c.Total} }

// coverageOf returns the coverage of a run, or nil if it was not computed.
func coverageOf(run *result.Run) *coverage {
	if run.Coverage == nil {
		return nil
	}
	kinds := subjectOf(run).coverage
	c := &coverage{Kinds: each(kinds, func(k coverageKind) string { return k.name }), Levels: levelShares(run)}
	sums := make([]coverageCell, len(c.Kinds))
	var reasons, names []string
	for i := range run.Coverage.Operations {
		o := &run.Coverage.Operations[i]
		row := coverageRow{Operation: o.Operation}
		for kind := range kinds {
			share := kinds[kind].share(o)
			counted := each(share.Exercised, func(one result.Counted) string { return fmt.Sprintf("%s (%d)", one.Name, one.Count) })
			cell := coverageCell{len(share.Exercised), share.Total(), strings.Join(counted, ", ")}
			row.Cells = append(row.Cells, cell)
			sums[kind].Exercised += cell.Exercised
			sums[kind].Total += cell.Total
			for _, m := range share.Missing {
				for _, name := range m.Names {
					reasons, names = append(reasons, m.Reason), append(names, o.Operation+" "+name)
				}
			}
		}
		c.Operations = append(c.Operations, row)
	}
	parts := make([]string, len(sums)) // not as percentages: 20 of 92 says more than 22 %
	for kind, sum := range sums {
		parts[kind] = fmt.Sprintf("%d of %d %s", sum.Exercised, sum.Total, c.Kinds[kind])
	}
	c.Short = strings.Join(parts, ", ")
	if run.Client != nil {
		c.Short = takenInShort(run.Coverage, c.Short)
	}
	c.Missing = plainReasons(result.ByReason(reasons, names))
	return c
}

// takenInShort says what a client has taken correctly.
func takenInShort(c *result.Coverage, rest string) string {
	taken := 0
	for i := range c.Operations {
		if len(c.Operations[i].Statuses.Exercised) > 0 {
			taken++
		}
	}
	return fmt.Sprintf("taken correctly: %d of %d %s, %s", taken, len(c.Operations), printable.Plural(len(c.Operations), "operation", "operations"), rest)
}
