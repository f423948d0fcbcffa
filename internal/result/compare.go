package result

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
)

// A Comparison is how a run differs from an earlier one, be it of the same
// deployment, of another region or of the fake server.
type Comparison struct {
	SchemaVersion int      `json:"schema_version"`
	Baseline      Compared `json:"baseline"`
	Run           Compared `json:"run"`
	// Changes are those of requirements in the order of the contract, then those
	// of cases, sorted by id.
	Changes []Change `json:"changes"`
}

// Compared is one of the two runs.
type Compared struct {
	ID       string          `json:"id,omitempty"`
	Started  time.Time       `json:"started"`
	Endpoint string          `json:"endpoint"`
	Embedded bool            `json:"embedded,omitempty"`
	Risk     string          `json:"risk"`
	Headline string          `json:"headline"`
	Tool     Tool            `json:"tool"`
	Contract ContractVersion `json:"contract"`
}

// A Change is a difference in what came of a requirement, or of a case.
type Change struct {
	Class       Class  `json:"class"`
	Requirement string `json:"requirement"`
	Case        string `json:"case,omitempty"` // "" if it is one of the requirement as a whole
	Before      *Side  `json:"before,omitempty"`
	After       *Side  `json:"after,omitempty"`
}

// A Side is what came in one of the runs; it is missing where the contract of the
// run has no such case or requirement, or it was not selected.
type Side struct {
	Verdict judge.Verdict `json:"verdict"`
	Reason  string        `json:"reason,omitempty"`
	Outcome *Outcome      `json:"outcome,omitempty"`
}

// A Class is what a change amounts to.
type Class string

// The classes, the gravest first.
const (
	NewDeviation       Class = "new-deviation"       // it deviates, and did not before
	Mended             Class = "mended"              // it deviated, and was exercised and does not any more
	VerdictChanged     Class = "verdict-changed"     // between other verdicts
	ObservationChanged Class = "observation-changed" // same verdict, another status, code, message or failure
	OnlyHere           Class = "only-here"           // not exercised in the baseline
	OnlyThere          Class = "only-there"          // exercised in the baseline alone
)

// classes are all there are, in the order in which they are reported, with what
// they are called.
var classes = []struct {
	Class Class
	Title string
}{
	{NewDeviation, "new deviations"}, {Mended, "fixed deviations"}, {VerdictChanged, "changed verdicts"},
	{ObservationChanged, "changed answers"}, {OnlyHere, "exercised in this run only"}, {OnlyThere, "exercised in the baseline only"},
}

// Compare lists where run differs from baseline: in what came of requirements and
// cases, by their ids, and in the answers. Where the run does not deviate but for
// what its expectations cover, nothing is a new deviation. What counts as one in
// the run counts in the baseline, be that strict or not.
func Compare(baseline, run Run) Comparison {
	c := Comparison{SchemaVersion: comparisonVersion, Baseline: compared(&baseline), Run: compared(&run), Changes: []Change{}}
	baseline.Target.Strict = run.Target.Strict
	n := NewNormaliser(&baseline, &run)
	before, after := sidesOf(&baseline, n), sidesOf(&run, n)
	for _, id := range ordered(after.requirements, before.requirements) {
		c.add(Change{Requirement: id}, before.of[id], after.of[id])
	}
	cases := ordered(after.cases, before.cases)
	slices.Sort(cases)
	for _, id := range cases {
		change := Change{Case: id}
		if s := after.of[id]; s != nil {
			change.Requirement = s.requirement
		} else {
			change.Requirement = before.of[id].requirement
		}
		c.add(change, before.of[id], after.of[id])
	}
	return c
}

// New reports whether something deviates that did not.
func (c *Comparison) New() bool {
	return slices.ContainsFunc(c.Changes, func(change Change) bool { return change.Class == NewDeviation })
}

// Any reports whether there is any difference.
func (c *Comparison) Any() bool { return len(c.Changes) > 0 }

// WriteComparison writes the run's comparison as changes.json has it.
func WriteComparison(w io.Writer, run Run) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(run.Comparison); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	return nil
}

func compared(run *Run) Compared {
	return Compared{
		ID: run.ID, Started: run.Started, Endpoint: run.Target.Endpoint, Embedded: run.Target.Embedded, Risk: run.Target.Risk,
		Headline: run.Headline, Tool: run.Tool, Contract: run.Contract,
	}
}

