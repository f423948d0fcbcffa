package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/gesconform/gesconform/conformance"
	"github.com/gesconform/gesconform/conformance/report"
	"github.com/gesconform/gesconform/conformance/target"
)

// usualParallel is how many targets are judged at once where the user does not
// say.
const usualParallel = 16

// memoryOf is what the heap may grow to before it is collected, where so many
// targets are judged at once: a single run collects late, to be over soon, and a
// hundred of them would keep the garbage of all.
func memoryOf(targets int) int64 { return 40<<20 + int64(targets)*(5<<18) }

// wide is what `gesconform run` does with many targets, or with a part of the work.
type wide struct {
	targets  string // the file
	shard    string
	parallel int
}

// check makes sure that the flags fit together.
func (w *wide) check(given map[string]bool, files *inputs) (conformance.Shard, error) {
	var shard conformance.Shard
	var err error
	if w.shard != "" {
		shard, err = conformance.ParseShard(w.shard)
	}
	switch {
	case err != nil:
		return shard, err
	case w.targets == "" && given["parallel"]:
		return shard, errors.New("parallel: is how many targets are judged at once, and --targets is not given")
	case w.targets != "" && files.plan != "":
		return shard, errors.New("plan: is that of one deployment and is given beside --targets; run each plan by itself")
	case w.targets != "" && files.baseline != "":
		return shard, errors.New("baseline: is a run of one deployment and is given beside --targets; compare each by itself")
	case w.targets == "" && w.shard != "" && files.plan != "":
		return shard, errors.New("shard: is given beside --plan, which says already which cases are sent; give one of them")
	}
	return shard, nil
}

// A fleetRun is what judging a targets file needs.
type fleetRun struct {
	*wide
	options        *conformance.Options // with what holds for all targets
	flags          *target.Config
	given          map[string]bool
	environ        []string
	stdout, stderr io.Writer
	dryRun, github bool
}

func (r *fleetRun) judge(ctx context.Context, shard conformance.Shard) error {
	fleet, err := target.LoadFleet(r.targets, r.flags, r.given, r.environ)
	if err != nil {
		return err
	}
	for _, w := range fleet.Warnings {
		fmt.Fprintf(r.stderr, "gesconform: warning: %s\n", w)
	}
	out := describeTerminal(r.stdout, r.environ)
	options := conformance.FleetOptions{
		Contract: r.options.Contract, Fleet: fleet, Shard: shard, Parallel: r.parallel, Expectations: r.options.Expectations,
		Out: r.stdout, Color: out.color, Width: out.width,
	}
	if variableOf(r.environ, "GOMEMLIMIT") == "" {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(memoryOf(min(r.parallel, len(fleet.Targets)))))
	}
	switch {
	case r.dryRun:
		return conformance.PreviewFleet(options)
	case r.github:
		return fleetOnGitHub(r.environ, r.stdout, func() (*report.Fleet, error) { return conformance.RunFleet(ctx, options) })
	}
	_, err = conformance.RunFleet(ctx, options)
	return err
}
