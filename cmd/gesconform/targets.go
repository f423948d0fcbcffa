package main

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
	"github.com/gesconform/gesconform/internal/session"
)

// defaultParallel is how many targets are judged at once by default.
const defaultParallel = 16

// memoryOf returns the memory limit, in bytes, for judging so many targets at once. main
// makes the garbage collector run rarely, which would take too much memory with many.
func memoryOf(targets int) int64 { return 40<<20 + int64(targets)*(6<<17) }

// memoryLimits are the limits of the runs in this process. The process has their sum as its limit,
// and its own again when all have ended.
var memoryLimits struct {
	sync.Mutex
	runs       int
	sum, other int64
}

// memoryOfJudging is the memory limit for judging earlier runs. Larger ones exceed it as far as
// they must.
const memoryOfJudging = 96 << 20

// limitMemory adds a limit, until release is called. A limit in the environment counts instead.
func limitMemory(environ []string, limit int64) (release func()) {
	if variableOf(environ, "GOMEMLIMIT") != "" {
		return func() {}
	}
	m := &memoryLimits
	add := func(runs int, limit int64) {
		m.Lock()
		defer m.Unlock()
		if m.runs == 0 {
			m.other = debug.SetMemoryLimit(-1)
		}
		m.runs, m.sum = m.runs+runs, m.sum+limit
		if m.runs == 0 {
			debug.SetMemoryLimit(m.other)
			return
		}
		debug.SetMemoryLimit(m.sum)
	}
	add(1, limit)
	return func() { add(-1, -limit) }
}

// targetsFlags are the flags for many targets, and for shards.
type targetsFlags struct {
	file     string // the targets file
	shard    string
	parallel int
}

func (f *targetsFlags) flags(flags *pflag.FlagSet) {
	flags.StringVar(&f.file, "targets", "", "judge all deployments in this YAML file, and write a folder for each and a matrix of requirements and targets")
	flags.IntVar(&f.parallel, "parallel", defaultParallel, "maximum number of targets to judge at once")
	flags.StringVar(&f.shard, "shard", "", "run only part I of N, such as 0/4: of the targets or, without --targets, of the cases; 'gesconform merge' joins the results")
}

// check returns an error for flags that do not go together.
func (f *targetsFlags) check(given map[string]bool, files *inputs) (shard session.Shard, err error) {
	if f.shard != "" {
		if shard, err = session.ParseShard(f.shard); err != nil {
			return shard, err
		}
	}
	switch {
	case f.file == "" && given["parallel"]:
		return shard, errors.New("parallel: expected --targets FILE with it, got none")
	case f.file != "" && files.plan != "":
		return shard, errors.New("plan: cannot be combined with --targets, a plan is for one deployment; run each plan separately")
	case f.file != "" && files.baseline != "":
		return shard, errors.New("baseline: cannot be combined with --targets, a baseline is a run against one deployment; compare each separately")
	case f.file == "" && f.shard != "" && files.plan != "":
		return shard, errors.New("shard: cannot be combined with --plan, which already says which cases are sent")
	}
	return shard, nil
}

// judgeTargets judges the targets in a file. The options apply to all of them.
func (r *runner) judgeTargets(ctx context.Context, given map[string]bool, file *config.File, options *run.Options) error {
	targets, err := config.LoadTargets(r.targets.file, &r.config, given, file, r.environ)
	if err != nil {
		return err
	}
	r.warn(targets.Warnings)
	o := run.TargetsOptions{
		Contract: options.Contract, File: targets, Shard: options.Shard, Parallel: r.targets.parallel, Expectations: options.Expectations, Force: options.Force,
		Out: r.stdout, Text: r.text(r.stdout, r.environ),
	}
	o.Progress, _ = r.progress(r.stdout, r.stderr)
	defer limitMemory(r.environ, memoryOf(min(r.targets.parallel, len(targets.Targets))))()
	switch {
	case r.checks:
		return run.CheckTargets(ctx, o, r.asJSON)
	case r.dryRun:
		return run.PreviewTargets(o)
	case r.github:
		return targetsOnGitHub(r.environ, r.stdout, func() (*result.Targets, error) { return run.Targets(ctx, o) })
	}
	_, err = run.Targets(ctx, o)
	return err
}
