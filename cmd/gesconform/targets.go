package main

import (
	"context"
	"errors"
	"runtime/debug"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/run"
)

// usualParallel is how many targets are judged at once where the user does not
// say.
const usualParallel = 16

// memoryOf is what the heap may grow to before it is collected, where so many
// targets are judged at once: a single run collects late, to be over soon, and a
// hundred of them would keep the garbage of all.
func memoryOf(targets int) int64 { return 40<<20 + int64(targets)*(5<<18) }

// fleetFlags are those for many targets, and for a part of the work.
type fleetFlags struct {
	targets  string // the file
	shard    string
	parallel int
}

func (f *fleetFlags) flags(flags *pflag.FlagSet) {
	flags.StringVar(&f.targets, "targets", "", "judge all deployments of this file, and write a folder for each and the matrix of requirements by target")
	flags.IntVar(&f.parallel, "parallel", usualParallel, "how many of the targets may be judged at once")
	flags.StringVar(&f.shard, "shard", "", "do only part I of N, as in 0/4: of the targets, or of the cases where there is one; 'gesconform merge' joins the results")
}

// check makes sure that the flags fit together.
func (f *fleetFlags) check(given map[string]bool, files *inputs) (run.Shard, error) {
	var shard run.Shard
	var err error
	if f.shard != "" {
		shard, err = run.ParseShard(f.shard)
	}
	switch {
	case err != nil:
		return shard, err
	case f.targets == "" && given["parallel"]:
		return shard, errors.New("parallel: is how many targets are judged at once, and --targets is not given")
	case f.targets != "" && files.plan != "":
		return shard, errors.New("plan: is that of one deployment and is given beside --targets; run each plan by itself")
	case f.targets != "" && files.baseline != "":
		return shard, errors.New("baseline: is a run of one deployment and is given beside --targets; compare each by itself")
	case f.targets == "" && f.shard != "" && files.plan != "":
		return shard, errors.New("shard: is given beside --plan, which says already which cases are sent; give one of them")
	}
	return shard, nil
}

// judgeFleet judges the targets of a file. options hold for all of them.
func (r *runner) judgeFleet(ctx context.Context, given map[string]bool, options *run.Options) error {
	fleet, err := config.LoadTargets(r.fleet.targets, &r.config, given, r.environ)
	if err != nil {
		return err
	}
	r.warn(fleet.Warnings)
	_, text := describeTerminal(r.stdout, r.environ)
	o := run.FleetOptions{
		Contract: options.Contract, Fleet: fleet, Shard: options.Shard, Parallel: r.fleet.parallel, Expectations: options.Expectations,
		Out: r.stdout, Text: text,
	}
	if variableOf(r.environ, "GOMEMLIMIT") == "" {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(memoryOf(min(r.fleet.parallel, len(fleet.Targets)))))
	}
	switch {
	case r.dryRun:
		return run.PreviewFleet(o)
	case r.github:
		return fleetOnGitHub(r.environ, r.stdout, func() (*report.Fleet, error) { return run.RunFleet(ctx, o) })
	}
	_, err = run.RunFleet(ctx, o)
	return err
}
