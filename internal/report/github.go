package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// WriteGitHub writes the workflow commands with which GitHub Actions annotates a job: a
// warning for each job on the graph that may have disturbed the run, an error for each
// deviation, a warning for each broken SHOULD, a notice for each known deviation, a warning
// for each known deviation that is gone and for changes since the baseline, an error if the
// run could not judge, a notice with the requirements that were decided in part, one with the
// cases that are counted apart, and one with the verdict, which is a warning if it is partial. See
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands.
func WriteGitHub(w io.Writer, run result.Run) error {
	d := digestOf(&run)
	var c commands
	for _, text := range d.Cautions {
		c.add("warning", "gesconform", text)
	}
	c.addFailures("error", d, d.Deviations)
	c.addFailures("warning", d, d.Advice)
	c.addFailures("notice", d, d.Known)
	for _, o := range d.OutOfDate {
		if o.State == result.Gone {
			for _, e := range o.All {
				c.add("warning", "known deviation is gone", e.Name(), e.Because())
			}
		}
	}
	c.addChanges(d)
	if d.Verdict == judge.Error {
		c.add("error", "gesconform", d.Headline)
	}
	if lines := each(d.InPart, func(r result.Requirement) string { return r.ID + ": " + d.decided(r.Extent) }); len(lines) > 0 {
		c.add("notice", "decided in part", lines...)
	}
	if lines := each(d.Apart, func(r result.Reason) string {
		return fmt.Sprintf("%d %s: %s", len(r.Names), d.CaseWord(len(r.Names)), r.Reason)
	}); len(lines) > 0 {
		c.add("notice", "counted apart", lines...)
	}
	c.addVerdict(d.Shown, d.Headline)
	return c.writeTo(w)
}

// WriteTargetsGitHub writes the workflow commands with which GitHub Actions annotates a
// job: an error for each target that deviates or could not be judged, a warning for each
// SHOULD that a target breaks, and a notice with the verdict, which is a warning if it is
// partial.
func WriteTargetsGitHub(w io.Writer, targets *result.Targets) error {
	d := digestOfTargets(targets)
	var c commands
	for _, t := range d.Targets.Targets {
		if t.Verdict != judge.Conforms {
			c.add("error", t.Name, t.Headline)
		}
	}
	for _, row := range d.Broken {
		if row.Verdict == judge.Advisory {
			c.add("warning", fmt.Sprintf("%s (%s)", row.ID, row.Level), row.Text, "at "+namesInShort(row.Names))
		}
	}
	c.addVerdict(d.Shown, d.Headline)
	return c.writeTo(w)
}

// commands collects workflow commands.
type commands struct{ strings.Builder }

// The escapes of workflow commands, for the message and for properties such as the title.
var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// add adds a command whose message has these lines.
func (c *commands) add(name, title string, lines ...string) {
	for i, line := range lines {
		lines[i] = cut(printable.Line(line), summaryLine, "…")
	}
	fmt.Fprintf(c, "::%s title=%s::%s\n", name, commandProperty.Replace(printable.Line(title)), commandData.Replace(strings.Join(lines, "\n")))
}

// addVerdict adds the headline, as a warning if it is partial, since a notice would look as if
// it conformed.
func (c *commands) addVerdict(v judge.Verdict, headline string) {
	name := "notice"
	if v == partial {
		name = "warning"
	}
	c.add(name, "gesconform", headline)
}

// addFailures adds each failure, of a client the first of each requirement: it can fail in all
// scenarios, and GitHub shows ten.
func (c *commands) addFailures(name string, d *digest, failures []*failure) {
	if d.Client == nil {
		for _, f := range failures {
			c.addFailure(name, f, len(f.Others))
		}
		return
	}
	for _, of := range byRequirement(failures) {
		others := len(of) - 1
		for _, f := range of {
			others += len(f.Others)
		}
		c.addFailure(name, of[0], others)
	}
}

// addFailure adds a short form of a failure, with a line for each part.
func (c *commands) addFailure(name string, f *failure, others int) {
	where := f.Case + andMore(others)
	lines := []string{f.Requirement.Text}
	for _, s := range f.Origin {
		lines = append(lines, "origin: "+s.String())
	}
	at := []struct{ name, value string }{{"case: ", where}}
	if s := f.Scenario; s != nil {
		at = []struct{ name, value string }{{"scenario: ", where}, {"answered: ", s.Answered}, {"said: ", s.Said}}
	}
	for _, part := range slices.Concat([]struct{ name, value string }{
		{"lawful: ", strings.Join(f.Lawful, "; ")}, {"got: ", f.Got}}, at, []struct{ name, value string }{{"contract: ", f.Place}, {"known: ", f.Known}, {"expired: ", f.Expired}}) {
		if part.value != "" {
			lines = append(lines, part.name+part.value)
		}
	}
	c.add(name, fmt.Sprintf("%s (%s)", f.Requirement.ID, f.Requirement.Level), lines...)
}

// addChanges adds a short list of the changes since the baseline.
func (c *commands) addChanges(d *digest) {
	if len(d.Changes) == 0 {
		return
	}
	lines := []string{d.Difference}
	for _, g := range d.Changes {
		for _, change := range firstOf(g.Changes, shownChanges).Shown {
			lines = append(lines, g.Title+": "+change.String())
		}
	}
	name := "notice"
	if d.Comparison.New() {
		name = "warning" // not an error: the deviation itself has one already
	}
	c.add(name, "changes", lines...)
}

func (c *commands) writeTo(w io.Writer) error {
	if _, err := io.WriteString(w, c.String()); err != nil {
		return fmt.Errorf("write GitHub's commands: %w", err)
	}
	return nil
}
