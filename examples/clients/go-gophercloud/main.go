// Command go-gophercloud upgrades a graph with gophercloud, and waits for the job. It is short, and
// judged as it is: docs/clients.md has the verdicts.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

func main() {
	client := &gophercloud.ServiceClient{ProviderClient: &gophercloud.ProviderClient{}}
	client.SetToken(os.Getenv("GESCONFORM_TOKEN"))
	client.Endpoint = os.Getenv("GESCONFORM_ENDPOINT") + "/v2/" + os.Getenv("GESCONFORM_PROJECT_ID") + "/"
	wanted := map[string]any{"upgrade_version": os.Getenv("GESCONFORM_UPGRADE_VERSION")}
	if force, err := strconv.ParseBool(os.Getenv("GESCONFORM_FORCE_UPGRADE")); err == nil {
		wanted["force_upgrade"] = force
	}
	if err := upgrade(context.Background(), client, os.Getenv("GESCONFORM_GRAPH_ID"), wanted); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func upgrade(ctx context.Context, client *gophercloud.ServiceClient, graph string, wanted map[string]any) error {
	var job struct {
		ID     string `json:"job_id"`
		Status string `json:"status"`
	}
	ok := &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}}
	_, err := client.Post(ctx, client.ServiceURL("graphs", graph, "upgrade"), wanted, &job, ok)
	for job.Status = "pending"; err == nil && (job.Status == "pending" || job.Status == "running"); {
		time.Sleep(100 * time.Millisecond) // a real upgrade takes minutes
		_, err = client.Get(ctx, client.ServiceURL("graphs", graph, "jobs", job.ID, "status"), &job, nil)
	}
	if err == nil && job.Status != "success" {
		err = fmt.Errorf("job %s: %s", job.ID, job.Status)
	}
	return err
}
