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
	var github bool
	cmd := &cobra.Command{
		Use:   "merge --output OUT DIR…",
		Short: "Join the results of shards, or of several runs, and show targets side by side",
		Long: `Reads the results in each DIR, the output folder of a run or a folder of such
folders, and writes them into OUT: a folder for each target, and the matrix of
requirements by target (matrix.html, matrix.md, matrix.json).

Runs of the same endpoint, project and graph become one: all their cases, of one
that was judged twice the heavier verdict, and all their exchanges, numbered anew.
A run that has a target to itself is taken over as it is, plan.json and SHA256SUMS
included.

Results of another contract or another version of results.json are refused, and so
is a file that is not as its run left it. Different versions of the suite are a
note. A shard that is missing is status 2, unless something deviates.

Exit status: 0 conforms; 1 deviates; 2 could not judge.`,
		Example: "  gesconform merge --output all shard-0 shard-1 shard-2 shard-3",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, folders []string) error {
			if output == "" {
				return errors.New("output: is missing; give --output OUT, the folder for what is joined")
			}
			c, err := loadContract(document)
			if err != nil {
				return err
			}
			_, text := describeTerminal(stdout, environ)
			options := evidence.MergeOptions{
				Contract: c, Folders: folders, Output: output, Require: require, Out: stdout, Text: text,
			}
			if github {
				return targetsOnGitHub(environ, stdout, func() (*result.Targets, error) { return evidence.Merge(options) })
			}
			_, err = evidence.Merge(options)
			return err
		},
	}
	cmd.Flags().StringVar(&output, "output", "", "the folder for what is joined")
	cmd.Flags().StringVar(&require, "require", "", "requirements that the joined result of each target has to exercise: all-must, or a file with an id in each line")
	cmd.Flags().StringVar(&document, "contract", "", "the OpenAPI document that all were judged by; the one that is built in by default")
	cmd.Flags().BoolVar(&github, "github", false, "annotate the job of GitHub Actions, and append to its summary")
	return cmd
}
