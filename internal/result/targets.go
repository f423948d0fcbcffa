package result

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/linejson"
	"github.com/gesconform/gesconform/internal/printable"
)

// Targets has the results of a run against many targets, by requirement. It is the content
// of matrix.json. Call Add for each target, then Conclude.
type Targets struct {
	SchemaVersion int             `json:"schema_version"`
	Tool          Tool            `json:"tool"`
	Contract      ContractVersion `json:"contract"`
	// Shard is I/N if the run had only a part of the targets, or "".
	Shard    string        `json:"shard,omitempty"`
	Started  time.Time     `json:"started,omitzero"` // UTC
	Duration time.Duration `json:"duration_ns"`
	// Verdict is Deviates if a target deviates, otherwise Error if one could not be judged,
	// otherwise Conforms.
	Verdict  judge.Verdict `json:"verdict"`
	Headline string        `json:"headline"`
	// Failure says why there is no verdict on all targets, for example because a shard is
	// missing.
	Failure     string `json:"failure,omitempty"`
	Interrupted bool   `json:"interrupted,omitempty"`
	// Partial is set if there is no target, the run was interrupted or one against a target is
	// partial.
	Partial      bool            `json:"partial,omitempty"`
	Notes        []string        `json:"notes,omitempty"`
	Targets      []TargetSummary `json:"targets"`      // sorted by name
	Requirements []Row           `json:"requirements"` // in the order of the contract
}

// A TargetSummary is the result of one target.
type TargetSummary struct {
	Name        string        `json:"name"`
	Folder      string        `json:"folder,omitempty"` // with its reports, relative to matrix.json; "" if there are none
	Target      Target        `json:"target"`
	Verdict     judge.Verdict `json:"verdict"`
	Headline    string        `json:"headline"`
	ExitStatus  int           `json:"exit_status"` // of a run against this target alone
	Partial     bool          `json:"partial,omitempty"`
	Interrupted bool          `json:"interrupted,omitempty"`
	Duration    time.Duration `json:"duration_ns"`
}

// A Row is a requirement with its verdict for each target.
type Row struct {
	ID        string         `json:"id"`
	Operation string         `json:"operation,omitempty"`
	Level     contract.Level `json:"level"`
	Text      string         `json:"text"`
	Line      int            `json:"line"`
	// Targets has the verdicts by target name. A target whose run did not have the
	// requirement is missing.
	Targets map[string]Cell `json:"targets"`
}

// A Cell is the verdict on one requirement for one target.
type Cell struct {
	Verdict judge.Verdict `json:"verdict"`
	Reason  string        `json:"reason,omitempty"` // why it was not exercised
	Extent
	// Known has the tickets of its deviations, if all of them are known.
	Known []string `json:"known,omitempty"`
	// Number is the requirement's number in the target's report.html, from 1.
	Number int `json:"-"`
}

// Partial reports whether the target conforms, but not all was decided that could be.
func (c *Cell) Partial() bool { return c.Verdict == judge.Conforms && c.Undecided() > 0 }

// The exit statuses of a run.
const (
	statusConforms    = 0
	statusDeviates    = 1
	statusNotJudged   = 2
	statusInterrupted = 130
)

func (run *Run) exitStatus() int {
	switch {
	case run.Interrupted:
		return statusInterrupted
	case run.Verdict == judge.Deviates:
		return statusDeviates
	case run.Verdict == judge.Conforms:
		return statusConforms
	}
	return statusNotJudged
}

// Add adds the result of a target, whose reports are in folder. It only keeps what the
// matrix shows, so that memory does not grow with the cases.
func (ts *Targets) Add(name, folder string, run Run) TargetSummary {
	if len(ts.Targets) == 0 || ts.Contract.SHA256 == "" {
		ts.Tool, ts.Contract = run.Tool, run.Contract
	}
	t := TargetSummary{
		Name: name, Folder: folder, Target: run.Target, Verdict: run.Verdict, Headline: run.Headline, ExitStatus: run.exitStatus(),
		Partial: run.Partial, Interrupted: run.Interrupted, Duration: run.Duration,
	}
	ts.Targets = append(ts.Targets, t)
	ts.Interrupted = ts.Interrupted || run.Interrupted
	tickets := run.Tickets()
	for _, r := range run.Broken() {
		delete(tickets, r.ID)
	}
	after := 0 // where to insert a requirement that no earlier target has
	for i := range run.Requirements {
		r := &run.Requirements[i]
		at := slices.IndexFunc(ts.Requirements, func(row Row) bool { return row.ID == r.ID })
		if at < 0 {
			at = after
			ts.Requirements = slices.Insert(ts.Requirements, at, Row{
				ID: r.ID, Operation: r.Operation, Level: r.Level, Text: r.Text, Line: r.Line, Targets: map[string]Cell{},
			})
		}
		if r.Level == contract.Must { // --only-documented may lower it where less is broken
			ts.Requirements[at].Level = r.Level
		}
		ts.Requirements[at].Targets[name] = run.cell(i, tickets[r.ID])
		after = at + 1
	}
	return t
}

