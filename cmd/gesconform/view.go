package main

import (
	"errors"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/report"
)

// viewFlags say how a result is shown.
type viewFlags struct {
	quiet, verbose bool
	format         string
	as             report.Format // after check
}

// flags adds the flags. many is whether the result is always that of many targets.
func (v *viewFlags) flags(flags *pflag.FlagSet, many bool) {
	if !many {
		flags.BoolVarP(&v.verbose, "verbose", "v", false, "print the verdict of each case")
	}
	flags.BoolVarP(&v.quiet, "quiet", "q", false, "print nothing but the verdict and what is broken, and errors")
	flags.StringVar(&v.format, "format", "text", "how to print the result: "+printable.AnyOf(report.Formats(many))+"; unless it is text, progress goes to standard error")
}

// check checks the flags. many is whether the result is that of many targets. Of --quiet and
// --verbose, the one that is given as a flag overrides the other one's variable.
func (v *viewFlags) check(given map[string]bool, many bool) (err error) {
	switch {
	case v.quiet && v.verbose && given["quiet"] == given["verbose"]:
		return errors.New("quiet: expected --quiet or --verbose, got both")
	case v.quiet && v.verbose:
		v.quiet, v.verbose = given["quiet"], given["verbose"]
	}
	v.as, err = report.ParseFormat(v.format, many)
	return err
}

// checkGitHub returns an error if the workflow commands of --github would get into the result.
func (v *viewFlags) checkGitHub(github bool) error {
	if github && !v.as.IsText() {
		return errors.New("format: cannot be combined with --github, which also writes to standard output; set --output for the files")
	}
	return nil
}

// text returns how to write a result to stdout.
func (v *viewFlags) text(stdout io.Writer, environ []string) report.TextOptions {
	var text report.TextOptions
	if v.as.IsText() {
		text = describeTerminal(stdout, environ)
	}
	text.Verbose, text.Quiet, text.Format = v.verbose, v.quiet, v.as
	return text
}

// progress returns where the plan and the progress go, and whether that is a terminal.
func (v *viewFlags) progress(stdout, stderr io.Writer) (w io.Writer, terminal bool) {
	switch {
	case v.quiet:
		return io.Discard, false
	case v.as.IsText():
		stderr = stdout
	}
	_, terminal = isTerminal(stderr)
	return stderr, terminal
}

// flagsSet returns the names of the flags that were given.
func flagsSet(flags *pflag.FlagSet) map[string]bool {
	given := map[string]bool{}
	flags.Visit(func(f *pflag.Flag) { given[f.Name] = true })
	return given
}

// checkViews returns an error for flags about what a run prints and writes that do not go together.
func (r *runner) checkViews(given map[string]bool, many bool) error {
	if err := r.check(given, many); err != nil {
		return err
	}
	if err := r.checkGitHub(r.github); err != nil {
		return err
	}
	var other string
	switch {
	case r.dryRun && r.quiet:
		return errors.New("quiet: cannot be combined with --dry-run, which would print nothing")
	case r.dryRun && !r.as.IsText() && (many || r.as != report.JSON):
		return errors.New("format: expected text, or for one target json, with --dry-run, got " + strings.ToLower(r.format))
	case r.writeExpect == "":
		return nil
	case many:
		other = "--targets, which has a result for each of many targets; judge each result: gesconform judge DIR --write-expect FILE"
	case r.dryRun:
		other = "--dry-run, which finds nothing"
	default:
		return nil
	}
	return errors.New("write-expect: cannot be combined with " + other)
}
