package evidence

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/plan"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/safefile"
)

// Output is a folder that is to be written to.
type Output struct {
	Folder string
	Force  bool // replace what an earlier run has written there
	// Reviewed is the plan of the run. A folder that has nothing else may be written to.
	Reviewed *plan.Plan
}

// A Claim is a folder that may be written to.
type Claim struct{ earlier []string }

// ofRun are the names of the files that a run writes, and ofTargets those of a run against many
// targets.
var (
	ofRun     = []string{result.PlanFile, result.ExchangesFile, result.MadeFile, result.ResultsFile, result.JUnitFile, result.PageFile, result.SummaryFile, result.HARFile, result.ChangesFile, result.SumsFile}
	ofTargets = []string{result.MatrixFile, result.MatrixPageFile, result.MatrixSummaryFile}
)

// Claim returns an error if files would be written over: those of an earlier run unless Force is
// set, and those of somebody else in any case. It changes nothing.
func (o Output) Claim() (Claim, error) {
	var c Claim
	if info, err := os.Stat(o.Folder); err != nil || !info.IsDir() {
		return c, nil // creating it says what is wrong
	}
	for _, name := range slices.Concat(ofRun, ofTargets) {
		for _, path := range []string{filepath.Join(o.Folder, name), safefile.Partial(filepath.Join(o.Folder, name))} {
			there, err := safefile.Exists(path)
			if err != nil {
				return Claim{}, fmt.Errorf("output: %w", err)
			}
			if there {
				c.earlier = append(c.earlier, path)
			}
		}
	}
	onlyPlan := slices.Equal(c.earlier, []string{filepath.Join(o.Folder, result.PlanFile)})
	if len(c.earlier) == 0 || onlyPlan && o.isReviewed(c.earlier[0]) {
		return Claim{}, nil
	}
	ours := oursIn(o.Folder)
	for _, path := range c.earlier {
		if name := filepath.Base(path); !ours[strings.TrimSuffix(strings.TrimPrefix(name, "."), ".partial")] && !ours[name] {
			return Claim{}, fmt.Errorf("output: %s: exists already and is not known to be of an earlier run, so it is not replaced; move it away, or set another --output", path)
		}
	}
	switch {
	case o.Force:
		return c, nil
	case onlyPlan:
		return Claim{}, fmt.Errorf("output: %s holds the plan of a dry run; set --plan %s to run it, another --output, or --force to replace it", o.Folder, c.earlier[0])
	default:
		return Claim{}, fmt.Errorf("output: %s holds an earlier run (%s); set another --output, or --force to replace it", o.Folder, filepath.Base(c.earlier[0]))
	}
}

// Claims are the claims of a folder and of folders in it.
type Claims []Claim

// ClaimAll claims a folder and folders in it, which may not be links to others.
func ClaimAll(force bool, folder string, within ...string) (all Claims, err error) {
	for _, name := range within {
		path := filepath.Join(folder, name)
		if info, err := os.Lstat(path); err == nil && !info.IsDir() {
			return nil, fmt.Errorf("output: %s: expected a folder or nothing, got something else, which is not written to", path)
		}
	}
	for _, name := range append([]string{""}, within...) {
		c, err := Output{Folder: filepath.Join(folder, name), Force: force}.Claim()
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// Clear clears all.
func (all Claims) Clear() (failed error) {
	for _, c := range all {
		failed = errors.Join(failed, c.Clear())
	}
	return failed
}

// Clear removes the files of the earlier run: if this run were killed, they would be taken for
// its own.
func (c Claim) Clear() error {
	var failed error
	for _, path := range c.earlier {
		failed = errors.Join(failed, safefile.Remove(path))
	}
	return failed
}

// isReviewed reports whether a file has the plan of the run.
func (o Output) isReviewed(path string) bool {
	text, err := safefile.Read(path, mostPlan)
	if err != nil || o.Reviewed == nil {
		return false
	}
	there, err := plan.Parse(path, text)
	return err == nil && reflect.DeepEqual(there, o.Reviewed)
}

// oursIn returns the names of the files in a folder that runs have written. Its SHA256SUMS lists
// them; a run that was killed has none, but files that nobody else writes.
func oursIn(folder string) map[string]bool {
	ours := map[string]bool{}
	add := func(names ...string) {
		for _, name := range names {
			ours[name] = true
		}
	}
	in := func(name string, most int64) []byte {
		text, _ := safefile.Read(filepath.Join(folder, name), most) // nil is nobody's
		return text
	}
	if targets, err := result.ReadTargetsJSON(in(result.MatrixFile, mostMatrix)); err == nil && targets.Verdict != "" {
		add(ofTargets...)
	}
	if sums, err := sumsOf(folder); err == nil && sums[result.ResultsFile] != "" {
		add(result.SumsFile)
		for name := range sums {
			add(name)
		}
		add(result.MadeFile) // which has no sum, since cleaning up goes on writing it
		return ours
	}
	if startsWithExchange(folder) {
		add(result.ExchangesFile)
	}
	_, unplanned := plan.Parse(result.PlanFile, in(result.PlanFile, mostPlan))
	if unplanned == nil {
		add(result.PlanFile)
	}
	if head, err := ReadHead(folder); err == nil && head.Tool.Name != "" {
		add(ofRun...)
	}
	return ours
}

// startsWithExchange reports whether a folder's exchanges.jsonl is empty, as at the start of a
// run, or begins with an exchange.
func startsWithExchange(folder string) bool {
	f, err := safefile.Open(filepath.Join(folder, result.ExchangesFile))
	if err != nil {
		return false
	}
	defer f.Close() // it was only read
	line, _ := bufio.NewReader(safefile.Limit(f, f.Name(), mostLine)).ReadBytes('\n')
	var record exchangeRecord
	return len(line) == 0 || json.Unmarshal(bytes.TrimSpace(line), &record) == nil && record.check() == nil
}
