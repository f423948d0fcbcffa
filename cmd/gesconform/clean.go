package main

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/run"
)

// cleanOptions are the options of `gesconform run` that cleaning up has, too: where the server is, and what it takes
// to reach it.
var cleanOptions = []string{
	"endpoint", "header", "query", "cookie", "credential", "ca-file", "client-cert", "client-key", "insecure", "allow-http", "request-timeout", "rate",
}

// A cleaner is a call of `gesconform clean`, with its flags.
type cleaner struct {
	config   config.Config
	document documentFlags
	dryRun   bool

	environ        []string
	stdout, stderr io.Writer
}

func newClean(environ []string, stdout, stderr io.Writer) *cobra.Command {
	k := &cleaner{config: config.Default(), environ: environ, stdout: stdout, stderr: stderr}
	k.config.Dial = dial
	cmd := &cobra.Command{
		Use:   "clean DIR",
		Short: "Delete what an earlier run by a document has made and left",
		Long: `Delete what the run whose output folder is DIR has made and not deleted, because it was
killed or a deletion failed: made.jsonl has it. The newest goes first, and each
deletion is noted there.

It takes the --spec, --endpoint and credentials of that run, and refuses another
endpoint. What was not known to be made when the run was killed, for the answer had not
come, it cannot know either.

Exit status: 0 all is gone; 2 otherwise, with a curl command for what is left.`,
		Example: `  gesconform run --spec pets.yaml --endpoint http://127.0.0.1:8080 --risk destructive --output report
  gesconform clean report --spec pets.yaml --endpoint http://127.0.0.1:8080`,
		ValidArgsFunction: folders,
		Args:              cobra.ExactArgs(1),
		RunE:              func(cmd *cobra.Command, args []string) error { return k.clean(cmd.Context(), cmd.Flags(), args[0]) },
	}
	flags := cmd.Flags()
	for _, o := range config.Options {
		if !slices.Contains(cleanOptions, o.Name) {
			continue
		}
		f := flags.VarPF(&optionFlag{o, &k.config}, o.Name, "", o.Usage)
		if o.Switch {
			f.NoOptDefVal = "true"
		}
	}
	k.document.flags(flags, "that the run judged by")
	flags.BoolVar(&k.dryRun, "dry-run", false, "list what would be deleted without sending anything")
	flags.SortFlags = false
	return cmd
}

func (k *cleaner) clean(ctx context.Context, flags *pflag.FlagSet, folder string) error {
	given := flagsSet(flags)
	path, err := k.document.path(given)
	if err != nil {
		return err
	}
	if path == "" {
		return errors.New("clean: expected --spec FILE with it, the document that the run judged by, got none")
	}
	if _, err := config.Settle(&k.config, k.environ, nil, given); err != nil {
		return err
	}
	c, err := loadContract(ctx, path)
	if err != nil {
		return err
	}
	if !c.Implied() {
		return errors.New("clean: expected a document that states no requirements of its own, got one that does; a run by such a contract leaves nothing to delete")
	}
	k.config.Document.Fixtures, k.config.Document.FixturesFile, k.config.Document.Operations = nil, "", nil // are for what is judged
	values, err := k.config.Document.For(c, k.environ)
	if err != nil {
		return err
	}
	return run.Clean(ctx, run.CleanOptions{Contract: c, Config: k.config.ForDocument(), Given: values, Folder: folder, DryRun: k.dryRun, Out: k.stdout})
}
