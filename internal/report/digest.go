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

	Deviations   []*failure
	Known        []*failure // deviations that the user has named beforehand
	Advice       []*failure // broken SHOULDs that do not count
	Observations []*failure // neither right nor wrong
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
	d.gatherFailures()
	d.Broken = d.brokenRequirements()
	d.Tickets = run.Tickets()
	for _, o := range []outOfDate{
		{State: result.Expired, Title: "expired, and counts as a deviation again"},
		{State: result.Gone, Title: "gone, and can be taken out of the file"},
		{State: result.NotExercised, Title: "not exercised in full, so that it may still be there"},
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

// gatherFailures groups the findings that are to be reported: those of one kind on
// one requirement with the same outcome are one failure.
func (d *digest) gatherFailures() {
	type key struct {
		kind             *[]*failure
		requirement, got string
		known            *result.Expectation // what is known for other reasons stays apart
	}
	byKey := map[key]*failure{}
	for i := range d.Cases {
		c := &d.Cases[i]
		for _, f := range c.Findings {
			name, kind := d.kindOf(c, f)
			if kind == nil {
				continue
			}
			k := key{kind, f.Requirement, f.Got, d.Expectation(c, f)}
			if same := byKey[k]; same != nil {
				same.likewise(c.Case)
				continue
			}
			found := failureOf(d.Run, c, f)
			found.Anchor = fmt.Sprintf("%s-%d", name, len(*kind)+1)
			byKey[k], *kind = found, append(*kind, found)
		}
	}
}

// kindOf is among which failures a finding is reported, and what a page calls
// them in links; nil if it is none.
func (d *digest) kindOf(c *result.Case, f judge.Finding) (name string, kind *[]*failure) {
	switch {
	case d.Breaks(c, f):
		return "deviation", &d.Deviations
	case d.Deviating(f.Verdict):
		return "known", &d.Known
	case f.Verdict == judge.Advisory:
		return "advice", &d.Advice
	case f.Verdict == judge.Observed:
		return "observation", &d.Observations
	}
	return "", nil
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
		reasons[i].Reason = cmp.Or(printable.Line(reasons[i].Reason), "no reason was given")
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
