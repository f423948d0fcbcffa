// Command go-sdk upgrades a graph with the official Go SDK, and waits for the job. It is short,
// and judged as it is: docs/clients.md has the verdicts.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	ges "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ges/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ges/v2/model"
)

func main() {
	auth := basic.NewCredentialsBuilder().WithAk(os.Getenv("GESCONFORM_ACCESS_KEY")).
		WithSk(os.Getenv("GESCONFORM_SECRET_KEY")).WithProjectId(os.Getenv("GESCONFORM_PROJECT_ID")).Build()
	client := ges.NewGesClient(ges.GesClientBuilder().
		WithEndpoint(os.Getenv("GESCONFORM_ENDPOINT")).WithCredential(auth).Build())
	wanted := &model.UpgradeGraphReq{UpgradeVersion: os.Getenv("GESCONFORM_UPGRADE_VERSION")}
	if force, err := strconv.ParseBool(os.Getenv("GESCONFORM_FORCE_UPGRADE")); err == nil {
		wanted.ForceUpgrade = &force
	}
	if err := upgrade(client, os.Getenv("GESCONFORM_GRAPH_ID"), wanted); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func upgrade(client *ges.GesClient, graph string, wanted *model.UpgradeGraphReq) error {
	started, err := client.UpgradeGraph2(&model.UpgradeGraph2Request{GraphId: graph, Body: wanted})
	if err != nil {
		return err
	}
	for {
		job, err := client.ShowJob2(&model.ShowJob2Request{GraphId: graph, JobId: text(started.JobId)})
		if err != nil || text(job.Status) == "success" {
			return err
		}
		if text(job.Status) != "pending" && text(job.Status) != "running" {
			return fmt.Errorf("job %s: %s", text(job.Status), text(job.FailReason))
		}
		time.Sleep(100 * time.Millisecond) // a real upgrade takes minutes
	}
}

// text returns a member of an answer, or "" if it is not there.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
