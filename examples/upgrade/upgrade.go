package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gesconform/gesconform/gen"
)

// tries is how often the upgrade is sent at most, and how many reads of the job may be of no use
// in a row.
const tries = 5

const (
	maybeAccepted = "the upgrade may have been accepted, so look at the graph before you try again"
	outcomeOpen   = "the upgrade may still go on"
)

// An upgrade upgrades a graph to a version.
type upgrade struct {
	endpoint, token         string
	project, graph, version string
	force                   *bool         // to interrupt running work; nil to leave it out
	interval                time.Duration // between two reads of the job, and before a second try
	requestTimeout          time.Duration
	log                     io.Writer
	wait                    func(context.Context, time.Duration) error // fails if the context ends first
}

// run starts the upgrade and waits for its end. It returns nil if the job has succeeded, and never
// otherwise.
func (u *upgrade) run(ctx context.Context) error {
	client, err := u.newClient()
	if err != nil {
		return err
	}
	job, err := u.start(ctx, client)
	if err != nil {
		return errors.New(u.redact("start the upgrade: " + err.Error()))
	}
	u.say("job %s upgrades graph %s to %s", u.printable(job), u.graph, u.version)
	if err := u.follow(ctx, client, job); err != nil {
		return errors.New(u.redact("job " + u.printable(job) + ": " + err.Error()))
	}
	u.say("graph %s has been upgraded", u.graph)
	return nil
}

// start sends the upgrade and returns the id of its job. It sends it again only after an answer, or
// an error, that shows that it was not accepted: what was cut off, or failed inside the service, may
// still be carried out.
func (u *upgrade) start(ctx context.Context, client *gen.Client) (job string, err error) {
	body := gen.UpgradeGraphRequest{UpgradeVersion: u.version, ForceUpgrade: u.force}
	for try := 1; ; try++ {
		a, err := u.ask(ctx, func(ctx context.Context) (*http.Response, error) {
			return client.UpgradeGraph(ctx, u.project, u.graph, body)
		})
		job := a.text("job_id")
		switch {
		case err == nil && isSegment(job):
			return job, nil
		case err == nil: // whatever it says, it is no refusal
			return "", fmt.Errorf("expected HTTP 200 with the id of a job, got %q; %s", u.printable(job), maybeAccepted)
		case a.refused():
			return "", err
		case !a.retryable():
			return "", fmt.Errorf("%w; %s", err, maybeAccepted)
		case try == tries:
			return "", fmt.Errorf("%w; not accepted in %d tries", err, tries)
		}
		if err := u.waitAfter(ctx, a, err, try); err != nil {
			return "", err
		}
	}
}

// follow reads the job until it has ended. A read that fails, whether throttled, cut off, late or
// because the job is not shown yet, says nothing about the upgrade, so that it is repeated. A status
// that is not known here is not an end.
func (u *upgrade) follow(ctx context.Context, client *gen.Client, job string) error {
	useless, last := 0, ""
	for {
		a, err := u.ask(ctx, func(ctx context.Context) (*http.Response, error) {
			return client.ShowJob(ctx, u.project, u.graph, job)
		})
		status := a.text("status")
		switch {
		case a.status == http.StatusUnauthorized || a.status == http.StatusForbidden:
			return fmt.Errorf("%w; %s", err, outcomeOpen)
		case err == nil && (status == "" || a.text("job_id") != job):
			err = errors.New("the answer does not show the job")
		}
		if err != nil {
			if useless++; useless == tries {
				return fmt.Errorf("%w; %d reads in a row failed; %s", err, tries, outcomeOpen)
			}
			if err := u.waitAfter(ctx, a, err, useless); err != nil {
				return fmt.Errorf("%w; %s", err, outcomeOpen)
			}
			continue
		}
		useless = 0
		switch gen.JobStatus(status) {
		case gen.JobStatusSuccess:
			return nil
		case gen.JobStatusFailed, gen.JobStatusPartiallyFailed:
			return fmt.Errorf("%s: %s%s", status, u.printable(a.text("fail_reason")), u.code(a))
		default:
			if status != last {
				u.say("job %s: %s", u.printable(job), u.printable(status))
				last = status
			}
		}
		if err := u.wait(ctx, u.interval); err != nil {
			return fmt.Errorf("%s: %w; %s", u.printable(status), err, outcomeOpen)
		}
	}
}

// waitAfter waits after the nth failure in a row. It fails if the time does not suffice.
func (u *upgrade) waitAfter(ctx context.Context, a answer, failure error, n int) error {
	d := a.delay(u.interval, n).Round(time.Millisecond)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return fmt.Errorf("%w; the next try is due in %s, which is too late", failure, d)
	}
	u.say("%s; next try in %s", failure, d)
	if err := u.wait(ctx, d); err != nil {
		return fmt.Errorf("%w; %w", failure, err)
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (u *upgrade) say(format string, args ...any) {
	fmt.Fprintln(u.log, u.redact(fmt.Sprintf(format, args...)))
}

// redact removes the token, which an answer may repeat.
func (u *upgrade) redact(s string) string { return strings.ReplaceAll(s, u.token, "[token]") }
