// Package report shows what a run found, and what many came to: on the terminal, as
// a page and in Markdown for people, as JUnit XML, as an archive of the exchanges
// (HAR) and as commands to GitHub for machines, and how far a run is while it goes
// on. What several reports say is worked out in a digest, which they only write.
package report

import (
	"cmp"
	"fmt"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// A digest is all that the reports say of a run, section by section, so that no
// two of them count or group the same things. A report only writes it, as far as
// it has room.
type digest struct {
	*result.Run
	Facts     []fact
	Cautions  []string // before all findings, for they put these in question
	Counts    counts   // of requirements and cases
	Tickets   map[string][]string
	Exercised int // requirements
	// BrokenOff is why a run that deviates could not judge all; of any other the
	// headline says it.
	BrokenOff string

	Deviations, Known, Advice, Observations []*failure

	Broken       []brokenRequirement
	OutOfDate    []outOfDate
	Difference   string // from the baseline, in a line; "" if there is none
	Changes      []result.ChangeGroup
	NotJudged    []result.Reason // cases
	NotExercised []result.Reason // requirements
	Coverage     *coverage
}

// The columns of a digest's counts.
const (
	countedRequirements = iota
	countedCases
)

// A brokenRequirement is one with all its deviations.
type brokenRequirement struct {
	result.Requirement
	Failures []*failure
}

// outOfDate are the expectations in a state in which they need attention.
type outOfDate struct {
	State result.ExpectationState
	Title string
	All   []result.Expectation
}

func digestOf(run *result.Run) *digest {
	d := &digest{Run: run, Facts: factsOf(run), Cautions: cautionsOf(run), Coverage: coverageOf(run)}
	d.Counts = countsOf(
		column{"requirements", countVerdicts(run.Requirements, func(r *result.Requirement) judge.Verdict { return r.Verdict })},
		column{"cases", countVerdicts(run.Cases, func(c *result.Case) judge.Verdict { return c.Verdict })})
	if run.Verdict == judge.Deviates {
		d.BrokenOff = run.Failure
	}
	failures := failuresOf(run)
	d.Deviations, d.Known, d.Advice, d.Observations = failures[kindDeviation], failures[kindKnown], failures[kindAdvice], failures[kindObservation]
	d.Broken = d.brokenRequirements()
	d.Tickets = run.Tickets()
	for _, o := range []outOfDate{
		{State: result.Expired, Title: "expired, no longer excused"},
		{State: result.Gone, Title: "gone, can be removed from the file"},
		{State: result.NotExercised, Title: "not fully exercised, may still occur"},
	} {
		if o.All = run.ExpectationsIn(o.State); len(o.All) > 0 {
			d.OutOfDate = append(d.OutOfDate, o)
		}
	}
	if c := run.Comparison; c != nil {
		d.Changes = c.Groups()
		d.Difference = differenceInShort(c, d.Changes)
	}
	d.NotJudged, d.NotExercised = plainReasons(run.NotJudged()), plainReasons(run.NotExercised())
	d.Exercised = len(run.Requirements) - result.CountNames(d.NotExercised)
	return d
}

// A kind of failure is what it means for the verdict.
type kind string

// The kinds, as links of a page have them.
const (
	kindDeviation   kind = "deviation"   // it counts
	kindKnown       kind = "known"       // it would count, had the user not named it beforehand
	kindAdvice      kind = "advice"      // a broken SHOULD that does not count
	kindObservation kind = "observation" // neither right nor wrong
	kindNone        kind = ""
)

func kindOf(run *result.Run, c *result.Case, f judge.Finding) kind {
	switch {
	case run.Breaks(c, f):
		return kindDeviation
	case run.Deviating(f.Verdict):
		return kindKnown
	case f.Verdict == judge.Advisory:
		return kindAdvice
	case f.Verdict == judge.Observed:
		return kindObservation
	}
	return kindNone
}

// failuresOf groups the findings of a run that are to be reported: those of one
// kind on one requirement with the same outcome are one failure.
func failuresOf(run *result.Run) map[kind][]*failure {
	type key struct {
		kind
		requirement, got string
		known            *result.Expectation // what is known for other reasons stays apart
	}
	groups, all := map[key]*failure{}, map[kind][]*failure{}
	for i := range run.Cases {
		c := &run.Cases[i]
		for _, f := range c.Findings {
			kind := kindOf(run, c, f)
			if kind == kindNone {
				continue
			}
			k := key{kind, f.Requirement, f.Got, run.Expectation(c, f)}
			if groups[k] != nil {
				groups[k].likewise(c.Case)
				continue
			}
			groups[k] = failureOf(run, c, f)
			all[kind] = append(all[kind], groups[k])
			groups[k].Anchor = fmt.Sprintf("%s-%d", kind, len(all[kind]))
		}
	}
	return all
}

// brokenRequirements lists them in the order of the contract.
func (d *digest) brokenRequirements() []brokenRequirement {
	failures := map[string][]*failure{}
	for _, f := range d.Deviations {
		failures[f.Requirement.ID] = append(failures[f.Requirement.ID], f)
	}
	var all []brokenRequirement
	for _, r := range d.Requirements {
		if of := failures[r.ID]; len(of) > 0 {
			all = append(all, brokenRequirement{r, of})
		}
	}
	return all
}

// plainReasons are reasons in a line each.
func plainReasons(reasons []result.Reason) []result.Reason {
	for i := range reasons {
		reasons[i].Reason = cmp.Or(printable.Line(reasons[i].Reason), "no reason given")
	}
	return reasons
}

// partOf is as much of a list as a report has room for.
type partOf[T any] struct {
	Shown []T
	More  int // that there is no room for
}

func firstOf[T any](all []T, room int) partOf[T] {
	shown := min(len(all), room)
	return partOf[T]{all[:shown], len(all) - shown}
}

// coverageInShort counts what was exercised of everything, in a line; "" if nobody
// has asked for it.
func (d *digest) coverageInShort() string {
	if d.Coverage == nil {
		return ""
	}
	return fmt.Sprintf("%d of %d requirements, %s", d.Exercised, len(d.Requirements), d.Coverage.Short)
}
