// Package report writes the reports of a run, and of a run against many targets: text for a
// terminal, an HTML page, Markdown, JUnit XML, an archive of the exchanges (HAR) and GitHub
// workflow commands. It also shows the progress of a run. What several reports contain is
// computed once, in a digest.
package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// A digest is the content of the reports of a run, by section. Reports only format it, and
// shorten it if necessary, so that their counts and groups agree.
type digest struct {
	*result.Run
	Shown     judge.Verdict // of the run
	Facts     []fact        // what was judged, and when
	Digests   []fact        // by what: what an auditor compares
	Cautions  []string      // shown before all findings, because they cast doubt on them
	Counts    counts        // of requirements and cases
	Tickets   map[string][]string
	Exercised int // requirements
	// BrokenOff says why a run that deviates could not judge everything. For other runs the
	// headline says so.
	BrokenOff string

	Deviations, Known, Advice, Observations []*failure

	Broken       []brokenRequirement
	InPart       []result.Requirement // of which not all was decided that could be
	OutOfDate    []outOfDate
	Difference   string // the comparison with the baseline in one line; "" without a baseline
	Changes      []result.ChangeGroup
	NotJudged    []result.Reason // cases
	Apart        []result.Reason // cases
	NotExercised []result.Reason // requirements
	Coverage     *coverage
	Operations   []*operationRow // of a run by a document
}

// The columns of a digest's counts.
const (
	countedRequirements = iota
	countedCases
)

// A brokenRequirement is a requirement with its deviations.
type brokenRequirement struct {
	result.Requirement
	Failures []*failure
}

// outOfDate has the expectations in a state that needs attention.
type outOfDate struct {
	State result.ExpectationState
	Title string
	All   []result.Expectation
}

func digestOf(run *result.Run) *digest {
	d := &digest{Run: run, Shown: shown(run.Verdict, run.Partial), InPart: run.InPart(), Facts: factsOf(run), Digests: digestsOf(run), Cautions: cautionsOf(run), Coverage: coverageOf(run), Operations: operationsOf(run)}
	d.Counts = countsOf(
		column{"requirements", countVerdicts(run.Requirements, shownRequirement)},
		column{run.CaseWord(2), countVerdicts(run.Cases, func(c *result.Case) judge.Verdict { return c.Verdict })})
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
	d.NotJudged, d.Apart, d.NotExercised = plainReasons(run.NotJudged()), plainReasons(run.CountedApart()), plainReasons(run.NotExercised())
	d.Exercised = len(run.Requirements) - result.CountNames(d.NotExercised)
	return d
}

// A kind says what a failure means for the verdict of the run.
type kind string

// The kinds. They are part of the anchors in report.html.
const (
	kindDeviation   kind = "deviation"   // makes the run deviate
	kindKnown       kind = "known"       // a known deviation, which does not
	kindAdvice      kind = "advice"      // a broken SHOULD, which does not without --strict
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

// failuresOf returns the findings of a run that are reported, by kind. Findings of one kind
// about one requirement with the same cause are one failure.
func failuresOf(run *result.Run) map[kind][]*failure {
	type key struct {
		kind
		requirement, cause string
		known              *result.Expectation // deviations that are known for different reasons are not grouped
	}
	cause := subjectOf(run).oneCause
	groups, all := map[key]*failure{}, map[kind][]*failure{}
	for i := range run.Cases {
		c := &run.Cases[i]
		for _, f := range c.Findings {
			kind := kindOf(run, c, f)
			if kind == kindNone {
				continue
			}
			k := key{kind, f.Requirement, cause(f), run.Expectation(c, f)}
			if groups[k] != nil {
				groups[k].likewise(c.Case)
				groups[k].alsoFrom(run.SourcesOf(f.SourceIDs()))
				continue
			}
			groups[k] = failureOf(run, c, f)
			all[kind] = append(all[kind], groups[k])
		}
	}
	for kind, failures := range all {
		if run.Document != nil { // whose clauses may be many
			failures = slices.Concat(byRequirement(failures)...)
			all[kind] = failures
		}
		for i, f := range failures {
			f.Anchor = fmt.Sprintf("%s-%d", kind, i+1)
		}
	}
	return all
}

// byRequirement groups failures, in the order in which the requirements appear.
func byRequirement(failures []*failure) [][]*failure {
	var all [][]*failure
	at := map[string]int{}
	for _, f := range failures {
		i, known := at[f.Requirement.ID]
		if !known {
			i = len(all)
			at[f.Requirement.ID], all = i, append(all, nil)
		}
		all[i] = append(all[i], f)
	}
	return all
}

// brokenRequirements returns the broken requirements, in the order of the contract.
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

// plainReasons makes each reason one line of plain text.
func plainReasons(reasons []result.Reason) []result.Reason {
	for i := range reasons {
		reasons[i].Reason = cmp.Or(printable.Line(reasons[i].Reason), "no reason given")
	}
	return reasons
}

// partOf is the beginning of a list.
type partOf[T any] struct {
	Shown []T
	More  int // number of elements that are not shown
}

func firstOf[T any](all []T, room int) partOf[T] {
	shown := min(len(all), room)
	return partOf[T]{all[:shown], len(all) - shown}
}

// coverageInShort returns a line with how many requirements, statuses and so on were
// exercised, or "" if the coverage was not computed.
func (d *digest) coverageInShort() string {
	if d.Coverage == nil {
		return ""
	}
	separator := ", "
	switch {
	case d.Client != nil && len(d.Coverage.Operations) == 0: // it was answered nothing
		return fmt.Sprintf("%d of %d requirements", d.Exercised, len(d.Requirements))
	case d.Client != nil:
		separator = "; "
	}
	return fmt.Sprintf("%d of %d requirements%s%s", d.Exercised, len(d.Requirements), separator, d.Coverage.Short)
}
