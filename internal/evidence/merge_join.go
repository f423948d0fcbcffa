package evidence

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/safefile"
	"github.com/gesconform/gesconform/internal/session"
)

// notInNames matches what is replaced when a host name becomes a folder.
var notInNames = regexp.MustCompile(`[^a-z0-9._-]+`)

// proposed returns a name for the target: that of its parts' folders if they have the same
// name, otherwise the host.
func (g *group) proposed() string {
	first := g.parts[0]
	if !slices.ContainsFunc(g.parts, func(p part) bool { return p.name != first.name }) {
		return first.name
	}
	if first.run.Target.Embedded {
		return embedded
	}
	_, host, _ := strings.Cut(first.run.Target.Endpoint, "://")
	return folderName(host)
}

// join writes the result of a target to a folder. A single run is copied unchanged, with all
// its files, if its digests vouch for them.
func (m *merger) join(ctx context.Context, g *group, folder string) (result.Run, error) {
	if first := g.parts[0]; len(g.parts) == 1 && first.run.Shard == "" && m.Require == "" && !first.run.Ended.IsZero() {
		if sums, err := sumsOf(first.folder); err != nil || sums != nil {
			return m.copyRun(ctx, first, folder)
		}
	}
	slices.SortStableFunc(g.parts, func(a, b part) int { return a.run.Started.Compare(b.run.Started) })
	j := &mergedRun{merger: m, group: g, results: map[string]judge.Result{}, again: map[string]bool{}, started: map[string]bool{}}
	log, file, err := CreateExchangeLog(folder)
	if err != nil {
		return result.Run{}, err
	}
	for _, p := range g.parts {
		if err := j.add(ctx, p, log); err != nil {
			return result.Run{}, errors.Join(err, file.Close())
		}
	}
	if err := file.Close(); err != nil {
		return result.Run{}, err
	}
	run, err := j.conclude()
	if err != nil {
		return result.Run{}, err
	}
	return run, WriteDir(folder, run)
}

