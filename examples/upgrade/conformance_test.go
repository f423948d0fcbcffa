package main

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/gesconform/gesconform/clienttest"
)

// TestConformance holds the client to what the contract expects of one, advice included.
func TestConformance(t *testing.T) {
	t.Parallel()
	clienttest.Run(t, func(ctx context.Context, e clienttest.Endpoint) error {
		u := upgrade{
			endpoint: e.URL, token: e.Token, project: e.ProjectID, graph: e.GraphID, version: e.UpgradeVersion, force: e.ForceUpgrade,
			interval: 50 * time.Millisecond, requestTimeout: 10 * time.Second, log: io.Discard, wait: wait,
		}
		return u.run(ctx)
	}, clienttest.WithStrict())
}
