package report

import (
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

// Limits of the page. results.json has everything.
const (
	shownLinks    = 6   // broken requirements, or reasons, beside the verdict
	shownFailures = 200 // failures of one kind
	shownOthers   = 100 // other cases with the same finding
	shownBearing  = 50  // cases that have a finding about a requirement, but are about another one
	shownSentence = 1000
)

// A page is the content of report.html: the digest, and what only this report shows.
type page struct {
	*digest
	Levels   []levelGroup
	Answers  answers
	Observed []observationGroup
	Latency  latency
}

// A levelGroup has the requirements of one level.
type levelGroup struct {
	Level        contract.Level
	Requirements []requirementRow
	Counts       counts
}

// A requirementRow is a requirement with the cases that say something about it.
type requirementRow struct {
	result.Requirement
	Number  int
	Failure string // the anchor of its first failure
	Known   string // the tickets of its known deviations
	Origin  []contract.Source
	casesOn
}

// Shown returns what the row shows.
func (r *requirementRow) Shown() judge.Verdict { return shownRequirement(&r.Requirement) }

// casesOn has the cases that say something about a requirement.
type casesOn struct {
	Rows    []caseRow
	bearing int // number of cases that are about another requirement
}

// More returns the number of cases that are not shown.
func (c casesOn) More() int { return max(0, c.bearing-shownBearing) }

// A caseRow is what one case says about a requirement.
type caseRow struct {
	*result.Case
	Verdict judge.Verdict // on the requirement
	Note    string
}

func newPage(d *digest) *page {
	return &page{d, levelsOf(d), answersOf(d.Run), observationsOf(d.Run), latencyOf(d.Run)}
}

// Links returns the first deviation of each of the first broken requirements, to be linked
// next to the verdict.
func (p *page) Links() partOf[*failure] {
	var links []*failure
	for _, f := range firstOf(p.Deviations, shownFailures).Shown {
		linked := slices.ContainsFunc(links, func(l *failure) bool { return l.Requirement.ID == f.Requirement.ID })
		if !linked && len(links) < shownLinks {
			links = append(links, f)
		}
	}
	return partOf[*failure]{links, len(p.Broken) - len(links)}
}

// Reasons returns the first reasons why requirements were not exercised. The page shows them
// next to the verdict if there is no deviation.
func (p *page) Reasons() []result.Reason { return firstOf(p.NotExercised, shownLinks).Shown }

// levelsOf returns the requirements by level, in the order of the contract.
func levelsOf(d *digest) []levelGroup {
	anchors := map[string]string{}
	for _, kind := range [][]*failure{d.Observations, d.Advice, d.Known, d.Deviations} { // the last one counts
		for _, f := range slices.Backward(firstOf(kind, shownFailures).Shown) {
			anchors[f.Requirement.ID] = f.Anchor
		}
	}
	cases := casesByRequirement(d.Run)
	var groups []levelGroup
	for _, level := range []contract.Level{contract.Must, contract.Should, contract.May} {
		g := levelGroup{Level: level}
		for i, r := range d.Requirements {
			if r.Level == level {
				g.Requirements = append(g.Requirements, requirementRow{r, i + 1, anchors[r.ID], strings.Join(d.Tickets[r.ID], ", "), d.Run.SourcesOf(r.Source), cases[r.ID]})
			}
		}
		if len(g.Requirements) > 0 {
			g.Counts = countsOf(column{"requirements", countVerdicts(g.Requirements, func(r *requirementRow) judge.Verdict { return r.Shown() })})
			groups = append(groups, g)
		}
	}
	return groups
}

// casesByRequirement returns for each requirement the cases that are about it, and the other
// cases that found something about it. Others that conform are left out, since some
// requirements are judged in every answer.
func casesByRequirement(run *result.Run) map[string]casesOn {
	cases := map[string]casesOn{}
	for i := range run.Cases {
		c := &run.Cases[i]
		own := cases[c.Requirement]
		own.Rows = append(own.Rows, caseRow{c, c.Verdict, noteOf(c)})
		cases[c.Requirement] = own
		for _, f := range c.Findings {
			if f.Requirement == c.Requirement || f.Verdict == judge.Conforms {
				continue
			}
			other := cases[f.Requirement]
			if other.bearing++; other.bearing <= shownBearing {
				other.Rows = append(other.Rows, caseRow{c, f.Verdict, f.Got})
			}
			cases[f.Requirement] = other
		}
	}
	return cases
}

// noteOf returns why a case was not decided, or its outcome.
func noteOf(c *result.Case) string {
	if c.Reason != "" {
		return c.Reason
	}
	for _, f := range c.Findings {
		if f.Requirement == c.Requirement {
			return f.Got
		}
	}
	return ""
}
