package evidence

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/session"
)

// MergeOptions are what joining results needs.
type MergeOptions struct {
	Contract *contract.Contract // by which all of them were judged
	// Folders are the output folders of runs, or folders of such folders.
	Folders []string
	Output  string // the folder for the reports
	Require string // requirements that each target has to exercise; "" for none
	// Out receives a line for each target, and what they come to.
	Out  io.Writer
	Text report.TextOptions // how to write there
}

// Merge joins the results of runs: those on the same target by their cases, the
// others side by side as a run of many targets shows them. Its error is as that of a run of many targets;
// results of another contract, a shard that is missing and evidence that is not
// as its run left it are no verdict, either.
func Merge(o MergeOptions) (*result.Targets, error) {
	m := &merger{MergeOptions: o, began: time.Now().UTC(), shards: map[int][]int{}}
	var err error
	if m.required, err = session.Required(o.Contract, o.Require); err != nil {
		return nil, err
	}
	for _, folder := range o.Folders {
		if err := m.find(folder); err != nil {
			return nil, fmt.Errorf("merge: %w", err)
		}
	}
	groups, err := m.groups()
	if err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	return m.write(groups)
}

// A merger is a merge under way.
type merger struct {
	MergeOptions
	began    time.Time
	required []string
	found    []part
	shards   map[int][]int // of targets, or of cases where there were none: the indexes, by N
	joined   result.Targets
}

// A part is the output folder of one run.
type part struct {
	folder, name string
	run          result.Run // without its cases
}

// find reads what a folder holds: the result of a run, or folders of such, or
// what a shard leaves that had nothing to do.
func (m *merger) find(folder string) error {
	folder = filepath.Clean(folder)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	before := len(m.found)
	if err := m.take(folder); err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := m.take(filepath.Join(folder, e.Name())); err != nil {
				return err
			}
		}
	}
	matrix, err := ReadTargets(folder)
	switch {
	case err == nil:
		return m.note(matrix)
	case !errors.Is(err, os.ErrNotExist):
		return err
	case len(m.found) == before:
		return fmt.Errorf("%s: expected %s, or folders that have one, got neither", folder, result.ResultsFile)
	}
	return nil
}

// take reads the head of a result, if there is one.
func (m *merger) take(folder string) error {
	path := filepath.Join(folder, result.ResultsFile)
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close() // it was only read
	run, err := result.ReadJSON(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if run.Contract.SHA256 != m.Contract.SHA256() {
		return fmt.Errorf("%s: was judged by %s %s (sha256 %.12s), expected %s %s (sha256 %.12s); give the same --contract to all",
			path, run.Contract.Name, run.Contract.Version, run.Contract.SHA256, m.Contract.Name(), m.Contract.Version(), m.Contract.SHA256())
	}
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	run.Cases, run.Requirements, run.Coverage = nil, nil, nil
	m.found = append(m.found, part{folder: folder, name: filepath.Base(absolute), run: run})
	return nil
}

// A group is the parts of one target.
type group struct {
	name  string
	parts []part
}

// embedded is where every fake server of a run's own process is: its port says
// nothing.
const embedded = "fake"

// whereOf tells targets apart.
func whereOf(t *result.Target) string {
	endpoint := strings.TrimRight(t.Endpoint, "/")
	if t.Embedded {
		endpoint = embedded
	}
	return strings.Join([]string{endpoint, t.ProjectID, t.GraphID}, "\n")
}

// groups gathers the parts by target, and names the targets.
func (m *merger) groups() ([]*group, error) {
	byTarget := map[string]*group{}
	var all []*group
	for _, p := range m.found {
		where := whereOf(&p.run.Target)
		g := byTarget[where]
		if g == nil {
			g = &group{}
			byTarget[where] = g
			all = append(all, g)
		}
		if slices.ContainsFunc(g.parts, func(q part) bool { return q.folder == p.folder }) {
			continue // it was named twice
		}
		if len(g.parts) > 0 && g.parts[0].run.Target.Strict != p.run.Target.Strict {
			return nil, fmt.Errorf("%s and %s: expected both to be strict or neither; their verdicts do not mean the same", g.parts[0].folder, p.folder)
		}
		g.parts = append(g.parts, p)
	}
	taken := map[string]bool{}
	for _, g := range all {
		g.name = g.proposed()
		for n := 2; taken[g.name]; n++ {
			g.name = fmt.Sprintf("%s-%d", g.proposed(), n)
		}
		taken[g.name] = true
	}
	return all, nil
}

// write joins each group, one after the other, and writes the matrix.
func (m *merger) write(groups []*group) (*result.Targets, error) {
	if err := m.keepClearOf(m.Output); err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = g.name
		if err := m.keepClearOf(filepath.Join(m.Output, g.name)); err != nil {
			return nil, fmt.Errorf("merge: %w", err)
		}
	}
	if err := RemoveTargets(m.Output); err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	text := report.NewTargetsText(m.Out, m.Text, names)
	m.joined.Started = m.began
	var failed error
	for _, g := range groups {
		folder := filepath.Join(m.Output, g.name)
		run, err := m.join(g, folder)
		if err != nil {
			return nil, fmt.Errorf("merge: %w", err)
		}
		failed = errors.Join(failed, text.Target(m.joined.Add(g.name, g.name, run), folder))
	}
	m.joined.Duration = time.Since(m.began)
	m.joined.Failure = m.missingShards()
	m.joined.Conclude()
	failed = errors.Join(failed, WriteTargets(m.Output, &m.joined), text.Total(&m.joined))
	return &m.joined, errors.Join(failed, m.joined.Ending(nil))
}
