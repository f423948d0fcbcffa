package report

import (
	"bufio"
	"cmp"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// A targetsPage is what matrix.html shows.
type targetsPage struct {
	*result.Targets
	Facts  []fact
	Totals []total // of targets
	Broken []result.BrokenRow
	Used   []judge.Verdict // in the matrix
}

var targetsTemplate = sync.OnceValue(func() *template.Template { return parsePage("targets.html") })

var (
	targetsStyle  = sync.OnceValue(func() inlined { return inline("style", "style.css", "targets.css") })
	targetsScript = sync.OnceValue(func() inlined { return inline("script", "targets.js") })
)

// WriteTargetsHTML writes the targets side by side as one page that needs nothing
// else, as WriteHTML does.
func WriteTargetsHTML(w io.Writer, targets *result.Targets) error {
	b := bufio.NewWriter(w)
	if err := targetsTemplate().Execute(b, newTargetsPage(targets)); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

func newTargetsPage(targets *result.Targets) *targetsPage {
	p := &targetsPage{Targets: targets, Broken: targets.Broken()}
	counts := targets.Counts()
	at := 0
	for _, v := range verdicts {
		if n := counts[v]; n > 0 {
			p.Totals = append(p.Totals, total{Verdict: v, Requirements: n, X: percent(at, len(targets.Targets)), Width: percent(n, len(targets.Targets))})
			at += n
		}
	}
	used := map[judge.Verdict]bool{}
	for i := range targets.Requirements {
		for _, cell := range targets.Requirements[i].Targets {
			used[cell.Verdict] = true
		}
	}
	for _, v := range verdicts {
		if used[v] {
			p.Used = append(p.Used, v)
		}
	}
	run := result.Run{Tool: targets.Tool, Contract: targets.Contract, Started: targets.Started, Duration: targets.Duration}
	for _, known := range factsOf(&run) {
		if known.Name == "Time" || known.Name == "Contract" || known.Name == "Suite" {
			p.Facts = append(p.Facts, known)
		}
	}
	return p
}

// A linkedCell is a cell of the matrix with where it leads.
type linkedCell struct {
	result.Cell
	Asked bool
	Href  string
}

// Cells are those of a row, in the order of the targets.
func (p *targetsPage) Cells(r *result.Row) []linkedCell {
	cells := make([]linkedCell, len(p.Targets.Targets))
	for i := range p.Targets.Targets {
		t := &p.Targets.Targets[i]
		cell, asked := r.Targets[t.Name]
		cells[i] = linkedCell{Cell: cell, Asked: asked}
		if t.Folder != "" {
			cells[i].Href = fmt.Sprintf("%s#requirement-%d", targetPage(t), cell.Number)
		}
	}
	return cells
}

// Title says why the verdict is what it is, where that is known.
func (c *linkedCell) Title() string {
	return cmp.Or(c.Reason, printable.Prefixed("known: ", strings.Join(c.Known, ", ")))
}

// Rows are the requirements.
func (p *targetsPage) Rows() []*result.Row {
	rows := make([]*result.Row, len(p.Requirements))
	for i := range p.Requirements {
		rows[i] = &p.Requirements[i]
	}
	return rows
}

// targetPage is the target's own page, as seen from matrix.html; "" if it has none.
func targetPage(t *result.TargetSummary) string {
	if t.Folder == "" {
		return ""
	}
	return url.PathEscape(t.Folder) + "/" + result.PageFile
}

// Style is the page's style sheet.
func (p *targetsPage) Style() template.HTML { return targetsStyle().Element }

// Script is what filters the page.
func (p *targetsPage) Script() template.HTML { return targetsScript().Element }

// Policy is what a browser may obey and fetch.
func (p *targetsPage) Policy() string { return policy(targetsStyle(), targetsScript()) }
