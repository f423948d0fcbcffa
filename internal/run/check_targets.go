package run

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/session"
)

// A targetCheck is the check of one of many targets.
type targetCheck struct {
	Target string `json:"target"`
	Error  string `json:"error,omitempty"` // why it could not be checked
	session.Check
}

// CheckTargets does what Check does, for each target.
func CheckTargets(ctx context.Context, o TargetsOptions, asJSON bool) error {
	if o.Parallel < 1 || o.Parallel > 1000 {
		return fmt.Errorf("parallel: expected 1 to 1000, got %d", o.Parallel)
	}
	if err := o.check(); err != nil {
		return err
	}
	targets := targetsOf(o.Shard, o.File.Targets)
	all, senseless := make([]targetCheck, len(targets)), []string{}
	slots := make(chan struct{}, o.Parallel)
	var checks sync.WaitGroup
	for i := range targets {
		slots <- struct{}{}
		checks.Go(func() {
			all[i] = o.checkOne(ctx, &targets[i])
			<-slots
		})
	}
	checks.Wait()
	for i := range all {
		if !all[i].Sense {
			senseless = append(senseless, all[i].Target)
		}
	}
	if err := o.writeChecks(all, asJSON); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case len(senseless) > 0:
		return fmt.Errorf("a run does not make sense for %d of %d targets: %s", len(senseless), len(all), strings.Join(senseless, ", "))
	}
	return nil
}

func (o *TargetsOptions) checkOne(ctx context.Context, t *config.Target) targetCheck {
	one, err := targetCheck{Target: t.Name}, t.Unusable
	if err == nil {
		one.Check, err = check(ctx, Options{Options: session.Options{Contract: o.Contract, Config: t.Config, Expectations: o.Expectations}})
	}
	if err != nil {
		one.Error = err.Error()
	}
	one.Endpoint = t.Config.Endpoint
	return one
}

func (o *TargetsOptions) writeChecks(all []targetCheck, asJSON bool) error {
	if asJSON {
		return writeJSON(o.Out, all)
	}
	var b bytes.Buffer
	for i := range all {
		fmt.Fprintln(&b, all[i].Target)
		if all[i].Items != nil {
			_ = writeCheck(&b, &all[i].Check) // a buffer never fails
		}
		if all[i].Error != "" {
			fmt.Fprintln(&b, "could not be checked: "+all[i].Error)
		}
		fmt.Fprintln(&b)
	}
	_, err := o.Out.Write(b.Bytes())
	return err
}
