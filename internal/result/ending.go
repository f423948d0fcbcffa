package result

import (
	"errors"

	"github.com/gesconform/gesconform/internal/judge"
)

// ErrDeviates is the error of a run that found deviations, of a deployment or of a client. Its
// report lists them.
var ErrDeviates = errors.New("the target deviates from the contract")

// Ending returns the error that a run ends with: nil if the target conforms, and
// ErrDeviates if it deviates. Otherwise it is interrupted, the error of the run's
// context, if that is not nil, or says why the target could not be judged.
func (run *Run) Ending(interrupted error) error {
	if run.Failure != "" && run.Verdict != judge.Deviates {
		return ending(run.Verdict, run.Failure, interrupted)
	}
	return ending(run.Verdict, run.Headline, interrupted)
}

// Ending returns the error that a run against many targets ends with, like that of a Run.
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
