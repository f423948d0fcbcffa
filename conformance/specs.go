package conformance

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/extensions/globals"
	"github.com/onsi/ginkgo/v2/formatter"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/gesconform/gesconform/conformance/cases"
	"github.com/gesconform/gesconform/conformance/engine"
	"github.com/gesconform/gesconform/conformance/judge"
	"github.com/gesconform/gesconform/conformance/target"
	"github.com/gesconform/gesconform/contract"
)

// A subject is one of the containers that the specs stand in: a file each.
type subject struct {
	name string
	// holds picks the cases that have their specs in it.
	holds func(*cases.Case) bool
	// aspects are sides of every answer. Each requirement that judges one has a
	// spec over all the answers of the run.
	aspects []contract.Aspect
}

// subjects is where each case has its spec: in the first that holds it.
var subjects = []subject{authentication, methods, lifecycle, refusals, schema, errorCodes}

// Specs are the specs of a run, registered with Ginkgo.
type Specs struct {
	suite    *suite
	parallel bool // several processes share the specs
	cancel   context.CancelFunc
	done     chan struct{}
}

// Register adds the specs of a run to the caller's Ginkgo suite, while its tree
// is built. What config says of the risk and the labels counts here; the rest
// may come with Start.
func Register(config target.Config) (*Specs, error) {
	c, err := contract.Default()
	if err != nil {
		return nil, err
	}
	s, err := newSuite(c, config)
	if err != nil {
		return nil, err
	}
	return register(s), nil
}

func register(s *suite) *Specs {
	config, _ := ginkgo.GinkgoConfiguration()
	specs := &Specs{suite: s, parallel: config.ParallelTotal > 1}
	placed := map[string]bool{}
	for _, subject := range subjects {
		ginkgo.Describe(subject.name, func() {
			for _, k := range s.selected {
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
func (s *Specs) Start(config target.Config) error {
	if err := s.suite.prepare(config, engine.Hooks{}); err != nil {
		return err
	}
	s.start(context.Background())
	return s.suite.engine.Preflight(context.Background())
}

func (s *Specs) start(ctx context.Context) {
	ctx, s.cancel = context.WithCancel(ctx)
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		if !s.parallel { // else each process sends what its own specs need
			s.suite.engine.Run(ctx, s.suite.selected)
		}
	}()
}

// Stop ends the run. It is called from the suite's AfterSuite.
func (s *Specs) Stop() {
	if s.cancel != nil {
		s.cancel()
		<-s.done
		s.suite.engine.Close()
	}
}

// addCase adds the spec of a case. Its location is the clause of the contract.
func (s *Specs) addCase(k *cases.Case) {
	decorators := []any{ginkgo.Label(k.Labels...), s.location(k.Requirement)}
	if s.parallel && s.suite.serial(k) {
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
			gomega.Expect(r).To(conform(s.suite.contract, s.suite.config.Strict))
		}
	})...)
}

func (s *Specs) location(requirement string) types.CodeLocation {
	line := 0
	if r := s.suite.contract.Requirement(requirement); r != nil {
		line = r.Line
	}
	return types.NewCustomCodeLocation(fmt.Sprintf("%s:%d %s", s.suite.contract.Name(), line, requirement))
}

// await returns the result of a case. Where several processes share the specs,
// it sends what is missing: a process that has a serial spec has all of them.
func (s *Specs) await(ctx context.Context, k *cases.Case) judge.Result {
	switch {
	case !s.parallel:
	case s.suite.serial(k):
		s.suite.engine.Run(ctx, s.suite.serials())
	default:
		s.suite.engine.One(ctx, k)
	}
	return s.suite.engine.Await(ctx, k.ID)
}

// addAspect adds a spec for each requirement that judges an aspect of every
// answer: no answer of this process deviates. It comes after all others.
func (s *Specs) addAspect(aspect contract.Aspect) {
	for _, r := range s.suite.contract.Requirements() {
		if r.Judges != aspect {
			continue
		}
		ginkgo.It(r.ID+": "+r.Text, ginkgo.Serial, ginkgo.Label(string(r.Level), r.ID), s.location(r.ID), func(ctx ginkgo.SpecContext) {
			if !s.parallel {
				s.suite.engine.Wait(ctx)
			}
			judged := 0
			for _, result := range s.suite.engine.Results() {
				only := result
				only.Findings = nil
				for _, f := range result.Findings {
					if f.Requirement == r.ID {
						only.Findings = append(only.Findings, f)
						judged++
					}
				}
				gomega.Expect(only).To(conform(s.suite.contract, s.suite.config.Strict))
			}
			if judged == 0 {
				ginkgo.Skip("not-applicable: no answer of the selected cases shows it")
			}
		})
	}
}

// failer is what RunSpecs needs of a test.
type failer struct{}

func (failer) Fail() {}

// runSpecs runs the specs within a plain binary, where Ginkgo's own console and
// its signal handling would be in the way.
func (s *suite) runSpecs(ctx context.Context) {
	globals.Reset() // of an earlier run in this process
	gomega.RegisterFailHandler(ginkgo.Fail)
	specs := register(s)
	specs.start(ctx)
	stdout := formatter.ColorableStdOut
	formatter.ColorableStdOut = io.Discard
	suiteConfig, reporterConfig := ginkgo.GinkgoConfiguration()
	ginkgo.RunSpecs(failer{}, "gesconform", suiteConfig, reporterConfig)
	formatter.ColorableStdOut = stdout
	signal.Reset(os.Interrupt, syscall.SIGTERM)
	if ctx.Err() != nil {
		specs.cancel()
	}
	<-specs.done
}
