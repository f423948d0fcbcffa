package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/safefile"
)

// onGitHub judges, annotates the job with the findings and appends the summary to the job's
// page.
func onGitHub(environ []string, stdout io.Writer, judge func() (result.Run, error)) error {
	run, err := withoutCommands(stdout, judge)
	if run.Headline == "" {
		return err // there was no run; the error says why
	}
	write := func(w io.Writer) error { return report.WriteMarkdown(w, run) }
	return errors.Join(err, report.WriteGitHub(stdout, run), appendSummary(environ, write))
}

// targetsOnGitHub does the same for many targets.
func targetsOnGitHub(environ []string, stdout io.Writer, judge func() (*result.Targets, error)) error {
	targets, err := withoutCommands(stdout, judge)
	if targets == nil {
		return err // there was no run; the error says why
	}
	write := func(w io.Writer) error { return report.WriteTargetsMarkdown(w, targets) }
	return errors.Join(err, report.WriteTargetsGitHub(stdout, targets), appendSummary(environ, write))
}

// withoutCommands judges. GitHub executes any line of a job's output that looks like a
// workflow command, and a report shows what the target sent. So workflow commands are
// switched off while judging; the token that switches them on again is random, so that the
// target cannot guess it.
func withoutCommands[R any](stdout io.Writer, judge func() (R, error)) (R, error) {
	resume := rand.Text()
	fmt.Fprintf(stdout, "::stop-commands::%s\n", resume)
	defer fmt.Fprintf(stdout, "::%s::\n", resume)
	return judge()
}

// appendSummary appends to the job's summary file, which other steps may have written
// to. Outside GitHub there is none.
func appendSummary(environ []string, write func(io.Writer) error) error {
	path := variableOf(environ, "GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	f, err := safefile.Append(path, 0o644) // GitHub reads it
	if err != nil {
		return fmt.Errorf("append to GITHUB_STEP_SUMMARY: %w", err)
	}
	_, err = f.WriteString("\n") // in case the file does not end with a line feed
	if err == nil {
		err = write(f)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("append to GITHUB_STEP_SUMMARY: %s: %w", path, err)
	}
	return nil
}

// variableOf returns the value of a variable in an environment; the last one counts.
func variableOf(environ []string, name string) string {
	value := ""
	for _, pair := range environ {
		if v, found := strings.CutPrefix(pair, name+"="); found {
			value = v
		}
	}
	return value
}
