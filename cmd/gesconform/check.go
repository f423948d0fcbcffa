package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/gesconform/gesconform/internal/config"
)

// newCheck returns a command with all flags of `gesconform run`, so that who has prepared a run only
// has to replace one word.
func newCheck(environ []string, stdout, stderr io.Writer) *cobra.Command {
	r := &runner{config: config.Default(), environ: environ, stdout: stdout, stderr: stderr, checks: true}
	r.config.Dial = dial
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Say whether a run makes sense, with reads only",
		Long: `Say whether ` + "`gesconform run`" + ` with the same flags and variables makes sense.

It only sends reads (GET), whatever --risk says, and writes no files: is the endpoint
the one that is meant, are the credentials accepted and how long are they valid, does
the graph run, is there a later version among those given, are the other tokens and
graphs what they are said to be, and what could be decided at most with each --risk.

Each line says ok, will not work (with these options), or unknown (no read shows it).

Exit status: 0 if nothing will not work; 2 otherwise; 130 interrupted.`,
		Example: `  gesconform check --risk destructive --upgrade-version 2.2.17
  gesconform check --targets targets.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return r.run(cmd.Context(), cmd.Flags()) },
	}
	r.flags(cmd.Flags())
	cmd.Flags().BoolVar(&r.asJSON, "json", false, "print JSON")
	for _, name := range []string{"dry-run", "verbose", "github", "baseline", "fail-on-change", "expect", "output"} { // about what a run prints and writes
		cmd.Flags().Lookup(name).Hidden = true
	}
	return cmd
}

// errDryCheck is returned for a check that must not send anything.
var errDryCheck = errors.New("dry-run: cannot be combined with check, which sends reads; `gesconform run --dry-run` sends nothing")
