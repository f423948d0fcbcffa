package report

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
)

// The names of the files that show several targets side by side.
const (
	MatrixFile        = "matrix.json"
	MatrixPageFile    = "matrix.html"
	MatrixSummaryFile = "matrix.md"
)

// Targets are what became of several targets, requirement by requirement: the
// content of matrix.json. Add takes the targets in, and Conclude says what they
// come to.
type Targets struct {
	SchemaVersion int             `json:"schema_version"`
	Tool          Tool            `json:"tool"`
	Contract      ContractVersion `json:"contract"`
	// Shard is I/N if it had but a part of the targets; "" for all.
	Shard    string        `json:"shard,omitempty"`
	Started  time.Time     `json:"started,omitzero"` // UTC
	Duration time.Duration `json:"duration_ns"`
	// Verdict is deviates if that of a target is, else error if that of one is,
	// else conforms.
	Verdict  judge.Verdict `json:"verdict"`
	Headline string        `json:"headline"`
	// Failure is why there is no verdict on the whole: a shard is missing.
	Failure      string          `json:"failure,omitempty"`
	Interrupted  bool            `json:"interrupted,omitempty"`
	Notes        []string        `json:"notes,omitempty"`
	Targets      []TargetSummary `json:"targets"`      // by name
	Requirements []Row           `json:"requirements"` // in the order of the contract
}

// A TargetSummary is what became of one target.
type TargetSummary struct {
	Name        string        `json:"name"`
	Folder      string        `json:"folder,omitempty"` // of its reports, as seen from matrix.json; "" if there are none
	Target      Target        `json:"target"`
	Verdict     judge.Verdict `json:"verdict"`
	Headline    string        `json:"headline"`
	ExitStatus  int           `json:"exit_status"` // that a run of it alone would have
	Partial     bool          `json:"partial,omitempty"`
	Interrupted bool          `json:"interrupted,omitempty"`
	Duration    time.Duration `json:"duration_ns"`
}

// A Row is a requirement with what became of it at each target.
type Row struct {
	ID        string         `json:"id"`
	Operation string         `json:"operation,omitempty"`
	Level     contract.Level `json:"level"`
	Text      string         `json:"text"`
	Line      int            `json:"line"`
	// Targets has what became of it by the target's name. A target that was not
	// asked is missing.
	Targets map[string]Cell `json:"targets"`
}

// A Cell is what became of one requirement at one target.
type Cell struct {
	Verdict judge.Verdict `json:"verdict"`
	Reason  string        `json:"reason,omitempty"` // where nothing decided
	// Known are the tickets of its deviations, where the target is known for all
	// of them.
	Known  []string `json:"known,omitempty"`
	number int      // of the requirement in the target's page
}

// The exit statuses of a run, as TargetSummary has them.
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

// Add takes in what became of a target, and keeps no more of it than the matrix
// shows. Its reports are in folder.
func (f *Targets) Add(name, folder string, run Run) TargetSummary {
	if len(f.Targets) == 0 || f.Contract.SHA256 == "" {
		f.Tool, f.Contract = run.Tool, run.Contract
	}
	t := TargetSummary{
		Name: name, Folder: folder, Target: run.Target, Verdict: run.Verdict, Headline: run.Headline, ExitStatus: run.exitStatus(),
		Partial: run.Partial, Interrupted: run.Interrupted, Duration: run.Duration,
	}
	f.Targets = append(f.Targets, t)
	f.Interrupted = f.Interrupted || run.Interrupted
	tickets := run.tickets()
	for _, r := range run.Broken() {
		delete(tickets, r.ID)
	}
	after := 0 // where a requirement stands that no other target has
	for i := range run.Requirements {
		r := &run.Requirements[i]
		at := slices.IndexFunc(f.Requirements, func(row Row) bool { return row.ID == r.ID })
		if at < 0 {
			at = after
			f.Requirements = slices.Insert(f.Requirements, at, Row{
				ID: r.ID, Operation: r.Operation, Level: r.Level, Text: r.Text, Line: r.Line, Targets: map[string]Cell{},
			})
		}
		f.Requirements[at].Targets[name] = Cell{Verdict: r.Verdict, Reason: r.Reason, Known: tickets[r.ID], number: i + 1}
		after = at + 1
	}
	return t
}

