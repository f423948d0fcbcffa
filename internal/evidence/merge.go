package evidence

import (
	"cmp"
	"context"
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

// MergeOptions configure a merge.
type MergeOptions struct {
	Contract *contract.Contract // that all runs were judged by
	// Folders are the output folders of runs, or folders of such folders.
	Folders []string
	Output  string // the folder for the reports
	Force   bool   // replace an earlier run there
	Require string // requirements that each target must exercise; "" for none
	// Out receives the result, and Progress a line for each target; nil stands for Out.
	Out, Progress io.Writer
	Text          report.TextOptions // how to write there
}

// Merge joins the results of runs: runs against the same target are merged into one, and
// the targets are shown like those of a run against many targets, with the same errors.
// Results of another contract, a missing shard and changed files are errors, too.
func Merge(ctx context.Context, o MergeOptions) (*result.Targets, error) {
	required, err := session.Required(o.Contract, o.Require)
	if err != nil {
		return nil, err
	}
	m := &merger{MergeOptions: o, began: time.Now().UTC(), required: required, shards: map[int][]int{}}
	for _, folder := range o.Folders {
		if err := m.find(folder); err != nil {
			return nil, fmt.Errorf("merge: %w", err)
		}
	}
	groups, err := m.groups()
	if err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	return m.write(ctx, groups)
}

// A merger is the state of a merge.
type merger struct {
	MergeOptions
	began    time.Time
	required []string
	found    []part
	shards   map[int][]int // the indexes of shards of targets, or without any cases, by N
	joined   result.Targets
}

// A part is the output folder of one run.
type part struct {
	folder, name string
	run          result.Run // without its cases
}

// find reads a folder: the result of a run, folders of such results, or the result of a
// shard that had nothing to do.
func (m *merger) find(folder string) error {
	folder = filepath.Clean(folder)
	if err := isFolder(folder); err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	before := len(m.found)
	if err := m.take(folder); err != nil {
		return err
	}
	for _, e := range entries {
		if e.Type()&os.ModeSymlink != 0 {
			return fmt.Errorf("%s: is a link, which merge does not follow; name what it leads to", filepath.Join(folder, e.Name()))
		}
		if !e.IsDir() {
			continue
		}
		within := filepath.Join(folder, e.Name())
		look := m.take
		if _, err := os.Lstat(filepath.Join(within, result.MatrixFile)); err == nil {
			look = m.find // a run against many targets, or a shard without cases
		}
		if err := look(within); err != nil {
			return err
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

// take reads a result, if there is one, without its cases.
func (m *merger) take(folder string) error {
	path := filepath.Join(folder, result.ResultsFile)
	run, err := ReadHead(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if run.Client != nil {
		return fmt.Errorf("%s: expected a run against a deployment, got one that judged a client, which merge does not join with others", path)
	}
	if run.Document != nil {
		return fmt.Errorf("%s: expected a run by a contract that states its requirements, got one by %s, which states none and whose cases share ids; merge joins no such runs", path, run.Contract.Name)
	}
	if _, err := session.ParseShard(run.Shard); err != nil && run.Shard != "" {
		return fmt.Errorf("%s: %w", path, err)
	}
	if run.Contract.SHA256 != m.Contract.SHA256() {
		return fmt.Errorf("%s: was judged by %s %s (sha256 %.12s), expected %s %s (sha256 %.12s); judge all with the same --contract",
			path, run.Contract.Name, run.Contract.Version, run.Contract.SHA256, m.Contract.Name(), m.Contract.Version(), m.Contract.SHA256())
	}
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	m.found = append(m.found, part{folder: folder, name: filepath.Base(absolute), run: run})
	return nil
}

// A group is all the parts of one target.
type group struct {
	name  string
	parts []part
}

// embedded identifies the fake server in a run's own process, whose port differs each
// time.
const embedded = "fake"

// whereOf identifies a target.
func whereOf(t *result.Target) string {
	endpoint := strings.TrimRight(t.Endpoint, "/")
	if t.Embedded {
		endpoint = embedded
	}
	return strings.Join([]string{endpoint, t.ProjectID, cmp.Or(t.GraphID, t.AbsentGraphID)}, "\n")
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
			continue // named twice
		}
		if len(g.parts) > 0 && g.parts[0].run.Target.OnlyDocumented != p.run.Target.OnlyDocumented {
			return nil, fmt.Errorf("%s and %s: expected both runs with --only-documented or neither, got one; their verdicts cannot be compared", g.parts[0].folder, p.folder)
		}
		if len(g.parts) > 0 && g.parts[0].run.Target.Strict != p.run.Target.Strict {
			return nil, fmt.Errorf("%s and %s: expected both runs to be strict or neither, got one; their verdicts cannot be compared", g.parts[0].folder, p.folder)
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

// write merges each group, one at a time, and writes the matrix.
func (m *merger) write(ctx context.Context, groups []*group) (*result.Targets, error) {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = g.name
	}
	if err := m.claim(names); err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	text := report.NewTargetsText(cmp.Or(m.Progress, m.Out), m.Text, names)
	m.joined.Started = m.began
	var failed error
	for _, g := range groups {
		folder := filepath.Join(m.Output, g.name)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		run, err := m.join(ctx, g, folder)
		if err != nil {
			return nil, fmt.Errorf("merge: %w", err)
		}
		failed = errors.Join(failed, text.Target(m.joined.Add(g.name, g.name, run), folder))
	}
	m.joined.Duration = time.Since(m.began)
	m.joined.Failure = m.missingShards()
	m.joined.Conclude()
	failed = errors.Join(failed, WriteTargets(m.Output, &m.joined), report.WriteTargets(m.Out, &m.joined, m.Text))
	return &m.joined, errors.Join(failed, m.joined.Ending(nil))
}
