package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/serving"
)

type fakeFlags struct {
	addr, envFile, defect string
	upgradeTime           time.Duration
	seed                  int64
	listDefects           bool
	tls                   tlsFlags
}

func newFake(stdout io.Writer) *cobra.Command {
	var flags fakeFlags
	cmd := &cobra.Command{
		Use:   "fake",
		Short: "Serve a fake Graph Engine Service that behaves as the contract says",
		Long: `Serves a fake Graph Engine Service in memory: graphs, jobs and tokens, refusals
as the contract has them. The first line of the output is its address. It serves
until it is interrupted.

Exit status: 0 interrupted; 2 could not serve.`,
		Example: `  gesconform fake --env-file fake.env &
  set -a; . ./fake.env; set +a
  gesconform run --risk destructive`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flags.listDefects {
				return listDefects(stdout)
			}
			if err := flags.tls.check(cmd.Flags()); err != nil {
				return err
			}
			return serveFake(cmd.Context(), stdout, flags)
		},
	}
	cmd.Flags().StringVar(&flags.addr, "addr", "127.0.0.1:0", "HOST:PORT to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&flags.envFile, "env-file", "", "write what 'gesconform run' needs to this file once it listens; it goes when the fake does")
	cmd.Flags().StringVar(&flags.defect, "defect", "", "show this defect; --list-defects lists them")
	cmd.Flags().BoolVar(&flags.listDefects, "list-defects", false, "print the defects, one a line, and end")
	cmd.Flags().DurationVar(&flags.upgradeTime, "upgrade-time", 20*time.Millisecond, "how long an upgrade takes")
	cmd.Flags().Int64Var(&flags.seed, "seed", 1, "what ids and tokens are made of")
	flags.tls.add(cmd.Flags())
	cmd.Flags().SortFlags = false
	return cmd
}

func listDefects(w io.Writer) error {
	for _, d := range fakeserver.Defects() {
		if _, err := fmt.Fprintf(w, "%-40s %s\n", d.Name, d.Summary); err != nil {
			return err
		}
	}
	return nil
}

func serveFake(ctx context.Context, stdout io.Writer, flags fakeFlags) error {
	options := []fakeserver.Option{fakeserver.WithUpgradeTimes(flags.upgradeTime), fakeserver.WithSeed(flags.seed)}
	if flags.defect != "" {
		defect, err := fakeserver.LookupDefect(flags.defect)
		if err != nil {
			return err
		}
		options = append(options, fakeserver.WithDefect(defect))
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", flags.addr)
	if err != nil {
		return fmt.Errorf("serve on %s: %w; give another --addr HOST:PORT", flags.addr, err)
	}
	defer listener.Close() // closed already if it has served
	shown, err := flags.tls.prepare(flags.addr, listener.Addr())
	if err != nil {
		return err
	}
	defer shown.remove()
	fake := fakeserver.New(options...)
	server := serving.New(listener, fake, shown.options...)
	if flags.envFile != "" {
		if err := writeEnvFile(flags.envFile, fake.Fixtures(), server.URL(), shown.variables...); err != nil {
			return err
		}
		defer os.Remove(flags.envFile) // what it says is no longer true
	}
	if _, err := fmt.Fprintln(stdout, server.URL()); err != nil {
		return err
	}
	return server.Serve(ctx)
}

// writeEnvFile writes what a run needs, readable for its owner alone: it holds
// tokens.
func writeEnvFile(path string, f fakeserver.Fixtures, endpoint string, more ...string) error {
	err := writeWhole(path, 0o600, func(w io.Writer) error { return f.WriteEnv(w, endpoint, more...) })
	if err != nil {
		return fmt.Errorf("write env file: %w", err)
	}
	return nil
}

// writeWhole writes a file whole or not at all.
func writeWhole(path string, mode os.FileMode, write func(io.Writer) error) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // gone already if all went well
	if err := errors.Join(temporary.Chmod(mode), write(temporary), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
