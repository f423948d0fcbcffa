package main

import (
	"context"
	"errors"
	"runtime/debug"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
	"github.com/gesconform/gesconform/internal/session"
)

// usualParallel is how many targets are judged at once where the user does not
// say.
const usualParallel = 16

// memoryOf is what the heap may grow to before it is collected, where so many
// targets are judged at once: a single run collects late, to be over soon, and a
// hundred of them would keep the garbage of all.
func memoryOf(targets int) int64 { return 40<<20 + int64(targets)*(5<<18) }

// targetsFlags are those for many targets, and for a part of the work.
type targetsFlags struct {
	file     string // that lists them
	shard    string
	parallel int
}

func (f *targetsFlags) flags(flags *pflag.FlagSet) {
	flags.StringVar(&f.file, "targets", "", "judge all deployments of this file, and write a folder for each and the matrix of requirements by target")
	flags.IntVar(&f.parallel, "parallel", usualParallel, "how many of the targets may be judged at once")
	flags.StringVar(&f.shard, "shard", "", "do only part I of N, as in 0/4: of the targets, or of the cases where there is one; 'gesconform merge' joins the results")
}

// check makes sure that the flags fit together.
func (f *targetsFlags) check(given map[string]bool, files *inputs) (session.Shard, error) {
	var shard session.Shard
	var err error
	if f.shard != "" {
		shard, err = session.ParseShard(f.shard)
	}
	switch {
	case err != nil:
		return shard, err
	case f.file == "" && given["parallel"]:
		return shard, errors.New("parallel: is how many targets are judged at once, and --targets is not given")
	case f.file != "" && files.plan != "":
		return shard, errors.New("plan: is that of one deployment and is given beside --targets; run each plan by itself")
	case f.file != "" && files.baseline != "":
		return shard, errors.New("baseline: is a run of one deployment and is given beside --targets; compare each by itself")
	case f.file == "" && f.shard != "" && files.plan != "":
		return shard, errors.New("shard: is given beside --plan, which says already which cases are sent; give one of them")
	}
	return shard, nil
}

// judgeTargets judges the targets of a file. options hold for all of them.
func (r *runner) judgeTargets(ctx context.Context, given map[string]bool, options *run.Options) error {
	targets, err := config.LoadTargets(r.targets.file, &r.config, given, r.environ)
	if err != nil {
		return err
	}
	r.warn(targets.Warnings)
	_, text := describeTerminal(r.stdout, r.environ)
	o := run.TargetsOptions{
		Contract: options.Contract, File: targets, Shard: options.Shard, Parallel: r.targets.parallel, Expectations: options.Expectations,
		Out: r.stdout, Text: text,
	}
	if variableOf(r.environ, "GOMEMLIMIT") == "" {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(memoryOf(min(r.targets.parallel, len(targets.Targets)))))
	}
	switch {
	case r.dryRun:
		return run.PreviewTargets(o)
	case r.github:
		return targetsOnGitHub(r.environ, r.stdout, func() (*result.Targets, error) { return run.Targets(ctx, o) })
	}
	_, err = run.Targets(ctx, o)
	return err
}
