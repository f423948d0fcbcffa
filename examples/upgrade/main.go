// Command upgrade upgrades a graph with the generated client, and waits for the job:
//
//	GES_TOKEN=… upgrade -endpoint URL -project ID -graph ID -version 2.2.17
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/gesconform/gesconform/gen"
)

func main() {
	endpoint := flag.String("endpoint", "", "the service's base URL, https://HOST[:PORT]")
	var u upgrade
	flag.StringVar(&u.project, "project", "", "the project's id")
	flag.StringVar(&u.graph, "graph", "", "the graph's id")
	flag.StringVar(&u.version, "version", "", "the version to upgrade to")
	flag.DurationVar(&u.interval, "interval", 5*time.Second, "the time between two reads of the job")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	client, err := newClient(*endpoint, os.Getenv("GES_TOKEN"))
	if err == nil {
		err = u.run(ctx, client)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "upgrade:", err)
		os.Exit(1)
	}
	fmt.Printf("graph %s has version %s\n", u.graph, u.version)
}

// newClient returns a client that sends a token with each request. It follows no redirects,
// which would forward the token.
func newClient(endpoint, token string) (*gen.ClientWithResponses, error) {
	plain := &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return gen.NewClientWithResponses(endpoint, gen.WithHTTPClient(plain), gen.WithRequestEditorFn(
		func(_ context.Context, r *http.Request) error {
			r.Header.Set("X-Auth-Token", token)
			return nil
		}))
}

// An upgrade upgrades a graph to a version.
type upgrade struct {
	project, graph, version string
	interval                time.Duration // between two reads of the job
}

// run starts the upgrade and waits until its job has ended. A failed job is an error; the
// graph then has its old version.
func (u *upgrade) run(ctx context.Context, client gen.ClientWithResponsesInterface) error {
	started, err := client.UpgradeGraphWithResponse(ctx, u.project, u.graph, gen.UpgradeGraphRequest{UpgradeVersion: u.version})
	switch {
	case err != nil:
		return fmt.Errorf("start the upgrade: %w", err)
	case started.JSON200 == nil:
		return fmt.Errorf("start the upgrade: %w", refusal(started.Status(), started.Body))
	case started.JSON200.JobID == "": // neither accepted nor refused
		return errors.New("start the upgrade: expected a job_id, got none")
	}
	for {
		shown, err := client.ShowJobWithResponse(ctx, u.project, u.graph, started.JSON200.JobID)
		switch {
		case err != nil:
			return fmt.Errorf("read job %s: %w", started.JSON200.JobID, err)
		case shown.JSON200 == nil:
			return fmt.Errorf("read job %s: %w", started.JSON200.JobID, refusal(shown.Status(), shown.Body))
		}
		switch job := shown.JSON200; job.Status {
		case gen.JobStatusSuccess:
			return nil
		case gen.JobStatusPending, gen.JobStatusRunning:
		default:
			reason := "no reason is given"
			if job.FailReason != nil {
				reason = *job.FailReason
			}
			return fmt.Errorf("job %s ended as %s: %s", job.JobID, job.Status, reason)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(u.interval):
		}
	}
}

// refusal returns the error in an answer that is not a success.
func refusal(status string, body []byte) error {
	var e gen.Error
	if json.Unmarshal(body, &e) != nil || e.ErrorCode == "" {
		return errors.New(status)
	}
	return fmt.Errorf("%s: %s: %s", status, e.ErrorCode, e.ErrorMsg)
}
