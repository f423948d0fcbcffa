package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/result"
)

func newMerge(environ []string, stdout io.Writer) *cobra.Command {
	var document, output, require string
	var github, force bool
	var view viewFlags
	cmd := &cobra.Command{
		Use:   "merge --output OUT DIR…",
		Short: "Merge the results of shards, or of several runs, and compare the targets",
		Long: `Read the results in each DIR, the output folder of a run or a folder of such
folders, and write them to OUT: a folder for each target, and a matrix of
requirements and targets (matrix.html, matrix.md, matrix.json).

Runs against the same endpoint, project and graph are merged: all their cases (of one
that was judged twice, the worse verdict) and all their exchanges, renumbered. If
there is only one run against a target, it is copied unchanged, including plan.json
and SHA256SUMS.

Each run is judged again. Merge refuses results that the exchanges do not give, those
of another contract or another version of results.json, and files that have changed
since their run. It takes one run at a time into memory. Different versions of the suite are only noted.
If a shard is missing, the exit status is 2, unless something deviates.

Exit status: 0 conforms; 1 deviates; 2 could not judge.`,
		Example:           "  gesconform merge --output all shard-0 shard-1 shard-2 shard-3",
		ValidArgsFunction: folders,
		Args:              cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, folders []string) error {
			if err := view.check(flagsSet(cmd.Flags()), true); err != nil {
				return err
			}
			if err := view.checkGitHub(github); err != nil {
				return err
			}
			if output == "" {
				return errors.New("output: expected a folder for the merged results, got none; set --output OUT")
			}
			c, err := loadContract(cmd.Context(), document)
			if err != nil {
				return err
			}
			defer limitMemory(environ, memoryOfJudging)()
			options := evidence.MergeOptions{
				Contract: c, Folders: folders, Output: output, Force: force, Require: require, Out: stdout, Text: view.text(stdout, environ),
			}
			options.Progress, _ = view.progress(stdout, io.Discard)
			if github {
				return targetsOnGitHub(environ, stdout, func() (*result.Targets, error) { return evidence.Merge(cmd.Context(), options) })
			}
			_, err = evidence.Merge(cmd.Context(), options)
			return err
		},
	}
	cmd.Flags().StringVar(&output, "output", "", "write the merged results to this folder (required)")
	cmd.Flags().BoolVar(&force, "force", false, "replace the files of earlier runs in the folder of --output")
	cmd.Flags().StringVar(&require, "require", "", "exit with 2 unless the merged result of each target decides all cases of these requirements that it could: all-must, or a file with one id per line; ID:any for any case")
	cmd.Flags().StringVar(&document, "contract", "", "the OpenAPI document that all runs were judged by (default: the built-in one)")
	view.flags(cmd.Flags(), true)
	cmd.Flags().BoolVar(&github, "github", false, "annotate the GitHub Actions job, and append to its summary")
	return cmd
}
