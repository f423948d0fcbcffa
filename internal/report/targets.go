package report

import (
	"time"

	"fmt"
	"net/url"
	"strings"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// A targetsDigest is the content of the reports of a run against many targets.
type targetsDigest struct {
	*result.Targets
	Shown   judge.Verdict // of all targets
	Facts   []fact
	Digests []fact
	Counts  counts // of targets
	Broken  []result.BrokenRow
	Used    []judge.Verdict // the verdicts that occur in the matrix
}

func digestOfTargets(targets *result.Targets) *targetsDigest {
	d := &targetsDigest{Targets: targets, Shown: shown(targets.Verdict, targets.Partial), Facts: withValues(timeFact(targets.Started, time.Time{}, targets.Duration)), Digests: []fact{suiteFact(targets.Tool), contractFact(targets.Contract)}, Broken: targets.Broken()}
	d.Counts = countsOf(column{"targets", countVerdicts(targets.Targets, shownTarget)})
	used := map[judge.Verdict]int{}
	for i := range targets.Requirements {
		for _, cell := range targets.Requirements[i].Targets {
			used[shownCell(&cell)]++
		}
	}
	for _, row := range countsOf(column{"cells", used}).Rows {
		d.Used = append(d.Used, row.Verdict)
	}
	return d
}

// A matrixRow is a requirement with a cell for each target.
type matrixRow struct {
	*result.Row
	Cells []linkedCell
}

// A linkedCell is a cell of the matrix with its link.
type linkedCell struct {
	result.Cell
	Asked bool
	Href  string
}

// Rows returns the rows of the matrix.
func (d *targetsDigest) Rows() []matrixRow {
	rows := make([]matrixRow, len(d.Requirements))
	for i := range d.Requirements {
		rows[i].Row = &d.Requirements[i]
		for j := range d.Targets.Targets {
			t := &d.Targets.Targets[j]
			cell, asked := rows[i].Targets[t.Name]
			href := ""
			if page := targetPage(t); page != "" {
				href = fmt.Sprintf("%s#requirement-%d", page, cell.Number)
			}
			rows[i].Cells = append(rows[i].Cells, linkedCell{cell, asked, href})
		}
	}
	return rows
}

// Shown returns what the cell shows.
func (c *linkedCell) Shown() judge.Verdict { return shownCell(&c.Cell) }

// Title returns the reason for the verdict, or how many cases were decided, why others are
// counted apart, and the tickets of known deviations.
func (c *linkedCell) Title() string {
	if c.Reason != "" && len(c.Apart) == 0 {
		return c.Reason
	}
	return decidedBecause(c.Extent) + printable.Prefixed("; known: ", strings.Join(c.Known, ", "))
}

// targetPage returns the path of the target's report.html, relative to matrix.html, or "".
func targetPage(t *result.TargetSummary) string {
	if t.Folder == "" {
		return ""
	}
	return url.PathEscape(t.Folder) + "/" + result.PageFile
}
