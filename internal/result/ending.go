package result

import (
	"errors"

	"github.com/gesconform/gesconform/internal/judge"
)

// ErrDeviates is what a run ends with that found deviations; its report says
// which.
var ErrDeviates = errors.New("the target deviates from the contract")

// Ending is the error that a run ends with: nil if the target conforms, interrupted
// (a context's error) where the run was and no deviation was found before, else what
// kept it from judging.
func (run *Run) Ending(interrupted error) error {
	if run.Failure != "" && run.Verdict != judge.Deviates {
		return ending(run.Verdict, run.Failure, interrupted)
	}
	return ending(run.Verdict, run.Headline, interrupted)
}

// Ending is the same of many targets.
func (t *Targets) Ending(interrupted error) error { return ending(t.Verdict, t.Headline, interrupted) }

func ending(v judge.Verdict, why string, interrupted error) error {
	switch {
	case v == judge.Deviates:
		return errors.Join(ErrDeviates, interrupted)
	case interrupted != nil:
		return interrupted
	case v != judge.Conforms:
		return errors.New(why)
	}
	return nil
}
