package clients

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"

	"github.com/gesconform/gesconform/internal/client"
)

// Argument is the first argument of a process that is a client; the second is the client's name.
const Argument = "client"

// Main runs a client as a command, and exits, if the arguments of the process say so. A test calls it
// before all else, so that its own binary is the command.
func Main() {
	if len(os.Args) != 3 || os.Args[1] != Argument {
		return
	}
	name := os.Args[2]
	c, known := Lookup(name)
	if !known {
		fmt.Fprintf(os.Stderr, "no client has the name %q\n", name)
		os.Exit(127)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := c.Run(ctx, environment(), os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, client.ErrNotApplicable):
		os.Exit(77)
	case err != nil:
		os.Exit(cmp.Or(c.status, 1))
	}
	os.Exit(0)
}

// environment reads the endpoint that a command is given.
func environment() client.Endpoint {
	e := client.Endpoint{
		URL: os.Getenv("GESCONFORM_ENDPOINT"), Token: os.Getenv("GESCONFORM_TOKEN"),
		AccessKey: os.Getenv("GESCONFORM_ACCESS_KEY"), SecretKey: os.Getenv("GESCONFORM_SECRET_KEY"),
		ProjectID: os.Getenv("GESCONFORM_PROJECT_ID"), GraphID: os.Getenv("GESCONFORM_GRAPH_ID"),
		UpgradeVersion: os.Getenv("GESCONFORM_UPGRADE_VERSION"), Scenario: os.Getenv("GESCONFORM_SCENARIO"),
	}
	if force, err := strconv.ParseBool(os.Getenv("GESCONFORM_FORCE_UPGRADE")); err == nil {
		e.ForceUpgrade = &force
	}
	return e
}
