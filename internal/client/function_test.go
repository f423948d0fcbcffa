package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
)

// A badError is an error whose text cannot be had of a nil pointer, as that of many types.
type badError struct{ text string }

func (b *badError) Error() string { return b.text }

func TestFunc(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		call    func(context.Context, Endpoint) error
		said    judge.Said
		reason  string // a part of it
		printed string // likewise
	}{
		{name: "nil", call: func(context.Context, Endpoint) error { return nil }, said: judge.SaidSuccess},
		{
			name: "an error", call: func(_ context.Context, e Endpoint) error { return errors.New("refused: " + e.GraphID) },
			said: judge.SaidFailure, reason: "refused: g1", printed: "refused: g1\n",
		},
		{
			name: "not applicable", call: func(context.Context, Endpoint) error { return fmt.Errorf("no AK/SK: %w", ErrNotApplicable) },
			said: judge.SaidNotApplicable, reason: "no AK/SK: not applicable", printed: "no AK/SK",
		},
		{
			name: "a panic", call: func(context.Context, Endpoint) error { panic("out of range") },
			said: judge.SaidNothing, reason: "panic: out of range", printed: "function_test.go:", // the stack
		},
		{
			name: "a nil error that is not nil", call: func(context.Context, Endpoint) error { return (*badError)(nil) },
			said: judge.SaidNothing, reason: "panic: runtime error: invalid memory address", printed: "panic: ",
		},
		{
			name: "Goexit", call: func(context.Context, Endpoint) error { runtime.Goexit(); return nil },
			said: judge.SaidNothing, reason: "ended its goroutine, as FailNow",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			o := Func(tt.call).Drive(t.Context(), Endpoint{GraphID: "g1"}, &stdout, &stderr)
			if o.Said != tt.said || !strings.Contains(o.Reason, tt.reason) || (o.Reason == "") != (tt.reason == "") {
				t.Errorf("expected %s (%s), got %s (%s)", tt.said, tt.reason, o.Said, o.Reason)
			}
			if !strings.Contains(stderr.String(), tt.printed) || stdout.Len() > 0 {
				t.Errorf("expected %q on stderr and nothing on stdout, got %q and %q", tt.printed, &stderr, &stdout)
			}
		})
	}
}

// A function that returns because its context has ended still says how it went.
func TestFuncIsGivenTimeToReturn(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	o := Func(func(ctx context.Context, _ Endpoint) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	}).Drive(ctx, Endpoint{}, io.Discard, io.Discard)
	if o.Said != judge.SaidFailure || o.Reason != "context canceled" {
		t.Errorf("expected its error, got %s (%s)", o.Said, o.Reason)
	}
}

func TestFuncThatNeverReturnsIsLeftBehind(t *testing.T) {
	t.Parallel()
	release, returned := make(chan struct{}), make(chan struct{})
	f := function{grace: time.Millisecond, call: func(context.Context, Endpoint) error {
		defer close(returned)
		<-release
		return nil
	}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := f.Drive(ctx, Endpoint{}, io.Discard, io.Discard)
	if o.Said != judge.SaidNothing || !strings.Contains(o.Reason, "did not return within 1ms") {
		t.Errorf("expected nothing, and why, got %s (%s)", o.Said, o.Reason)
	}
	close(release)
	<-returned // nothing keeps it from ending after all
}

// Where the service hangs, a function is not left for as long as it may take elsewhere. What it says
// when its context ends is what it says of the scenario.
func TestFuncIsCutOffWhereTheServiceHangs(t *testing.T) {
	t.Parallel()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	all, err := Scenarios(c)
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(s *Scenario) bool { return s.Name != "success/plain" && s.Name != "hang/upgrade" })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // and not for an hour
	defer cancel()
	report, err := Run(ctx, Options{
		Contract: c, Scenarios: all, StartTimeout: time.Hour, ScenarioTimeout: time.Hour, HangTimeout: 10 * time.Millisecond,
		Driver: Func(func(ctx context.Context, e Endpoint) error {
			body := strings.NewReader(`{"upgrade_version":"` + e.UpgradeVersion + `"}`)
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL+"/v2/"+e.ProjectID+"/graphs/"+e.GraphID+"/upgrade", body)
			if err != nil {
				return err
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Auth-Token", e.Token)
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				return err
			}
			return answer.Body.Close()
		}),
	})
	if err != nil || len(report.Results) != 2 {
		t.Fatalf("expected two results, got %d (%v)", len(report.Results), err)
	}
	for _, r := range report.Results {
		if r.Verdict != judge.Conforms || (r.Client.Said == judge.SaidFailure) != (r.Case == "hang/upgrade") {
			t.Errorf("%s: expected it to conform, got %s: it said %s (%s)", r.Case, r.Verdict, r.Client.Said, r.Client.Reason)
		}
	}
}
