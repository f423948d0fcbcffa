// Command gesconform judges servers by any OpenAPI document. It also judges deployments of Huawei Cloud's
// Graph Engine Service, and clients of it, by the contract of its upgrade operation, and serves a fake
// one for tests.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/limits"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
)

// The exit statuses.
const (
	exitConforms    = 0
	exitDeviates    = 1
	exitNotJudged   = 2
	exitInterrupted = 130
)

func main() {
	debug.SetGCPercent(400) // a run is short: trade memory for time
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limits.Memory) // unless a target sends much
	}
	// net/http logs unsolicited responses, which may contain a credential.
	log.SetOutput(io.Discard)
	ctx, stop := interrupted(context.Background())
	status := execute(ctx, os.Args[1:], os.Environ(), outletOf(os.Stdout), outletOf(os.Stderr))
	stop()
	os.Exit(status)
}

// execute runs the command and returns its exit status.
func execute(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	root := newRoot(environ, stdout, stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	lost, isLost := errors.AsType[*run.WriteError](err)
	if isLost { // results could not be written: print that, whatever the verdict
		fmt.Fprintf(stderr, "gesconform: %s\n", oneLine(lost))
	}
	switch {
	case err == nil: // as for a fake that was interrupted, which is how it ends
		return exitConforms
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.Is(err, result.ErrDeviates), errors.Is(err, run.ErrChanged):
		return exitDeviates
	case !isLost:
		fmt.Fprintf(stderr, "gesconform: %s\n", oneLine(err))
	}
	return exitNotJudged
}

// oneLine returns an error on one line, without what a terminal could interpret, as the name of a
// file may have it.
func oneLine(err error) string {
	return printable.Line(strings.ReplaceAll(err.Error(), "\n", "; "))
}

func newRoot(environ []string, stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "gesconform",
		Short: "Judge servers by any OpenAPI document; deployments of the Graph Engine Service, and clients, by the contract of its upgrade operation",
		Long: `Test whether a server conforms to its OpenAPI document, whichever that is:

  gesconform run --spec openapi.yaml --endpoint http://127.0.0.1:8080

Without --spec, test whether a deployment of Huawei Cloud's Graph Engine Service (GES)
conforms to the published contract of one operation:

  POST /v2/{project_id}/graphs/{graph_id}/upgrade

It also judges clients of that operation, and serves a fake GES to test them with.

Exit status: 0 conforms; 1 deviates; 2 could not judge; 130 interrupted.`,
		Version:       config.ToolVersion,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return unknownCommand(cmd, args[0])
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.AddCommand(newRun(environ, stdout, stderr), newCheck(environ, stdout, stderr), newFake(stdout, stderr), newCases(stdout), newJudge(environ, stdout), newMerge(environ, stdout),
		newInit(stdout), newVersion(stdout), newClient(environ, stdout, stderr), newClean(environ, stdout, stderr))
	completeValues(root)
	sentences(root)
	return root
}
