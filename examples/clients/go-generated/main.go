// Command go-generated upgrades a graph with the client that oapi-codegen generates from
// openapi.yaml, and waits for the job. It is short, and judged as it is: docs/clients.md has the
// verdicts. For a program to rely on, see examples/upgrade.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/gesconform/gesconform/gen"
)

func main() {
	client, err := gen.NewClientWithResponses(os.Getenv("GESCONFORM_ENDPOINT"),
		gen.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("X-Auth-Token", os.Getenv("GESCONFORM_TOKEN"))
			return nil
		}))
	wanted := gen.UpgradeGraphRequest{UpgradeVersion: os.Getenv("GESCONFORM_UPGRADE_VERSION")}
	if force, err := strconv.ParseBool(os.Getenv("GESCONFORM_FORCE_UPGRADE")); err == nil {
		wanted.ForceUpgrade = &force
	}
	if err == nil {
		err = upgrade(context.Background(), client, os.Getenv("GESCONFORM_PROJECT_ID"), os.Getenv("GESCONFORM_GRAPH_ID"), wanted)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func upgrade(ctx context.Context, client *gen.ClientWithResponses, project, graph string, wanted gen.UpgradeGraphRequest) error {
	started, err := client.UpgradeGraphWithResponse(ctx, project, graph, wanted)
	if err != nil {
		return err
	}
	for started.JSON200 != nil {
		shown, err := client.ShowJobWithResponse(ctx, project, graph, started.JSON200.JobID)
		if err != nil || shown.JSON200 != nil && shown.JSON200.Status == gen.JobStatusSuccess {
			return err
		}
		if job := shown.JSON200; job == nil || job.Status != gen.JobStatusPending && job.Status != gen.JobStatusRunning {
			return fmt.Errorf("job: %s", shown.Body)
		}
		time.Sleep(100 * time.Millisecond) // a real upgrade takes minutes
	}
	return fmt.Errorf("upgrade: %s", started.Body)
}
