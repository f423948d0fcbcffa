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

// A fleetPage is what matrix.html shows.
type fleetPage struct {
	*Fleet
	Facts  []fact
	Totals []total // of targets
	Broken []brokenRow
	Used   []judge.Verdict // in the matrix
}

var fleetTemplate = sync.OnceValue(func() *template.Template { return parsePage("fleet.html") })

var (
	fleetStyle  = sync.OnceValue(func() inlined { return inline("style", "style.css", "fleet.css") })
	fleetScript = sync.OnceValue(func() inlined { return inline("script", "fleet.js") })
)

func writeFleetHTML(w io.Writer, f *Fleet) error {
	b := bufio.NewWriter(w)
	if err := fleetTemplate().Execute(b, newFleetPage(f)); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

func newFleetPage(f *Fleet) *fleetPage {
	p := &fleetPage{Fleet: f, Broken: f.broken()}
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

// A fleetCell is a cell of the matrix with where it leads.
type fleetCell struct {
	FleetCell
	Asked bool
	Href  string
}

// Cells are those of a row, in the order of the targets.
func (p *fleetPage) Cells(r *FleetRequirement) []fleetCell {
	cells := make([]fleetCell, len(p.Targets))
	for i := range p.Targets {
		t := &p.Targets[i]
		cell, asked := r.Targets[t.Name]
		cells[i] = fleetCell{FleetCell: cell, Asked: asked}
		if t.Folder != "" {
			cells[i].Href = fmt.Sprintf("%s#requirement-%d", t.Page(), cell.number)
		}
	}
	return cells
}

// Title says why the verdict is what it is, where that is known.
func (c *fleetCell) Title() string {
	return cmp.Or(c.Reason, prefixed("known: ", strings.Join(c.Known, ", ")))
}

// Rows are the requirements.
func (p *fleetPage) Rows() []*FleetRequirement {
	rows := make([]*FleetRequirement, len(p.Requirements))
	for i := range p.Requirements {
		rows[i] = &p.Requirements[i]
	}
	return rows
}

// Page is the target's own page, as seen from matrix.html; "" if it has none.
func (t *FleetTarget) Page() string {
	if t.Folder == "" {
		return ""
	}
	return url.PathEscape(t.Folder) + "/" + PageFile
}

// Style is the page's style sheet.
func (p *fleetPage) Style() template.HTML { return fleetStyle().Element }

// Script is what filters the page.
func (p *fleetPage) Script() template.HTML { return fleetScript().Element }

// Policy is what a browser may obey and fetch.
func (p *fleetPage) Policy() string { return policy(fleetStyle(), fleetScript()) }
