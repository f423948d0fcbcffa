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
		Short: "Judge an earlier run once more by its exchanges, offline",
		Long: `Decides every case once more by plan.json and exchanges.jsonl in DIR, the output
folder of an earlier run, and prints the report. Nothing is sent. It makes sure
that no file was changed since (SHA256SUMS), that the exchanges are those of the
plan, and that results.json is what they give, byte for byte. Of a run that was
killed it reports what was found until then.

Exit status: 0 conforms; 1 deviates; 2 could not judge, or the folder is not as
the run left it.`,
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
	cmd.Flags().StringVar(&document, "contract", "", "the OpenAPI document that the run was judged by; the one that is built in by default")
	cmd.Flags().StringVar(&output, "output", "", "the folder for the reports; without it they are only printed")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "say what became of each case")
	return cmd
}
