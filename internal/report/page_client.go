package report

import (
	"fmt"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

// shownScenarios is how many scenarios a page shows.
const shownScenarios = 1000

// A scenarioGroup has the scenarios whose names begin alike.
type scenarioGroup struct {
	Name   string
	Counts []countRow // by verdict, the gravest first
	Rows   []scenarioRow
	More   int // that are not shown
}

// A scenarioRow is a scenario with what was found in it.
type scenarioRow struct {
	*result.Case
	*scenario
	Anchor   string
	Findings []scenarioFinding
}

// Opens reports whether the details are worth a look without being asked for.
func (r *scenarioRow) Opens() bool { return r.Verdict == judge.Error }

// A scenarioFinding is what a scenario says about a requirement.
type scenarioFinding struct {
	judge.Finding
	Href string // of the requirement; "" if the page has none
}

// scenarioGroupsOf returns the scenarios of a client by group, in the order of their names, and
// nothing for a deployment. groups has the requirements of the page.
func scenarioGroupsOf(d *digest, groups []verdictGroup) []scenarioGroup {
	if d.Client == nil {
		return nil
	}
	requirements := map[string]string{}
	for _, g := range groups {
		for i := range g.Requirements {
			requirements[g.Requirements[i].ID] = requirementAnchor(g.Requirements[i].Number)
		}
	}
	var all []scenarioGroup
	for i := range d.Cases {
		c := &d.Cases[i]
		name := groupOf(c.Case)
		if n := len(all); n == 0 || all[n-1].Name != name {
			all = append(all, scenarioGroup{Name: name})
		}
		of := &all[len(all)-1]
		of.count(c.Verdict)
		if i >= shownScenarios {
			of.More++
			continue
		}
		row := scenarioRow{c, scenarioOf(c, firstShown(c)), scenarioAnchor(i), nil}
		if row.scenario == nil {
			row.scenario = &scenario{}
		}
		for _, f := range c.Findings {
			row.Findings = append(row.Findings, scenarioFinding{f, requirements[f.Requirement]})
		}
		of.Rows = append(of.Rows, row)
	}
	return all
}

// linkScenarios says of each failure where its scenario is in the page. Only the first of each
// requirement is open: a client can fail in all scenarios.
func linkScenarios(d *digest) {
	if d.Client == nil {
		return
	}
	at := map[string]string{}
	for i := range d.Cases {
		at[d.Cases[i].Case] = scenarioHref(d.Run, i)
	}
	for _, kind := range [][]*failure{d.Deviations, d.Known, d.Advice, d.Observations} {
		for _, of := range byRequirement(kind) {
			for i, f := range of {
				f.Folded = i > 0
				if f.Scenario != nil {
					f.Scenario.Href = at[f.Case]
				}
			}
		}
	}
}

// count counts a scenario, the gravest verdicts first.
func (g *scenarioGroup) count(v judge.Verdict) {
	var rows []countRow
	for _, of := range verdicts {
		n := 0
		for _, row := range g.Counts {
			if row.Verdict == of {
				n = row.Counts[0]
			}
		}
		if of == v {
			n++
		}
		if n > 0 {
			rows = append(rows, countRow{Verdict: of, Counts: []int{n}})
		}
	}
	g.Counts = rows
}

// firstShown returns the index of the exchange that shows the first finding that does not conform,
// or -1.
func firstShown(c *result.Case) int {
	for _, f := range c.Findings {
		if f.Verdict != judge.Conforms && f.Exchange >= 0 {
			return f.Exchange
		}
	}
	return -1
}

// requirementAnchor and scenarioAnchor return the ids of a requirement and of a scenario in the page.
func requirementAnchor(number int) string { return fmt.Sprintf("requirement-%d", number) }
func scenarioAnchor(i int) string         { return fmt.Sprintf("scenario-%d", i+1) }

// scenarioHref returns the id of a scenario in the page, or "" if it has none.
func scenarioHref(run *result.Run, i int) string {
	if run.Client == nil || i >= shownScenarios {
		return ""
	}
	return scenarioAnchor(i)
}
