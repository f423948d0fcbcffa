package result

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/linejson"
)

// A Comparison lists how a run differs from another one, for example an earlier
// run, or a run against another region or the fake server. It is the content of
// changes.json.
type Comparison struct {
	SchemaVersion int      `json:"schema_version"`
	Baseline      Compared `json:"baseline"`
	Run           Compared `json:"run"`
	// Changes has the changes of requirements in the order of the contract, then
	// those of cases, sorted by id.
	Changes []Change `json:"changes"`
}

// Compared identifies one of the two runs.
type Compared struct {
	ID       string          `json:"id,omitempty"`
	Started  time.Time       `json:"started"`
	Endpoint string          `json:"endpoint"`
	Embedded bool            `json:"embedded,omitempty"`
	Command  string          `json:"command,omitempty"` // of the client that was judged
	Risk     string          `json:"risk"`
	Headline string          `json:"headline"`
	Tool     Tool            `json:"tool"`
	Contract ContractVersion `json:"contract"`
}

// A Change is a difference in the verdict or the answer of a requirement or a case.
type Change struct {
	Class       Class  `json:"class"`
	Requirement string `json:"requirement"`
	Case        string `json:"case,omitempty"` // "" for a change of the requirement as a whole
	Before      *Side  `json:"before,omitempty"`
	After       *Side  `json:"after,omitempty"`
}

// A Side is the result in one of the two runs. It is nil if the case or requirement
// was not selected in that run, or the run's contract does not have it.
type Side struct {
	Verdict judge.Verdict `json:"verdict"`
	Reason  string        `json:"reason,omitempty"`
	Outcome *Outcome      `json:"outcome,omitempty"`
	Said    string        `json:"said,omitempty"` // what a client said, in short
}

// A Class is a kind of change.
type Class string

// The classes, the most serious first.
const (
	NewDeviation       Class = "new-deviation"       // deviates, and did not in the baseline
	Mended             Class = "mended"              // deviated in the baseline; was exercised again and does not
	VerdictChanged     Class = "verdict-changed"     // any other change of the verdict
	ObservationChanged Class = "observation-changed" // same verdict, another status, code, message or failure
	OnlyHere           Class = "only-here"           // not exercised in the baseline
	OnlyThere          Class = "only-there"          // only exercised in the baseline
)

// classes has all classes, in the order in which they are reported, with their titles.
var classes = []struct {
	Class Class
	Title string
}{
	{NewDeviation, "new deviations"}, {Mended, "fixed deviations"}, {VerdictChanged, "changed verdicts"},
	{ObservationChanged, "changed answers"}, {OnlyHere, "exercised in this run only"}, {OnlyThere, "exercised in the baseline only"},
}

// Compare lists the differences between two runs in the verdicts of requirements and
// cases, which are matched by id, and in the answers. A deviation that is expected in
// run is never a new one. Whether a broken SHOULD is a deviation depends on
// run.Target.Strict, for both runs. If one of them counts as MUST only what is documented,
// both are compared so.
func Compare(baseline, run Run) Comparison {
	c := Comparison{SchemaVersion: comparisonVersion, Baseline: compared(&baseline), Run: compared(&run), Changes: []Change{}}
	baseline.Target.Strict = run.Target.Strict
	if baseline.Target.OnlyDocumented != run.Target.OnlyDocumented {
		baseline.onlyDocumented()
		run.onlyDocumented()
	}
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

// New reports whether there is a new deviation.
func (c *Comparison) New() bool {
	return slices.ContainsFunc(c.Changes, func(change Change) bool { return change.Class == NewDeviation })
}

// Any reports whether there is any difference.
func (c *Comparison) Any() bool { return len(c.Changes) > 0 }

// WriteComparison writes the run's comparison as changes.json.
func WriteComparison(w io.Writer, run Run) error {
	if err := linejson.Encode(w, run.Comparison); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	return nil
}

// ReadComparison reads what WriteComparison wrote about a run. The baseline cannot be checked.
func ReadComparison(text []byte, run *Run) (*Comparison, error) {
	var c Comparison
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("read the comparison: %w", err)
	}
	switch {
	case c.SchemaVersion != comparisonVersion:
		return nil, fmt.Errorf("read the comparison: schema_version: expected %d, got %d", comparisonVersion, c.SchemaVersion)
	case c.Run != compared(run):
		return nil, fmt.Errorf("read the comparison: expected one of this run, %.120q, got one of %.120q", run.Headline, c.Run.Headline)
	}
	return &c, nil
}

func compared(run *Run) Compared {
	command := ""
	if run.Client != nil {
		command = run.Client.CommandLine()
	}
	return Compared{
		Command: command,
		ID:      run.ID, Started: run.Started, Endpoint: run.Target.Endpoint, Embedded: run.Target.Embedded, Risk: run.Target.Risk,
		Headline: run.Headline, Tool: run.Tool, Contract: run.Contract,
	}
}

// A side is a Side with what is compared.
type side struct {
	Side
	requirement string
	deviating   []string // the requirements that it deviates from
	broken      []string // those of them whose deviation is not a known one
	text        string   // the normalised outcome, which does not depend on the graph
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
		one := &side{Side: Side{Verdict: c.Verdict, Reason: c.Reason, Outcome: c.Outcome, Said: c.SaidInShort()}, requirement: c.Requirement, text: n.Outcome(c.Outcome)}
		if c.Client != nil {
			one.text = n.message(one.Said)
		}
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

// ordered returns ids, followed by those of others that are not among them.
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

// add adds a change if the two sides differ.
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
	case before.text != after.text && before.known() && after.known():
		return ObservationChanged
	}
	return ""
}

// known reports whether it is known what was answered or said.
func (s *side) known() bool { return s.Outcome != nil || s.Said != "" }

func (s *side) exercised() bool { return s != nil && s.Verdict.Exercised() }

// deviatesFrom reports whether the side deviates from all of the requirements. It is
// true if there are none.
func (s *side) deviatesFrom(requirements []string) bool {
	return !slices.ContainsFunc(requirements, func(id string) bool { return s == nil || !slices.Contains(s.deviating, id) })
}

// A ChangeGroup has the changes of one class.
type ChangeGroup struct {
	Class   Class
	Title   string
	Changes []Change
}

// Groups groups the changes by class, without empty groups.
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

// Name returns the id of the case or, if there is none, of the requirement.
func (c *Change) Name() string {
	if c.Case != "" {
		return c.Case
	}
	return c.Requirement
}

// String describes the change in one line: the id, what was before and what is now.
func (c *Change) String() string {
	return c.Name() + ": " + c.Before.String() + " -> " + c.After.String()
}

// String describes the result in one line: the verdict, and the answer or the reason.
func (s *Side) String() string {
	if s == nil {
		return "not selected"
	}
	text := string(s.Verdict)
	if what := cmp.Or(s.Outcome.String(), s.Said); what != "" {
		text += " (" + what + ")"
	} else if s.Reason != "" {
		text += " (" + s.Reason + ")"
	}
	return text
}
