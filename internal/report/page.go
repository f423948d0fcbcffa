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
	shownCauses   = 12  // deviations under the verdict
	shownLinks    = 6   // reasons under the verdict
	shownFailures = 200 // failures of one kind
	shownOthers   = 100 // other cases with the same finding
	shownBearing  = 50  // cases that have a finding about a requirement, but are about another one
	shownJobs     = 100 // that began during the run
	shownSentence = 1000
)

// A page is the content of report.html: the digest, and what only this report shows.
type page struct {
	*digest
	Groups   []verdictGroup
	Tiles    tileMap
	Ways     timelines
	Answers  answers
	Observed []observationGroup
	Latency  latency
	// Scenarios are those of a client, by group.
	Scenarios []scenarioGroup
}

// A verdictGroup has the requirements with one verdict, by level.
type verdictGroup struct {
	Verdict      judge.Verdict
	Requirements []requirementRow
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
	Anchor  string        // "" if the case is about another one
	Verdict judge.Verdict // on the requirement
	Note    string
	Href    string // of the scenario, if a client was judged
}

func newPage(d *digest) *page {
	groups, anchors := groupsOf(d)
	linkScenarios(d)
	return &page{d, groups, tilesOf(d.Run, anchors), timelinesOf(d.Run), answersOf(d.Run), observationsOf(d.Run), latencyOf(d.Run), scenarioGroupsOf(d, groups)}
}

// Causes returns the first deviations, to be shown directly under the verdict, of a client those of
// each requirement.
func (p *page) Causes() partOf[*failure] {
	if p.Client == nil {
		return firstOf(p.Deviations, shownCauses)
	}
	var first []*failure
	for _, of := range byRequirement(p.Deviations) {
		first = append(first, of[0])
	}
	causes := firstOf(first, shownCauses)
	causes.More = len(p.Deviations) - len(causes.Shown)
	return causes
}

// Where returns what was judged and when, in one line.
func (p *page) Where() string { return whereOf(p.Run) }

// Undone returns the first reasons why cases could not be judged or, if all could,
// requirements were not exercised. The page shows them under the verdict if there is no
// deviation.
func (p *page) Undone() []result.Reason {
	if len(p.NotJudged) > 0 {
		return firstOf(p.NotJudged, shownLinks).Shown
	}
	return firstOf(p.NotExercised, shownLinks).Shown
}

// groupsOf returns the requirements, the gravest verdicts and the highest levels first,
// otherwise in the order of the contract; and the ids of the cases in the page.
func groupsOf(d *digest) ([]verdictGroup, map[*result.Case]string) {
	anchors := map[string]string{}
	for _, kind := range [][]*failure{d.Observations, d.Advice, d.Known, d.Deviations} { // the last one counts
		for _, f := range slices.Backward(firstOf(kind, shownFailures).Shown) {
			anchors[f.Requirement.ID] = f.Anchor
		}
	}
	cases := casesByRequirement(d.Run)
	byVerdict, ofCases := map[judge.Verdict][]requirementRow{}, map[*result.Case]string{}
	for i, r := range d.Requirements {
		if d.nothingOf(&r) {
			continue
		}
		row := requirementRow{r, i + 1, anchors[r.ID], strings.Join(d.Tickets[r.ID], ", "), d.Run.SourcesOf(r.Source), cases[r.ID]}
		byVerdict[row.Shown()] = append(byVerdict[row.Shown()], row)
		for _, c := range row.Rows {
			if c.Anchor != "" {
				ofCases[c.Case] = c.Anchor
			}
		}
	}
	var groups []verdictGroup
	for _, v := range verdicts {
		if rows := byVerdict[v]; len(rows) > 0 {
			slices.SortStableFunc(rows, func(a, b requirementRow) int { return levelRank(a.Level) - levelRank(b.Level) })
			groups = append(groups, verdictGroup{v, rows})
		}
	}
	return groups, ofCases
}

func levelRank(level contract.Level) int {
	return slices.Index([]contract.Level{contract.Must, contract.Should, contract.May}, level)
}

// Share returns how much of the requirement was decided.
func (r *requirementRow) Share() share { return share{N: r.Extent.Decided, Of: r.Extent.Cases} }

// casesByRequirement returns for each requirement the cases that are about it, and the other
// cases that found something about it. Others that conform are left out, since some
// requirements are judged in every answer.
func casesByRequirement(run *result.Run) map[string]casesOn {
	cases := map[string]casesOn{}
	for i := range run.Cases {
		c := &run.Cases[i]
		own := cases[c.Requirement]
		own.Rows = append(own.Rows, caseRow{c, caseAnchor(i), c.Verdict, noteOf(c), scenarioHref(run, i)})
		cases[c.Requirement] = own
		for _, f := range c.Findings {
			if f.Requirement == c.Requirement || f.Verdict == judge.Conforms {
				continue
			}
			other := cases[f.Requirement]
			if other.bearing++; other.bearing <= shownBearing {
				other.Rows = append(other.Rows, caseRow{c, "", f.Verdict, f.Got, scenarioHref(run, i)})
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