// checkOverwrite returns an error if a folder to write is one of those to be merged.
func (m *merger) checkOverwrite(folder string) error {
	to, err := os.Stat(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	folders := slices.Clone(m.Folders)
	for _, p := range m.found {
		folders = append(folders, p.folder)
	}
	for _, f := range folders {
		if from, err := os.Stat(f); err == nil && os.SameFile(from, to) {
			return fmt.Errorf("%s: is one of the folders to merge, and would be overwritten; set another --output", folder)
		}
	}
	return nil
}

// claim claims the folders to write, before anything is written.
func (m *merger) claim(names []string) error {
	folders := []string{m.Output}
	for _, name := range names {
		folders = append(folders, filepath.Join(m.Output, name))
	}
	for _, folder := range folders {
		if err := m.checkOverwrite(folder); err != nil {
			return err
		}
	}
	claims, err := ClaimAll(m.Force, m.Output, names...)
	if err != nil {
		return err
	}
	return claims.Clear()
}

// copyRun copies the output folder of a run, after judging it again. What follows from the
// exchanges is written anew.
func (m *merger) copyRun(ctx context.Context, p part, folder string) (result.Run, error) {
	e, run, err := judgeAgain(ctx, m.Contract, p.folder)
	if err != nil {
		return result.Run{}, err
	}
	for _, name := range []string{result.PlanFile, result.ExchangesFile} {
		if err := copyFile(filepath.Join(p.folder, name), filepath.Join(folder, name)); err != nil {
			return result.Run{}, err
		}
	}
	var more []File
	if run.Comparison, err = e.comparison(&run); err != nil {
		return result.Run{}, err
	}
	if run.Comparison != nil {
		more = append(more, File{result.ChangesFile, result.WriteComparison})
	}
	return run, WriteDir(folder, run, more...)
}

// copyFile copies a file, if there is one.
func copyFile(from, to string) error {
	f, err := safefile.Open(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close() // it was only read
	if err := makeDir(filepath.Dir(to)); err != nil {
		return err
	}
	return safefile.Write(to, forOthers, func(w io.Writer) error {
		_, err := io.Copy(w, f)
		return err
	})
}

// A mergedRun is a run made of several.
type mergedRun struct {
	*merger
	*group
	run      result.Run
	results  map[string]judge.Result // by case
	again    map[string]bool         // cases that were judged more than once
	started  map[string]bool         // jobs that any of the runs started
	failures []string
	known    []result.Expectation // to every part
	unshared bool                 // some are known to a part but not to all
	last     int                  // the highest sequence of an exchange
}

// add judges a part again from its exchanges and adds it: the exchanges with new sequence
// numbers, and for each case the worse verdict.
func (j *mergedRun) add(ctx context.Context, p part, log *ExchangeLog) error {
	e, run, err := judgeAgain(ctx, j.Contract, p.folder)
	if err != nil {
		return err
	}
	if e.killed() && run.Failure == "" {
		run.Failure = Unfinished
	}
	before := j.last
	for _, x := range e.exchanges {
		x.Sequence += before
		j.last = max(j.last, x.Sequence)
		if id := startedJob(&x); id != "" {
			j.started[ges.JobKey(id)] = true
		}
		if err := log.Append(x); err != nil {
			return err
		}
	}
	for i := range run.Cases {
		r := run.Cases[i].Result
		for k := range r.Exchanges {
			r.Exchanges[k].Sequence += before
		}
		known, twice := j.results[r.Case]
		if twice {
			j.again[r.Case] = true
		}
		if !twice || judge.Worse(known.Verdict, r.Verdict) != known.Verdict {
			j.results[r.Case] = r
		}
	}
	j.addHead(run)
	return nil
}

// judgeAgain reads a run and judges it from its exchanges, which must give the results that
// it wrote.
func judgeAgain(ctx context.Context, c *contract.Contract, folder string) (*earlierRun, result.Run, error) {
	e, err := readEarlierRun(ctx, folder)
	if err != nil {
		return nil, result.Run{}, err
	}
	run, _, err := e.judge(ctx, &JudgeOptions{Contract: c})
	if err == nil {
		err = e.compare(ctx, run)
	}
	return e, run, errors.Join(err, ctx.Err())
}

// startedJob returns the job id in the answer to an accepted request.
func startedJob(x *exchange.Exchange) string {
	if x.Answer == nil || x.Status() >= 300 {
		return ""
	}
	return ges.JobOf(x.JSON()).ID
}

// addHead adds what is known of a part apart from its cases.
func (j *mergedRun) addHead(p result.Run) {
	r := &j.run
	j.addKnown(p.Expectations, r.SchemaVersion == 0)
	if r.SchemaVersion == 0 {
		*r = p
		r.ID, r.Shard, r.Failure, r.Plan, r.Upgrades, r.Notes, r.Graph, r.Expectations = "", "", "", result.Plan{}, result.Upgrades{}, nil, nil, nil
	}
	risk, _ := cases.ParseRisk(r.Target.Risk)
	if other, _ := cases.ParseRisk(p.Target.Risk); other > risk {
		r.Target.Risk = p.Target.Risk
	}
	if r.Target.Filter != p.Target.Filter {
		r.Target.Filter = ""
	}
	if r.Tool.SHA256 != p.Tool.SHA256 {
		r.Tool.SHA256 = ""
	}
	if p.Ended.After(r.Ended) {
		r.Ended = p.Ended
	}
	r.Duration = max(r.Duration, p.Started.Add(p.Duration).Sub(r.Started))
	r.Interrupted = r.Interrupted || p.Interrupted
	r.Upgrades.Accepted += p.Upgrades.Accepted
	r.Upgrades.Invented += p.Upgrades.Invented
	r.Plan.Inert += p.Plan.Inert
	r.Plan.Guarded += p.Plan.Guarded
	r.Plan.Destructive += p.Plan.Destructive
	shard, _ := session.ParseShard(p.Shard) // the merged run is not a shard
	for _, note := range p.Notes {
		if !slices.Contains(r.Notes, note) && !slices.Contains(shard.Notes(), note) {
			r.Notes = append(r.Notes, note)
		}
	}
	if p.Failure != "" && !slices.Contains(j.failures, p.Failure) {
		j.failures = append(j.failures, p.Failure)
	}
	j.addGraph(p.Graph)
}

// addKnown keeps the known deviations that all parts have, and that had not expired in any:
// what was not known to one part must not be excused by another.
func (j *mergedRun) addKnown(expectations []result.Expectation, first bool) {
	if first {
		j.known = expectations
		return
	}
	before := len(j.known)
	j.known = slices.DeleteFunc(slices.Clone(j.known), func(known result.Expectation) bool {
		return !slices.ContainsFunc(expectations, func(e result.Expectation) bool {
			return e.Name() == known.Name() && e.Because() == known.Because() && e.State != result.Expired
		})
	})
	j.unshared = j.unshared || len(j.known) < before || len(j.known) < len(expectations)
}

// addGraph merges the snapshots of the parts. To other parts, the jobs of one are unknown.
func (j *mergedRun) addGraph(g *result.Graph) {
	switch {
	case g == nil:
	case j.run.Graph == nil:
		whole := *g
		j.run.Graph = &whole
	default:
		whole := j.run.Graph
		whole.After = cmp.Or(g.After, whole.After)
		known := map[ges.Job]bool{} // there may be ten thousands
		for _, job := range whole.UnknownJobs {
			known[job] = true
		}
		whole.UnknownJobs = slices.Clone(whole.UnknownJobs)
		for _, job := range g.UnknownJobs {
			if !known[job] {
				known[job], whole.UnknownJobs = true, append(whole.UnknownJobs, job)
			}
		}
	}
}

// conclude returns the merged run.
func (j *mergedRun) conclude() (result.Run, error) {
	run := j.run
	run.Plan.Cases = len(j.results)
	if run.Graph != nil {
		run.Graph.UnknownJobs = slices.DeleteFunc(run.Graph.UnknownJobs, func(job ges.Job) bool { return j.started[ges.JobKey(job.ID)] })
	}
	if missing := j.missing(); missing != "" {
		j.failures = append(j.failures, missing)
	}
	run.Failure = strings.Join(j.failures, "; ")
	run.Notes = append(run.Notes, j.notes()...)
	run.Expectations = j.known
	names, err := result.NamesOf(j.Contract)
	if err != nil {
		return result.Run{}, err
	}
	known := result.ExpectationsOf(run, names)
	results := make([]judge.Result, 0, len(j.results))
	for _, r := range j.results {
		results = append(results, r)
	}
	all, err := cases.Of(j.Contract)
	if err != nil {
		return result.Run{}, err
	}
	summarise := func() result.Run {
		whole := result.Summarise(j.Contract, run, results)
		whole.Expect(known)
		whole.Cover(j.Contract, all)
		return whole
	}
	whole := summarise()
	if missing := session.Unmet(j.required, &whole); missing != "" && run.Failure == "" {
		run.Failure = missing
		whole = summarise()
	}
	return whole, nil
}

// notes say which runs were merged.
func (j *mergedRun) notes() []string {
	var of []string
	for _, p := range j.parts {
		name := p.run.ID
		if name == "" {
			name = p.folder
		}
		if p.run.Shard != "" {
			name += ", shard " + p.run.Shard
		}
		of = append(of, fmt.Sprintf("%s (seed %d)", name, p.run.Target.Seed))
	}
	notes := []string{fmt.Sprintf("joined from %d runs: %s", len(of), strings.Join(of, "; "))}
	if again := slices.Sorted(maps.Keys(j.again)); len(again) > 0 {
		n := len(again)
		const few = 3
		names := strings.Join(again[:min(n, few)], ", ")
		if n > few {
			names += fmt.Sprintf(" and %d more", n-few)
		}
		notes = append(notes, fmt.Sprintf("%d cases were judged more than once, and the worse verdict counts: %s", n, names))
	}
	if j.unshared {
		notes = append(notes, "a deviation is only treated as known if all of the runs list it and it had expired in none of them")
	}
	versions := map[string]bool{}
	for _, p := range j.parts {
		versions[p.run.Tool.Version] = true
	}
	if len(versions) > 1 {
		notes = append(notes, "the runs were made by different versions of the suite")
	}
	return notes
}
