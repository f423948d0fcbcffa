// Package client judges clients of the service: it has each scenario served by a fake of its own,
// runs the client once against it, and decides by what arrived there and by what the client says.
package client

import (
	"context"
	"io"
	"strconv"

	"github.com/gesconform/gesconform/internal/judge"
)

// An Endpoint is what a client is given: a service, a graph to upgrade there, and credentials of
// its own.
type Endpoint struct {
	URL            string // http://HOST:PORT
	Token          string
	AccessKey      string // with SecretKey another way to authenticate
	SecretKey      string
	ProjectID      string
	GraphID        string
	UpgradeVersion string // to upgrade to
	ForceUpgrade   *bool  // to send as force_upgrade; nil to leave it out
	Scenario       string // its name, for logs
}

// Environ returns the environment variables of the endpoint, as NAME=VALUE. Those that are empty are
// left out.
func (e *Endpoint) Environ() []string {
	force := ""
	if e.ForceUpgrade != nil {
		force = strconv.FormatBool(*e.ForceUpgrade)
	}
	var all []string
	for _, v := range []struct{ name, value string }{
		{"ENDPOINT", e.URL}, {"TOKEN", e.Token}, {"ACCESS_KEY", e.AccessKey}, {"SECRET_KEY", e.SecretKey},
		{"PROJECT_ID", e.ProjectID}, {"GRAPH_ID", e.GraphID}, {"UPGRADE_VERSION", e.UpgradeVersion},
		{"FORCE_UPGRADE", force}, {"SCENARIO", e.Scenario},
	} {
		if v.value != "" {
			all = append(all, "GESCONFORM_"+v.name+"="+v.value)
		}
	}
	return all
}

// A Driver runs a client.
type Driver interface {
	// Drive runs the client against an endpoint until it ends, or until ctx does: then it ends the
	// client, with all that it has started. What the client prints goes to stdout and stderr, as it
	// comes; they may be called concurrently with each other, each by one goroutine at a time, and
	// not after Drive has returned. Of the outcome, it sets Said, Reason, ExitStatus and Signal.
	Drive(ctx context.Context, e Endpoint, stdout, stderr io.Writer) judge.ClientOutcome
}
