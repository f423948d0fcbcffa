package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/client/service"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
)

// checkServe checks the flags for scenarios that somebody else runs the client in.
func (r *clientRun) checkServe(given map[string]bool, args []string) error {
	switch {
	case !r.serve && given["addr"]:
		return errors.New("addr: expected --serve with it, got none")
	case !r.serve:
		return nil
	case len(args) > 0:
		return fmt.Errorf("serve: expected no command with it, for whoever asks for a scenario runs the client; got %.100q", args[0])
	case given["concurrency"]:
		return errors.New("concurrency: cannot be combined with --serve, for whoever asks for a scenario runs the client")
	case !onLoopback(r.addr):
		return fmt.Errorf("addr: expected HOST:PORT with a loopback address, such as 127.0.0.1:0, for each scenario is served there, on a port of its own; got %.100q", r.addr)
	}
	return nil
}

// serveScenarios has run judge a client that somebody else runs.
func (r *clientRun) serveScenarios(o *run.ClientOptions, options client.Options) {
	out := r.stdout
	if !r.as.IsText() {
		out = r.stderr
	}
	fails := failing(o)
	o.Judge = func(ctx context.Context, judged func(judge.Result)) ([]judge.Result, bool, string, error) {
		var listen net.ListenConfig
		listener, err := listen.Listen(ctx, "tcp", r.addr)
		if err != nil {
			return nil, false, "", fmt.Errorf("serve on %s: %w; try another --addr HOST:PORT", r.addr, err)
		}
		defer listener.Close() // already closed if it has served
		options.Judged = judged
		report, err := service.Serve(ctx, listener, options, fails, func(url string) error {
			_, err := fmt.Fprintln(out, url)
			return err
		})
		return report.Results, report.Waits, report.Failure, err
	}
}

// failing returns whether a result would fail a run that has no other.
func failing(o *run.ClientOptions) func(judge.Result) bool {
	return func(r judge.Result) bool {
		run := result.Run{Started: time.Now(), Client: &o.Client, Target: result.Target{Strict: o.Strict}}
		run = result.Summarise(o.Contract, run, []judge.Result{r})
		run.Expect(o.Expectations)
		return r.Verdict == judge.Error || len(run.Broken()) > 0
	}
}
