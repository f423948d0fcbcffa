// Command upgrade upgrades a graph to a later version with the generated client, and waits until
// the upgrade has ended:
//
//	export GESCONFORM_TOKEN=…
//	upgrade -endpoint URL -project ID -graph ID -version 2.2.17
//
// The exit status is 0 if the graph was upgraded, 1 if not or if that is unknown, 2 if the command
// is wrong, and 77 without a token. It is meant to be copied: upgrade.go does what a client of
// this service must do, and answer.go reads what the service says.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	// There is no flag for the token, for others on the machine can see flags.
	u := upgrade{token: os.Getenv("GESCONFORM_TOKEN"), log: os.Stdout, wait: wait}
	flag.StringVar(&u.endpoint, "endpoint", os.Getenv("GESCONFORM_ENDPOINT"), "the service's `URL`, https://HOST[:PORT]")
	flag.StringVar(&u.project, "project", os.Getenv("GESCONFORM_PROJECT_ID"), "the project's `ID`")
	flag.StringVar(&u.graph, "graph", os.Getenv("GESCONFORM_GRAPH_ID"), "the graph's `ID`")
	flag.StringVar(&u.version, "version", os.Getenv("GESCONFORM_UPGRADE_VERSION"), "the `version` to upgrade to; the first of a list")
	force := flag.String("force", os.Getenv("GESCONFORM_FORCE_UPGRADE"), "whether to interrupt running work or to wait for it, a `boolean`; without it, nothing is said of that")
	flag.DurationVar(&u.interval, "interval", 2*time.Second, "the `time` between two reads of the job, and before a second try")
	flag.DurationVar(&u.requestTimeout, "request-timeout", 15*time.Second, "the longest that a request may take")
	timeout := flag.Duration("timeout", time.Hour, "the longest that everything may take")
	flag.Parse()

	u.version, _, _ = strings.Cut(u.version, ",") // the file of `gesconform fake --env-file` has several
	if *force != "" {
		forced, err := strconv.ParseBool(*force)
		if err != nil {
			exit(2, fmt.Errorf("-force: expected true or false, got %q", *force))
		}
		u.force = &forced
	}
	switch {
	case flag.NArg() > 0 || u.endpoint == "" || u.project == "" || u.graph == "" || u.version == "" || u.interval <= 0:
		exit(2, errors.New("expected -endpoint, -project, -graph, -version, an -interval above 0 and nothing else; see -help"))
	case u.token == "":
		exit(77, errors.New("GESCONFORM_TOKEN is not set"))
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	err := u.run(ctx)
	cancel()
	stop()
	if err != nil {
		exit(1, err)
	}
}

func exit(status int, err error) {
	fmt.Fprintln(os.Stderr, "upgrade:", err)
	os.Exit(status)
}
