package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/gesconform/gesconform/internal/evidence"
)

func newJudge(environ []string, stdout io.Writer) *cobra.Command {
	var document, output string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "judge DIR",
		Short: "Judge an earlier run again from its recorded exchanges, offline",
		Long: `Decide every case again, from plan.json and exchanges.jsonl in DIR, the output
folder of an earlier run, and print the report. Nothing is sent.

It fails if a file has changed since (SHA256SUMS), if the exchanges are not those of
the plan, or if results.json is not, byte for byte, what the exchanges give. For a
run that was killed, it reports what was found so far.

Exit status: 0 conforms; 1 deviates; 2 could not judge, or the folder was changed.`,
		Example: "  gesconform run --output report && gesconform judge report",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := loadContract(document)
			if err != nil {
				return err
			}
			_, text := describeTerminal(stdout, environ)
			text.Verbose = verbose
			_, err = evidence.Judge(evidence.JudgeOptions{Contract: c, Output: output, Out: stdout, Text: text}, args[0])
			return err
		},
	}
	cmd.Flags().StringVar(&document, "contract", "", "the OpenAPI document that the run was judged by (default: the built-in one)")
	cmd.Flags().StringVar(&output, "output", "", "write the reports to this folder, too")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "print the verdict of each case")
	return cmd
}
