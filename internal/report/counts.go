package report

import (
	"fmt"

	"github.com/gesconform/gesconform/internal/judge"
)

// verdicts has all verdicts, the gravest first.
var verdicts = []judge.Verdict{
	judge.Deviates, judge.Advisory, judge.Error, judge.Masked, judge.NotApplicable, judge.Observed, partial, judge.Conforms,
}

// counts is a table of the number of things with each verdict. It has a column for each
// kind of thing, and a row for each verdict that occurred.
type counts struct {
	Of   []string // what is counted
	Rows []countRow
	Sums []int // by column
}

// A countRow has the number of things with one verdict.
type countRow struct {
	Verdict  judge.Verdict
	Counts   []int  // by column
	X, Width string // in percent, of the verdict's part of the bar for the first column
}

// A column has the counts of one kind of thing.
type column struct {
	of     string
	counts map[judge.Verdict]int
}

func countVerdicts[T any](all []T, verdict func(*T) judge.Verdict) map[judge.Verdict]int {
	n := map[judge.Verdict]int{}
	for i := range all {
		n[verdict(&all[i])]++
	}
	return n
}

func countsOf(columns ...column) counts {
	var table counts
	for _, c := range columns {
		sum := 0
		for _, n := range c.counts {
			sum += n
		}
		table.Of, table.Sums = append(table.Of, c.of), append(table.Sums, sum)
	}
	at := 0
	for _, v := range verdicts {
		row, came := countRow{Verdict: v}, false
		for _, c := range columns {
			row.Counts = append(row.Counts, c.counts[v])
			came = came || c.counts[v] > 0
		}
		if came {
			row.X, row.Width = percent(at, table.Sums[0]), percent(row.Counts[0], table.Sums[0])
			at += row.Counts[0]
			table.Rows = append(table.Rows, row)
		}
	}
	return table
}

func percent(n, of int) string { return fmt.Sprintf("%.2f", 100*float64(n)/float64(max(1, of))) }