// A side is a Side with what two of them are compared by.
type side struct {
	Side
	requirement string
	deviating   []string // the requirements from which it deviates
	broken      []string // those of them for which that counts
	text        string   // of the outcome, without what differs from graph to graph
}

type sides struct {
	requirements, cases []string
	of                  map[string]*side // by id; those of requirements have no slash
}

func sidesOf(run *Run, n Normaliser) sides {
	s := sides{of: make(map[string]*side, len(run.Requirements)+len(run.Cases))}
	broken := map[string]bool{}
	for _, r := range run.Broken() {
		broken[r.ID] = true
	}
	for _, r := range run.Requirements {
		s.requirements = append(s.requirements, r.ID)
		s.of[r.ID] = &side{Side: Side{Verdict: r.Verdict, Reason: r.Reason}, requirement: r.ID}
		if broken[r.ID] {
			s.of[r.ID].broken = []string{r.ID}
		}
		if run.Deviating(r.Verdict) {
			s.of[r.ID].deviating = []string{r.ID}
		}
	}
	for i := range run.Cases {
		c := &run.Cases[i]
		one := &side{Side: Side{Verdict: c.Verdict, Reason: c.Reason, Outcome: c.Outcome}, requirement: c.Requirement, text: n.Outcome(c.Outcome)}
		for _, f := range c.Findings {
			if run.Breaks(c, f) {
				one.broken = append(one.broken, f.Requirement)
			}
			if run.Deviating(f.Verdict) {
				one.deviating = append(one.deviating, f.Requirement)
			}
		}
		s.cases = append(s.cases, c.Case)
		s.of[c.Case] = one
	}
	return s
}

// ordered lists the ids of one run and then what else there is of the other.
func ordered(ids, others []string) []string {
	known := make(map[string]bool, len(ids))
	for _, id := range ids {
		known[id] = true
	}
	all := slices.Clone(ids)
	for _, id := range others {
		if !known[id] {
			all = append(all, id)
		}
	}
	return all
}

// add notes a change, if there is one.
func (c *Comparison) add(change Change, before, after *side) {
	if change.Class = classOfChange(before, after); change.Class == "" {
		return
	}
	if before != nil {
		change.Before = &before.Side
	}
	if after != nil {
		change.After = &after.Side
	}
	c.Changes = append(c.Changes, change)
}

func classOfChange(before, after *side) Class {
	there, here := before.exercised(), after.exercised()
	switch {
	case after != nil && !before.deviatesFrom(after.broken):
		return NewDeviation
	case before != nil && here && !after.deviatesFrom(before.deviating):
		return Mended
	case !there && !here:
		return ""
	case !there:
		return OnlyHere
	case !here:
		return OnlyThere
	case before.Verdict != after.Verdict:
		return VerdictChanged
	case before.text != after.text && before.Outcome != nil && after.Outcome != nil: // else one is not known
		return ObservationChanged
	}
	return ""
}

func (s *side) exercised() bool { return s != nil && s.Verdict.Exercised() }

// deviatesFrom reports whether it deviates from all of the requirements.
func (s *side) deviatesFrom(requirements []string) bool {
	return !slices.ContainsFunc(requirements, func(id string) bool { return s == nil || !slices.Contains(s.deviating, id) })
}

// A ChangeGroup is the changes of one class.
type ChangeGroup struct {
	Class   Class
	Title   string
	Changes []Change
}

// Groups lists the changes by class.
func (c *Comparison) Groups() []ChangeGroup {
	var all []ChangeGroup
	for _, class := range classes {
		g := ChangeGroup{Class: class.Class, Title: class.Title}
		for _, change := range c.Changes {
			if change.Class == class.Class {
				g.Changes = append(g.Changes, change)
			}
		}
		if len(g.Changes) > 0 {
			all = append(all, g)
		}
	}
	return all
}

// Name is what the change is one of.
func (c *Change) Name() string {
	if c.Case != "" {
		return c.Case
	}
	return c.Requirement
}

// String says in a line what has changed.
func (c *Change) String() string {
	return c.Name() + ": " + c.Before.String() + " -> " + c.After.String()
}

// String says in a line what came.
func (s *Side) String() string {
	if s == nil {
		return "not there"
	}
	text := string(s.Verdict)
	if what := s.Outcome.String(); what != "" {
		text += " (" + what + ")"
	} else if s.Reason != "" {
		text += " (" + s.Reason + ")"
	}
	return text
}