// cell returns the verdict on the requirement at an index. If the run could judge nothing, no
// requirement has a verdict, and the reason is the run's.
func (run *Run) cell(at int, known []string) Cell {
	r := &run.Requirements[at]
	c := Cell{Verdict: r.Verdict, Reason: r.Reason, Extent: r.Extent, Known: known, Number: at + 1}
	if run.Failure != "" && len(run.Cases) == 0 {
		c.Verdict, c.Reason = judge.Error, run.Failure
	}
	return c
}

// Conclude sorts the targets by name, and sets the verdict and the headline.
func (ts *Targets) Conclude() {
	ts.SchemaVersion = targetsVersion
	slices.SortFunc(ts.Targets, func(a, b TargetSummary) int { return cmp.Compare(a.Name, b.Name) })
	counts := ts.Counts()
	n, deviating, unjudged := len(ts.Targets), counts[judge.Deviates], counts[judge.Error]
	ts.Partial = n == 0 || ts.Interrupted || slices.ContainsFunc(ts.Targets, func(t TargetSummary) bool { return t.Partial })
	targets := fmt.Sprintf("%d %s", n, printable.Plural(n, "target", "targets"))
	switch {
	case n == 0 && ts.Failure == "":
		ts.Verdict, ts.Headline = judge.Conforms, "nothing to do: there is no target"
	case deviating > 0:
		ts.Verdict, ts.Headline = judge.Deviates, fmt.Sprintf("deviates: %d of %s", deviating, targets)
		if unjudged > 0 {
			ts.Headline += fmt.Sprintf("; %d could not be judged", unjudged)
		}
		ts.Headline += printable.Prefixed("; ", ts.Failure)
	case ts.Failure != "":
		ts.Verdict, ts.Headline = judge.Error, "could not judge: "+ts.Failure
	case unjudged > 0:
		ts.Verdict, ts.Headline = judge.Error, fmt.Sprintf("could not judge: %d of %s", unjudged, targets)
	case ts.Partial:
		ts.Verdict, ts.Headline = judge.Conforms, "partial: conforms as far as exercised: "+targets
	default:
		ts.Verdict, ts.Headline = judge.Conforms, "conforms: "+targets
	}
	ts.Headline += inBrackets("shard ", ts.Shard)
	if ts.Interrupted {
		ts.Headline += " (interrupted)"
	}
}

// Counts returns the number of targets by verdict.
func (ts *Targets) Counts() map[judge.Verdict]int {
	counts := map[judge.Verdict]int{}
	for i := range ts.Targets {
		counts[ts.Targets[i].Verdict]++
	}
	return counts
}

// A BrokenRow is a requirement with the names of the targets that break it.
type BrokenRow struct {
	*Row
	At      int // its index in Targets.Requirements
	Verdict judge.Verdict
	Names   []string
}

// Broken returns the requirements that at least one target breaks, except for known
// deviations; those with a broken MUST first.
func (ts *Targets) Broken() []BrokenRow {
	var rows []BrokenRow
	for _, v := range []judge.Verdict{judge.Deviates, judge.Advisory} {
		for i := range ts.Requirements {
			row := BrokenRow{Row: &ts.Requirements[i], At: i, Verdict: v}
			for _, t := range ts.Targets {
				if cell := row.Targets[t.Name]; cell.Verdict == v && len(cell.Known) == 0 {
					row.Names = append(row.Names, t.Name)
				}
			}
			if len(row.Names) > 0 {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// WriteTargetsJSON writes the targets as matrix.json.
func WriteTargetsJSON(w io.Writer, targets *Targets) error {
	whole := *targets
	if whole.Targets == nil {
		whole.Targets = []TargetSummary{}
	}
	if whole.Requirements == nil {
		whole.Requirements = []Row{}
	}
	if err := linejson.Encode(w, &whole); err != nil {
		return fmt.Errorf("write the matrix: %w", err)
	}
	return nil
}

// ReadTargetsJSON reads what WriteTargetsJSON wrote.
func ReadTargetsJSON(text []byte) (*Targets, error) {
	var targets Targets
	if err := json.Unmarshal(text, &targets); err != nil {
		return nil, err
	}
	if targets.SchemaVersion != targetsVersion {
		return nil, fmt.Errorf("schema_version: expected %d, got %d", targetsVersion, targets.SchemaVersion)
	}
	return &targets, nil
}
