package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
)

// ErrNotApplicable is what a function returns, or wraps, for a scenario that it cannot do.
var ErrNotApplicable = errors.New("not applicable")

// grace is how long a function has to return once its context has ended.
const grace = 5 * time.Second

// Func returns a driver whose client is a function of this process: it says that it succeeded by
// returning nil, and that it failed by an error. The error's text counts as printed.
//
// A function cannot be ended from outside. One that has not returned some time after its context
// has ended is left behind, and its outcome says so.
func Func(f func(ctx context.Context, e Endpoint) error) Driver { return function{f, grace} }

type function struct {
	call  func(ctx context.Context, e Endpoint) error
	grace time.Duration
}

// Drive implements Driver.
func (f function) Drive(ctx context.Context, e Endpoint, _, stderr io.Writer) judge.ClientOutcome {
	ended := make(chan ending, 1)
	go f.run(ctx, e, ended)
	var end ending
	select {
	case end = <-ended:
	case <-ctx.Done():
		select {
		case end = <-ended:
		case <-time.After(f.grace):
			end = ending{said: judge.SaidNothing, reason: fmt.Sprintf("it did not return within %s of the end of its context, and is left behind", f.grace)}
		}
	}
	if end.printed != "" {
		_, _ = io.WriteString(stderr, end.printed+"\n") // what cannot be kept is not shown
	}
	return judge.ClientOutcome{Said: end.said, Reason: end.reason}
}

// An ending is how a call of a function has ended.
type ending struct {
	said            judge.Said
	reason, printed string
}

// run calls the function, in a goroutine of its own, and always sends how that ended.
func (f function) run(ctx context.Context, e Endpoint, ended chan<- ending) {
	end := ending{said: judge.SaidNothing, reason: "it ended its goroutine, as FailNow of testing.T does, instead of returning"}
	defer func() {
		if p := recover(); p != nil {
			text := fmt.Sprintf("panic: %v", p)
			end = ending{said: judge.SaidNothing, reason: text, printed: text + "\n\n" + string(debug.Stack())}
		}
		ended <- end
	}()
	err := f.call(ctx, e)
	switch {
	case err == nil:
		end = ending{said: judge.SaidSuccess}
	case errors.Is(err, ErrNotApplicable):
		end = ending{said: judge.SaidNotApplicable, reason: err.Error()}
	default:
		end = ending{said: judge.SaidFailure, reason: err.Error()}
	}
	end.printed = end.reason
}
