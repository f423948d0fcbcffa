package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// What the page shows at most. All of it is in results.json.
const (
	shownLinks    = 6   // broken requirements beside the verdict
	shownEvidence = 200 // failures of a kind in full
	shownOthers   = 100 // further cases that show the same
	shownBearing  = 50  // cases that are about something else, of a requirement
	shownSentence = 1000
)

// A page is what report.html shows.
type page struct {
	*result.Run
	Facts        []fact
	Totals       []total
	Levels       []levelGroup
	Matrix       matrix
	UnknownJobs  []string
	Coverage     *coveragePart
	Deviations   evidences
	Known        evidences
	OutOfDate    []knownRow
	Advice       evidences
	Observations evidences
	Observed     []observationGroup
	NotJudged    []result.Reason
	NotExercised []result.Reason
	Latency      latency
}

// A total counts what came to one verdict.
type total struct {
	Verdict             judge.Verdict
	Requirements, Cases int
	X, Width            string // of its part of the bar, in percent
}

// A levelGroup is the requirements of one level.
type levelGroup struct {
	Level        contract.Level
	Requirements []requirementRow
	Counts       []total
}

// A requirementRow is a requirement with the cases that say something of it.
type requirementRow struct {
	result.Requirement
	Number  int
	Failure string // the anchor of its first failure
	Known   string // the tickets of deviations that were known
	Rows    []caseRow
	More    int // cases that are not shown
}

// A caseRow is what one case says of a requirement.
type caseRow struct {
	*result.Case
	Verdict judge.Verdict // on the requirement
	Note    string
}

func newPage(run *result.Run) *page {
	p := &page{Run: run, Facts: factsOf(run), Matrix: matrixOf(run), Latency: latencyOf(run)}
	p.Totals = totalsOf(run.Requirements, run.Cases)
	p.Deviations = evidencesOf(run, "deviation", run.Breaks)
	p.UnknownJobs, p.Coverage, p.OutOfDate, p.Observed = unknownJobTexts(run), coveragePartOf(run), knownRows(run), observationsOf(run)
	p.Known = evidencesOf(run, "known", run.Known)
	p.Advice = evidencesOf(run, "advice", run.Advises)
	p.Observations = evidencesOf(run, "observation", observes)
	p.Levels = levelsOf(run, p.Deviations, p.Known, p.Advice, p.Observations)
	p.NotJudged = shownReasons(run.NotJudged())
	p.NotExercised = shownReasons(run.NotExercised())
	return p
}

// Links are the broken requirements that the verdict leads to, each with the
// first of its deviations.
func (p *page) Links() []*evidence {
	var links []*evidence
	for _, e := range p.Deviations.Shown {
		known := slices.ContainsFunc(links, func(l *evidence) bool { return l.Requirement.ID == e.Requirement.ID })
		if !known && len(links) < shownLinks {
			links = append(links, e)
		}
	}
	return links
}

// Reasons are the first of why requirements were not exercised: what is to be
// known of a run that found no deviation.
func (p *page) Reasons() []result.Reason {
	return p.NotExercised[:min(len(p.NotExercised), shownLinks)]
}

// MoreBroken is how many broken requirements Links leaves out.
func (p *page) MoreBroken() int { return len(p.Broken()) - len(p.Links()) }

// totalsOf counts by verdict, and lays the requirements out as a bar.
func totalsOf(requirements []result.Requirement, cases []result.Case) []total {
	var all []total
	at := 0
	for _, v := range verdicts {
		n := total{Verdict: v}
		for i := range requirements {
			if requirements[i].Verdict == v {
				n.Requirements++
			}
		}
		for i := range cases {
			if cases[i].Verdict == v {
				n.Cases++
			}
		}
		if n.Requirements+n.Cases == 0 {
			continue
		}
		n.X, n.Width = percent(at, len(requirements)), percent(n.Requirements, len(requirements))
		at += n.Requirements
		all = append(all, n)
	}
	return all
}

func percent(n, of int) string { return fmt.Sprintf("%.2f", 100*float64(n)/float64(max(1, of))) }

// levelsOf lists the requirements by level, in the order of the contract.
func levelsOf(run *result.Run, failures ...evidences) []levelGroup {
	anchors := map[string]string{}
	for _, kind := range failures {
		for _, e := range kind.Shown {
			if anchors[e.Requirement.ID] == "" {
				anchors[e.Requirement.ID] = e.Anchor
			}
		}
	}
	rows, tickets := caseRowsOf(run), run.Tickets()
	var groups []levelGroup
	for _, level := range []contract.Level{contract.Must, contract.Should, contract.May} {
		g := levelGroup{Level: level}
		var members []result.Requirement
		for i, r := range run.Requirements {
			if r.Level != level {
				continue
			}
			members = append(members, r)
			row := requirementRow{Requirement: r, Number: i + 1, Failure: anchors[r.ID], Known: strings.Join(tickets[r.ID], ", ")}
			row.Rows = rows[r.ID].all
			row.More = rows[r.ID].more
			g.Requirements = append(g.Requirements, row)
		}
		if len(members) > 0 {
			g.Counts = totalsOf(members, nil)
			groups = append(groups, g)
		}
	}
	return groups
}

// rowsOf are the cases that say something of a requirement.
type rowsOf struct {
	all           []caseRow
	bearing, more int
}

// caseRowsOf lists for each requirement the cases that are about it and, since
// every answer is judged by some requirements, of the others only those that
// found something.
func caseRowsOf(run *result.Run) map[string]rowsOf {
	rows := map[string]rowsOf{}
	for i := range run.Cases {
		c := &run.Cases[i]
		own := rows[c.Requirement]
		own.all = append(own.all, caseRow{c, c.Verdict, noteOf(c, c.Requirement)})
		rows[c.Requirement] = own
		for _, f := range c.Findings {
			if f.Requirement == c.Requirement || f.Verdict == judge.Conforms {
				continue
			}
			other := rows[f.Requirement]
			if other.bearing++; other.bearing > shownBearing {
				other.more++
			} else {
				other.all = append(other.all, caseRow{c, f.Verdict, cut(f.Got, shownSentence, "…")})
			}
			rows[f.Requirement] = other
		}
	}
	return rows
}

// noteOf is what came of a case: why nothing decided, or the outcome.
func noteOf(c *result.Case, requirement string) string {
	if c.Reason != "" {
		return cut(c.Reason, shownSentence, "…")
	}
	for _, f := range c.Findings {
		if f.Requirement == requirement {
			return cut(f.Got, shownSentence, "…")
		}
	}
	return ""
}

// shownReasons are reasons as a page has room for them.
func shownReasons(reasons []result.Reason) []result.Reason {
	shown := slices.Clone(reasons)
	for i := range shown {
		shown[i].Reason = cmp.Or(cut(printable.Line(shown[i].Reason), shownSentence, "…"), "no reason was given")
	}
	return shown
}
