// Package conformance has the Ginkgo specs that judge a deployment of the Graph Engine
// Service by the contract, one spec per case. Register adds them to a Ginkgo suite; the
// suite of this package judges the deployment that the GESCONFORM_* variables name, or the
// fake server if there are none.
package conformance

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/gesconform/gesconform/conformancetest"
	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/labelfilter"
)

// A Target is the deployment under test, and how far a run may go. One without a URL is
// configured by the GESCONFORM_* variables, like `gesconform run`.
type Target = conformancetest.Target

// Specs are the specs of a run, registered with Ginkgo.
type Specs struct {
	contract *contract.Contract
	config   config.Config
	all      []*cases.Case
	selected []*cases.Case
	parallel bool // several processes share the specs
	engine   *engine.Engine
	cancel   context.CancelFunc
	done     chan struct{}
}

// Register adds the specs of a run to the caller's Ginkgo suite. It is called while the
// spec tree is built, and uses the target's risk and GESCONFORM_LABEL_FILTER; the other
// fields may be set in the target of Start.
func Register(target Target) (*Specs, error) {
	c, err := contract.Default()
	if err != nil {
		return nil, err
	}
	cfg, err := configOf(target)
	if err != nil {
		return nil, err
	}
	all, err := cases.Of(c)
	if err != nil {
		return nil, err
	}
	if err := engine.Check(all); err != nil {
		return nil, err
	}
	selected, err := labelfilter.Select(all, cfg.LabelFilter)
	if err != nil {
		return nil, err
	}
	ginkgoConfig, _ := ginkgo.GinkgoConfiguration()
	s := &Specs{contract: c, config: cfg, all: all, selected: selected, parallel: ginkgoConfig.ParallelTotal > 1}
	placed := map[string]bool{}
	for _, subject := range subjects {
		ginkgo.Describe(subject.name, func() {
			for _, k := range selected {
				if !placed[k.ID] && subject.holds(k) {
					placed[k.ID] = true
					s.addCase(k)
				}
			}
			for _, aspect := range subject.aspects {
				s.addAspect(aspect)
			}
		})
	}
	return s, nil
}

// configOf returns the configuration of a run against a target.
func configOf(target Target) (config.Config, error) {
	if target.URL != "" {
		deployment := config.Deployment(target)
		return deployment.Config()
	}
	cfg := config.Default()
	file, err := config.FileOf(os.Environ())
	if err == nil {
		_, err = config.Settle(&cfg, os.Environ(), file, nil)
	}
	return cfg, err
}

// Start starts sending the requests to the target. It is called from the suite's
// BeforeSuite, and returns an error if judging makes no sense, for example because nothing
// answers or the credentials are refused.
func (s *Specs) Start(target Target) error {
	cfg, err := configOf(target)
	if err != nil {
		return err
	}
	if err := cfg.Complete(); err != nil {
		return err
	}
	s.config = cfg
	s.engine = engine.New(s.contract, &s.config, s.all, s.selected, engine.Hooks{})
	var ctx context.Context
	ctx, s.cancel = context.WithCancel(context.Background())
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		if !s.parallel { // otherwise each process sends what its own specs need
			s.engine.Run(ctx, s.selected)
		}
	}()
	return s.engine.Preflight(ctx)
}

// Stop ends the run. It is called from the suite's AfterSuite.
func (s *Specs) Stop() {
	if s.cancel != nil {
		s.cancel()
		<-s.done
		s.engine.Close()
	}
}

// addCase adds the spec of a case. Its location is the clause of the contract.
func (s *Specs) addCase(k *cases.Case) {
	decorators := []any{ginkgo.Label(k.Labels...), s.location(k.Requirement)}
	if s.parallel && s.serial(k) {
		decorators = append(decorators, ginkgo.Serial)
	}
	ginkgo.It(k.ID, append(decorators, func(ctx ginkgo.SpecContext) {
		ginkgo.AddReportEntry("requirement", k.Requirement, types.ReportEntryVisibilityNever)
		switch r := s.await(ctx, k); r.Verdict {
		case judge.Masked, judge.NotApplicable:
			ginkgo.Skip(string(r.Verdict) + ": " + r.Reason)
		case judge.Error:
			ginkgo.Fail("could not be judged: " + r.Reason)
		default:
			gomega.Expect(r).To(conform(s.contract, s.config.Strict))
		}
	})...)
}

func (s *Specs) serial(k *cases.Case) bool { return engine.Serial(k, s.config.Risk) }

func (s *Specs) location(requirement string) types.CodeLocation {
	line := 0
	if r := s.contract.Requirement(requirement); r != nil {
		line = r.Line
	}
	return types.NewCustomCodeLocation(fmt.Sprintf("%s:%d %s", s.contract.Name(), line, requirement))
}

// await returns the result of a case. If several processes share the specs, it sends what
// is missing: the process that has one serial spec has all of them.
func (s *Specs) await(ctx context.Context, k *cases.Case) judge.Result {
	switch {
	case !s.parallel:
	case s.serial(k):
		s.engine.Run(ctx, slices.DeleteFunc(slices.Clone(s.selected), func(k *cases.Case) bool { return !s.serial(k) }))
	default:
		s.engine.One(ctx, k)
	}
	return s.engine.Await(ctx, k.ID)
}

// addAspect adds a spec for each requirement about an aspect of every answer: no answer in
// this process deviates. It runs after all others.
func (s *Specs) addAspect(aspect contract.Aspect) {
	for _, r := range s.contract.Requirements() {
		if r.Judges != aspect || aspect == contract.AspectInTime && s.config.MaxResponseTime == 0 {
			continue
		}
		ginkgo.It(r.ID+": "+r.Text, ginkgo.Serial, ginkgo.Label(string(r.Level), r.ID), s.location(r.ID), func(ctx ginkgo.SpecContext) {
			if !s.parallel {
				s.engine.Wait(ctx)
			}
			judged := 0
			for _, result := range s.engine.Results() {
				only := result
				only.Findings = nil
				for _, f := range result.Findings {
					if f.Requirement == r.ID {
						only.Findings = append(only.Findings, f)
						judged++
					}
				}
				gomega.Expect(only).To(conform(s.contract, s.config.Strict))
			}
			if judged == 0 {
				ginkgo.Skip("not-applicable: no answer of the selected cases shows it")
			}
		})
	}
}
