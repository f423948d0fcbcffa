package report

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// A targetsDigest is all that the reports say of many targets.
type targetsDigest struct {
	*result.Targets
	Facts  []fact
	Counts counts // of targets
	Broken []result.BrokenRow
	Used   []judge.Verdict // in the matrix
}

func digestOfTargets(targets *result.Targets) *targetsDigest {
	d := &targetsDigest{Targets: targets, Facts: factsOfTargets(targets), Broken: targets.Broken()}
	d.Counts = countsOf(column{"targets", targets.Counts()})
	used := map[judge.Verdict]int{}
	for i := range targets.Requirements {
		for _, cell := range targets.Requirements[i].Targets {
			used[cell.Verdict]++
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

// A linkedCell is a cell of the matrix with where it leads.
type linkedCell struct {
	result.Cell
	Asked bool
	Href  string
}

// Rows are those of the matrix.
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

// Title says why the verdict is what it is, where that is known.
func (c *linkedCell) Title() string {
	return cmp.Or(c.Reason, printable.Prefixed("known: ", strings.Join(c.Known, ", ")))
}

// targetPage is the target's own page, as seen from matrix.html; "" if it has none.
func targetPage(t *result.TargetSummary) string {
	if t.Folder == "" {
		return ""
	}
	return url.PathEscape(t.Folder) + "/" + result.PageFile
}