// Conclude puts the targets in the order of their names, and says what they come
// to.
func (f *Targets) Conclude() {
	f.SchemaVersion = targetsVersion
	slices.SortFunc(f.Targets, func(a, b TargetSummary) int { return cmp.Compare(a.Name, b.Name) })
	counts := f.counts()
	n, deviating, unjudged := len(f.Targets), counts[judge.Deviates], counts[judge.Error]
	partial := slices.ContainsFunc(f.Targets, func(t TargetSummary) bool { return t.Partial })
	targets := fmt.Sprintf("%d %s", n, plural(n, "target", "targets"))
	switch {
	case n == 0 && f.Failure == "":
		f.Verdict, f.Headline = judge.Conforms, "nothing to do: there is no target"
	case deviating > 0:
		f.Verdict, f.Headline = judge.Deviates, fmt.Sprintf("deviates: %d of %s", deviating, targets)
		if unjudged > 0 {
			f.Headline += fmt.Sprintf("; %d could not be judged", unjudged)
		}
		f.Headline += prefixed("; ", f.Failure)
	case f.Failure != "":
		f.Verdict, f.Headline = judge.Error, "could not judge: "+f.Failure
	case unjudged > 0:
		f.Verdict, f.Headline = judge.Error, fmt.Sprintf("could not judge: %d of %s", unjudged, targets)
	case partial || f.Interrupted:
		f.Verdict, f.Headline = judge.Conforms, "partial: conforms as far as exercised: "+targets
	default:
		f.Verdict, f.Headline = judge.Conforms, "conforms: "+targets
	}
	f.Headline += inBrackets("shard ", f.Shard)
	if f.Interrupted {
		f.Headline += " (interrupted)"
	}
}

func (f *Targets) counts() map[judge.Verdict]int {
	counts := map[judge.Verdict]int{}
	for i := range f.Targets {
		counts[f.Targets[i].Verdict]++
	}
	return counts
}

// A brokenRow is a requirement with the targets that break it.
type brokenRow struct {
	*Row
	At      int // of the row
	Verdict judge.Verdict
	Names   []string
}

// broken lists the requirements that are broken somewhere, MUST before SHOULD,
// but for those that are known to be.
func (f *Targets) broken() []brokenRow {
	var rows []brokenRow
	for _, v := range []judge.Verdict{judge.Deviates, judge.Advisory} {
		for i := range f.Requirements {
			row := brokenRow{Row: &f.Requirements[i], At: i, Verdict: v}
			for _, t := range f.Targets {
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

// WriteTargets writes matrix.json, matrix.html and matrix.md into a directory, which
// is made if it is missing. A file is replaced as a whole or not at all.
func WriteTargets(dir string, f *Targets) error {
	if err := makeDir(dir); err != nil {
		return err
	}
	var failed error
	for _, file := range []struct {
		name  string
		write func(io.Writer, *Targets) error
	}{{MatrixFile, WriteTargetsJSON}, {MatrixPageFile, WriteTargetsHTML}, {MatrixSummaryFile, WriteTargetsMarkdown}} {
		failed = errors.Join(failed, writeWhole(filepath.Join(dir, file.name), func(w io.Writer) error { return file.write(w, f) }))
	}
	return failed
}

// ReadTargets reads the matrix.json of a directory.
func ReadTargets(dir string) (*Targets, error) {
	path := filepath.Join(dir, MatrixFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var f Targets
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if f.SchemaVersion != targetsVersion {
		return nil, fmt.Errorf("%s: schema_version: expected %d, got %d", path, targetsVersion, f.SchemaVersion)
	}
	return &f, nil
}

// RemoveTargets removes the matrix of an earlier run: should this one be killed, it
// would pass for its own.
func RemoveTargets(dir string) error {
	var failed error
	for _, name := range []string{MatrixFile, MatrixPageFile, MatrixSummaryFile} {
		failed = errors.Join(failed, removeIfThere(filepath.Join(dir, name)))
	}
	return failed
}

func WriteTargetsJSON(w io.Writer, f *Targets) error {
	whole := *f
	if whole.Targets == nil {
		whole.Targets = []TargetSummary{}
	}
	if whole.Requirements == nil {
		whole.Requirements = []Row{}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(&whole); err != nil {
		return fmt.Errorf("write the matrix: %w", err)
	}
	return nil
}
