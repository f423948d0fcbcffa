package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
)

func newJudge(environ []string, stdout io.Writer) *cobra.Command {
	var output, expect string
	var document documentFlags
	var force bool
	var view viewFlags
	cmd := &cobra.Command{
		Use:   "judge DIR",
		Short: "Judge an earlier run again from its recorded exchanges, offline",
		Long: `Decide every case again, from plan.json and exchanges.jsonl in DIR, the output
folder of an earlier run, and print the report. Nothing is sent. A client is judged
again from exchanges.jsonl and from what results.json says that it said and printed.

It fails if a file has changed since (SHA256SUMS), if the exchanges are not those of
the plan, or if results.json or a report is not, byte for byte, what the exchanges
give. For a run that was killed, it reports what was found so far.

Exit status: 0 conforms; 1 deviates; 2 could not judge, or the folder was changed.`,
		Example:           "  gesconform run --output report && gesconform judge report",
		ValidArgsFunction: folders,
		Args:              cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := document.path(flagsSet(cmd.Flags()))
			if err != nil {
				return err
			}
			c, err := loadContract(cmd.Context(), path)
			if err != nil {
				return err
			}
			defer limitMemory(environ, memoryOfJudging)()
			if err := view.check(flagsSet(cmd.Flags()), false); err != nil {
				return err
			}
			options := evidence.JudgeOptions{Client: clientJudge(), Document: run.DocumentAgain, Contract: c, Output: output, Force: force, Out: stdout, Text: view.text(stdout, environ)}
			judge := func() (result.Run, error) { return evidence.Judge(cmd.Context(), options, args[0]) }
			if expect != "" {
				judge = thenWriteExpect(expect, namesIn(c), judge)
			}
			_, err = judge()
			return err
		},
	}
	document.flags(cmd.Flags(), "that the run was judged by")
	cmd.Flags().StringVar(&output, "output", "", "write the reports to this folder, too")
	cmd.Flags().BoolVar(&force, "force", false, "replace the files of an earlier run in the folder of --output")
	cmd.Flags().StringVar(&expect, "write-expect", "", "write the deviations of the run to this new file, for --expect, once somebody has added reasons, tickets and dates")
	view.flags(cmd.Flags(), false)
	return cmd
}
