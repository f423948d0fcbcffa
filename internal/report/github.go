package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// WriteGitHub writes the commands that make GitHub annotate a job: first a
// warning for each job that may have spoilt the run, then an error for each
// deviation, a warning for each broken SHOULD and each expectation that no longer
// holds, a notice for each deviation that was known, and one with the verdict. A
// run that could not judge is an error, too.
func WriteGitHub(w io.Writer, run result.Run) error {
	b := bufio.NewWriter(w)
	for _, text := range unknownJobTexts(&run) {
		command(b, "warning", "gesconform", text)
	}
	for _, f := range failuresOf(&run, run.Breaks) {
		annotate(b, &run, "error", f)
	}
	for _, f := range failuresOf(&run, run.Advises) {
		annotate(b, &run, "warning", f)
	}
	for _, f := range failuresOf(&run, run.Known) {
		annotate(b, &run, "notice", f)
	}
	for _, e := range run.ExpectationsIn(result.Gone) {
		command(b, "warning", "known deviation is gone", e.Name(), e.Because())
	}
	annotateChanges(b, &run)
	if run.Verdict == judge.Error {
		command(b, "error", "gesconform", run.Headline)
	}
	command(b, "notice", "gesconform", run.Headline)
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write GitHub's commands: %w", err)
	}
	return nil
}

// annotate writes a failure in short, a line for each part.
func annotate(w io.Writer, run *result.Run, name string, f *failure) {
	of := run.RequirementOf(f.finding)
	lines := []string{of.Text}
	if len(f.finding.Lawful) > 0 {
		lines = append(lines, "lawful: "+strings.Join(f.finding.Lawful, "; "))
	}
	where := "case: " + f.first.Case
	if n := len(f.others); n > 0 {
		where += fmt.Sprintf(" and %d more", n)
	}
	lines = append(lines, "got: "+f.finding.Got, where)
	if place := placeOf(run.Contract.Name, of.Line, f.finding); place != "" {
		lines = append(lines, "contract: "+place)
	}
	if e := run.Expectation(f.first, f.finding); e != nil {
		lines = append(lines, "known: "+e.Because())
	}
	if e := run.ExpiredExpectation(f.first, f.finding); e != nil {
		lines = append(lines, "expired: "+e.Because())
	}
	command(w, name, fmt.Sprintf("%s (%s)", of.ID, of.Level), lines...)
}

// annotateChanges says in short what has changed since the baseline.
func annotateChanges(w io.Writer, run *result.Run) {
	c := run.Comparison
	if c == nil || !c.Any() {
		return
	}
	lines := []string{changesInShort(c)}
	for _, g := range c.Groups() {
		for _, change := range g.Changes[:min(len(g.Changes), shownChanges)] {
			lines = append(lines, g.Title+": "+change.String())
		}
	}
	name := "notice"
	if c.New() {
		name = "warning" // the deviation itself is an error already
	}
	command(w, name, "changes", lines...)
}

// GitHub reads what is between its marks by these rules.
var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// command writes a workflow command whose message has lines.
func command(w io.Writer, name, title string, lines ...string) {
	for i, line := range lines {
		lines[i] = cut(printable.Line(line), summaryLine, "…")
	}
	fmt.Fprintf(w, "::%s title=%s::%s\n", name, commandProperty.Replace(printable.Line(title)), commandData.Replace(strings.Join(lines, "\n")))
}
