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
)

// A targetsPage is what matrix.html shows.
type targetsPage struct {
	*Targets
	Facts  []fact
	Totals []total // of targets
	Broken []brokenRow
	Used   []judge.Verdict // in the matrix
}

var targetsTemplate = sync.OnceValue(func() *template.Template { return parsePage("targets.html") })

var (
	targetsStyle  = sync.OnceValue(func() inlined { return inline("style", "style.css", "targets.css") })
	targetsScript = sync.OnceValue(func() inlined { return inline("script", "targets.js") })
)

func WriteTargetsHTML(w io.Writer, f *Targets) error {
	b := bufio.NewWriter(w)
	if err := targetsTemplate().Execute(b, newTargetsPage(f)); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

func newTargetsPage(f *Targets) *targetsPage {
	p := &targetsPage{Targets: f, Broken: f.broken()}
	counts := f.counts()
	at := 0
	for _, v := range verdicts {
		if n := counts[v]; n > 0 {
			p.Totals = append(p.Totals, total{Verdict: v, Requirements: n, X: percent(at, len(f.Targets)), Width: percent(n, len(f.Targets))})
			at += n
		}
	}
	used := map[judge.Verdict]bool{}
	for i := range f.Requirements {
		for _, cell := range f.Requirements[i].Targets {
			used[cell.Verdict] = true
		}
	}
	for _, v := range verdicts {
		if used[v] {
			p.Used = append(p.Used, v)
		}
	}
	run := Run{Tool: f.Tool, Contract: f.Contract, Started: f.Started, Duration: f.Duration}
	for _, known := range run.facts() {
		if known.Name == "Time" || known.Name == "Contract" || known.Name == "Suite" {
			p.Facts = append(p.Facts, known)
		}
	}
	return p
}

// A linkedCell is a cell of the matrix with where it leads.
type linkedCell struct {
	Cell
	Asked bool
	Href  string
}

// Cells are those of a row, in the order of the targets.
func (p *targetsPage) Cells(r *Row) []linkedCell {
	cells := make([]linkedCell, len(p.Targets.Targets))
	for i := range p.Targets.Targets {
		t := &p.Targets.Targets[i]
		cell, asked := r.Targets[t.Name]
		cells[i] = linkedCell{Cell: cell, Asked: asked}
		if t.Folder != "" {
			cells[i].Href = fmt.Sprintf("%s#requirement-%d", t.Page(), cell.number)
		}
	}
	return cells
}

// Title says why the verdict is what it is, where that is known.
func (c *linkedCell) Title() string {
	return cmp.Or(c.Reason, prefixed("known: ", strings.Join(c.Known, ", ")))
}

// Rows are the requirements.
func (p *targetsPage) Rows() []*Row {
	rows := make([]*Row, len(p.Requirements))
	for i := range p.Requirements {
		rows[i] = &p.Requirements[i]
	}
	return rows
}

// Page is the target's own page, as seen from matrix.html; "" if it has none.
func (t *TargetSummary) Page() string {
	if t.Folder == "" {
		return ""
	}
	return url.PathEscape(t.Folder) + "/" + PageFile
}

// Style is the page's style sheet.
func (p *targetsPage) Style() template.HTML { return targetsStyle().Element }

// Script is what filters the page.
func (p *targetsPage) Script() template.HTML { return targetsScript().Element }

// Policy is what a browser may obey and fetch.
func (p *targetsPage) Policy() string { return policy(targetsStyle(), targetsScript()) }
