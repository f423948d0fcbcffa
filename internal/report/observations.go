package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

// An observation is what the target does where the documentation allows a choice.
type observation struct {
	Requirement result.Requirement
	Verdict     judge.Verdict
	Answer      string // status, or why there is none
	Code        string
	Message     string
	Case        string // the first with this answer
	Likewise    int    // number of other cases with the same answer
}

// An observationGroup has the observations about one kind of choice.
type observationGroup struct {
	Title string
	Rows  []*observation
}

// The kinds of choice, in the order in which they are reported.
const (
	silent  = iota // a MAY, or an error code that is not documented
	advised        // a SHOULD
	several        // several refusals are lawful
)

var choices = []string{
	silent:  "The documentation is silent, or allows either",
	advised: "A SHOULD, which binds less than a MUST",
	several: "Several answers are lawful",
}

// observationsOf returns the observations of a run, by kind of choice and in the order of
// the contract. Cases of one requirement with the same answer are one observation.
func observationsOf(run *result.Run) []observationGroup {
	type key struct {
		choice            int
		requirement, text string
	}
	groups := make([]observationGroup, len(choices))
	known := map[key]*observation{}
	n := result.NewNormaliser(run)
	for i := range run.Cases {
		c := &run.Cases[i]
		choice := choiceOf(c)
		if choice < 0 {
			continue
		}
		k := key{choice, c.Requirement, cmp.Or(n.Outcome(c.Outcome), noteOf(c))}
		if same := known[k]; same != nil {
			same.Likewise++
			continue
		}
		known[k] = observationOf(run, c)
		groups[choice].Title, groups[choice].Rows = choices[choice], append(groups[choice].Rows, known[k])
	}
	groups = slices.DeleteFunc(groups, func(g observationGroup) bool { return len(g.Rows) == 0 })
	place := map[string]int{}
	for i, r := range run.Requirements {
		place[r.ID] = i
	}
	for _, g := range groups {
		slices.SortStableFunc(g.Rows, func(a, b *observation) int { return place[a.Requirement.ID] - place[b.Requirement.ID] })
	}
	return groups
}

// choiceOf returns the kind of choice that the target had in a case, or -1 if it had none
// or no answer decided the case.
func choiceOf(c *result.Case) int {
	for _, f := range c.Findings {
		if f.Requirement != c.Requirement {
			continue
		}
		switch {
		case f.Verdict == judge.Observed || f.Level == contract.May && f.Verdict.Exercised():
			return silent
		case c.Client != nil: // keeps to what is expected or does not
			return -1
		case f.Level == contract.Should && f.Verdict.Exercised():
			return advised
		case f.Verdict == judge.Conforms && leavesChoice(f.Lawful):
			return several
		}
		return -1
	}
	return -1
}

// leavesChoice reports whether there is more than one lawful outcome. lawful is in the form
// of Finding.Lawful.
func leavesChoice(lawful []string) bool {
	return len(lawful) > 1 || slices.ContainsFunc(lawful, func(s string) bool {
		return strings.Contains(s, " or ") || strings.Contains(s, "XX")
	})
}

func observationOf(run *result.Run, c *result.Case) *observation {
	o := &observation{Requirement: run.RequirementOf(judge.Finding{Requirement: c.Requirement}), Verdict: c.Verdict, Case: c.Case}
	switch {
	case c.Outcome == nil: // several exchanges decided it, or they were not read
		o.Answer = noteOf(c)
	case c.Outcome.Status == 0:
		o.Answer = string(c.Outcome.Failure)
	default:
		o.Answer, o.Code, o.Message = c.Outcome.StatusText(), cut(c.Outcome.Code, shownCode, "…"), c.Outcome.Message
	}
	return o
}
