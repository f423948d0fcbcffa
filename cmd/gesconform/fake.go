package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/gesconform/gesconform/fakeserver"
)

type fakeFlags struct {
	addr, envFile, defect string
	upgradeTime           time.Duration
	seed                  int64
	listDefects           bool
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
			return serveFake(cmd.Context(), stdout, flags)
		},
	}
	cmd.Flags().StringVar(&flags.addr, "addr", "127.0.0.1:0", "HOST:PORT to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&flags.envFile, "env-file", "", "write what 'gesconform run' needs to this file once it listens; it goes when the fake does")
	cmd.Flags().StringVar(&flags.defect, "defect", "", "show this defect; --list-defects lists them")
	cmd.Flags().BoolVar(&flags.listDefects, "list-defects", false, "print the defects, one a line, and end")
	cmd.Flags().DurationVar(&flags.upgradeTime, "upgrade-time", 20*time.Millisecond, "how long an upgrade takes")
	cmd.Flags().Int64Var(&flags.seed, "seed", 1, "what ids and tokens are made of")
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
	fake := fakeserver.New(options...)
	endpoint := "http://" + reachable(listener.Addr())
	if flags.envFile != "" {
		if err := writeEnvFile(flags.envFile, fake.Fixtures(), endpoint); err != nil {
			return errors.Join(err, listener.Close())
		}
		defer os.Remove(flags.envFile) // what it says is no longer true
	}
	if _, err := fmt.Fprintln(stdout, endpoint); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: fake, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return server.Close() // what hangs on is cut off
	}
	return nil
}

// writeEnvFile writes the file whole or not at all, readable for its owner
// alone: it holds tokens.
func writeEnvFile(path string, f fakeserver.Fixtures, endpoint string) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".env-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write env file: %w", err)
	}
	defer os.Remove(temporary.Name()) // gone already if all went well
	if err := errors.Join(f.WriteEnv(temporary, endpoint), temporary.Close()); err != nil {
		return fmt.Errorf("write env file: %w", err)
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return fmt.Errorf("write env file: %w", err)
	}
	return nil
}

// reachable is an address under which this machine finds a listener: one that
// listens everywhere is found on the loopback interface.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
}
