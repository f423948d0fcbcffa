// Package conformance has the Ginkgo specs that judge a deployment of the Graph
// Engine Service by the contract, one spec a case. Register puts them into a Ginkgo
// suite of the caller's; the suite of this package judges the fake server, or what
// the GESCONFORM_* variables name.
package conformance

import (
	"context"
	"fmt"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/run"
)

// Specs are the specs of a run, registered with Ginkgo.
type Specs struct {
	session  *run.Session
	parallel bool // several processes share the specs
	cancel   context.CancelFunc
	done     chan struct{}
}

// Register adds the specs of a run to the caller's Ginkgo suite, while its tree
// is built. What config says of the risk and the labels counts here; the rest
// may come with Start.
func Register(cfg config.Config) (*Specs, error) {
	c, err := contract.Default()
	if err != nil {
		return nil, err
	}
	s, err := run.NewSession(c, cfg)
	if err != nil {
		return nil, err
	}
	return register(s), nil
}

func register(s *run.Session) *Specs {
	cfg, _ := ginkgo.GinkgoConfiguration()
	specs := &Specs{session: s, parallel: cfg.ParallelTotal > 1}
	placed := map[string]bool{}
	for _, subject := range subjects {
		ginkgo.Describe(subject.name, func() {
			for _, k := range s.Selected() {
				if !placed[k.ID] && subject.holds(k) {
					placed[k.ID] = true
					specs.addCase(k)
				}
			}
			for _, aspect := range subject.aspects {
				specs.addAspect(aspect)
			}
		})
	}
	return specs
}

// Start sends the requests to the target that config describes. It is called
// from the suite's BeforeSuite.
func (s *Specs) Start(cfg config.Config) error {
	if err := s.session.Prepare(cfg, engine.Hooks{}); err != nil {
		return err
	}
	s.start(context.Background())
	return s.session.Engine().Preflight(context.Background())
}

func (s *Specs) start(ctx context.Context) {
	ctx, s.cancel = context.WithCancel(ctx)
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		if !s.parallel { // else each process sends what its own specs need
			s.session.Engine().Run(ctx, s.session.Selected())
		}
	}()
}

// Stop ends the run. It is called from the suite's AfterSuite.
func (s *Specs) Stop() {
	if s.cancel != nil {
		s.cancel()
		<-s.done
		s.session.Engine().Close()
	}
}

// addCase adds the spec of a case. Its location is the clause of the contract.
func (s *Specs) addCase(k *cases.Case) {
	decorators := []any{ginkgo.Label(k.Labels...), s.location(k.Requirement)}
	if s.parallel && s.session.Serial(k) {
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
			gomega.Expect(r).To(conform(s.session.Contract(), s.session.Strict()))
		}
	})...)
}

func (s *Specs) location(requirement string) types.CodeLocation {
	line := 0
	if r := s.session.Contract().Requirement(requirement); r != nil {
		line = r.Line
	}
	return types.NewCustomCodeLocation(fmt.Sprintf("%s:%d %s", s.session.Contract().Name(), line, requirement))
}

// await returns the result of a case. Where several processes share the specs,
// it sends what is missing: a process that has a serial spec has all of them.
func (s *Specs) await(ctx context.Context, k *cases.Case) judge.Result {
	switch {
	case !s.parallel:
	case s.session.Serial(k):
		s.session.Engine().Run(ctx, s.session.Serials())
	default:
		s.session.Engine().One(ctx, k)
	}
	return s.session.Engine().Await(ctx, k.ID)
}

// addAspect adds a spec for each requirement that judges an aspect of every
// answer: no answer of this process deviates. It comes after all others.
func (s *Specs) addAspect(aspect contract.Aspect) {
	for _, r := range s.session.Contract().Requirements() {
		if r.Judges != aspect {
			continue
		}
		ginkgo.It(r.ID+": "+r.Text, ginkgo.Serial, ginkgo.Label(string(r.Level), r.ID), s.location(r.ID), func(ctx ginkgo.SpecContext) {
			if !s.parallel {
				s.session.Engine().Wait(ctx)
			}
			judged := 0
			for _, result := range s.session.Engine().Results() {
				only := result
				only.Findings = nil
				for _, f := range result.Findings {
					if f.Requirement == r.ID {
						only.Findings = append(only.Findings, f)
						judged++
					}
				}
				gomega.Expect(only).To(conform(s.session.Contract(), s.session.Strict()))
			}
			if judged == 0 {
				ginkgo.Skip("not-applicable: no answer of the selected cases shows it")
			}
		})
	}
}
