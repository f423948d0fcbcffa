package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
)

// ofStated are flags of the command that have no meaning with a document that states no
// requirements of its own, and why.
var ofStated = []struct{ name, why string }{
	{"targets", "which has one contract for all, and that must state its requirements; judge each target by itself"},
	{"plan", "since what is sent depends on the ids that answers show; --dry-run lists the cases"},
	{"shard", "since all cases share the ids that answers show"},
}

// fits returns an error for flags that are for another kind of contract, and warns of their
// variables, which may be those of another run.
func (r *runner) fits(flags *pflag.FlagSet, given map[string]bool, c *contract.Contract) error {
	stated := !c.Implied()
	var flagged, others []string
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if flags.Changed(name) {
			flagged = append(flagged, name)
		} else {
			others = append(others, name)
		}
	}
	if err := config.Misplaced(flagged, stated); err != nil {
		return err
	}
	if stated {
		return nil
	}
	for _, f := range ofStated {
		if flags.Changed(f.name) {
			return fmt.Errorf("%s: expected no --%[1]s beside the --spec of a document that states no requirements, %s", f.name, f.why)
		}
	}
	if err := config.Misplaced(others, stated); err != nil {
		r.warn([]string{"ignored: " + strings.ReplaceAll(err.Error(), "--", "")})
	}
	return nil
}

// judgeDocument judges a server by a document that states no requirements of its own.
func (r *runner) judgeDocument(ctx context.Context, c *contract.Contract) error {
	if r.checks {
		return errors.New("check: expected a contract that states its requirements, got a document that states none; `gesconform run --spec FILE` proves the credentials before anything else")
	}
	given, err := r.config.Document.For(c, r.environ)
	if err != nil {
		return err
	}
	o := run.DocumentOptions{Contract: c, Config: r.config.ForDocument(), Given: given, Force: r.force, Out: r.stdout, Text: r.text(r.stdout, r.environ)}
	o.Progress, o.Terminal = r.progress(r.stdout, r.stderr)
	if r.dryRun {
		return run.PreviewDocument(o)
	}
	if err := r.files.readFor(&o); err != nil {
		return err
	}
	judge := func() (result.Run, error) { return run.Document(ctx, o) }
	if r.writeExpect != "" {
		judge = thenWriteExpect(r.writeExpect, func(result.Run) (result.Names, error) { return o.Names() }, judge)
	}
	if r.github {
		return onGitHub(r.environ, r.stdout, judge)
	}
	_, err = judge()
	return err
}

// readFor reads the files into the options of a run by a document.
func (in *inputs) readFor(o *run.DocumentOptions) (err error) {
	o.FailOnChange = in.failOnChange
	if in.expect != "" {
		known, err := o.Names()
		if err == nil {
			o.Expectations, err = readExpectations(in.expect, known)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case in.baseline != "":
		o.Baseline, err = readBaseline(in.baseline, false)
	case in.failOnChange:
		err = errors.New("fail-on-change: expected --baseline DIR with it, got none")
	}
	return err
}
