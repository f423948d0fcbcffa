package gen_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gesconform/gesconform/gen"
)

// echo answers with the parameters of the request, so that the test can see whether the
// generated client and the generated server understand a request in the same way.
type echo struct{}

func (echo) ShowGraph(_ context.Context, request gen.ShowGraphRequestObject) (gen.ShowGraphResponseObject, error) {
	return gen.ShowGraph200JSONResponse{Graph: gen.Graph{ID: request.GraphID, Name: request.ProjectID}}, nil
}

func (echo) ShowJob(_ context.Context, request gen.ShowJobRequestObject) (gen.ShowJobResponseObject, error) {
	return gen.ShowJob200JSONResponse{JobID: request.JobID, Status: gen.JobStatusRunning}, nil
}

func (echo) ListJobs(_ context.Context, request gen.ListJobsRequestObject) (gen.ListJobsResponseObject, error) {
	return gen.ListJobs200JSONResponse{JobCount: *request.Params.Limit, JobList: []gen.Job{}}, nil
}

func (echo) UpgradeGraph(_ context.Context, request gen.UpgradeGraphRequestObject) (gen.UpgradeGraphResponseObject, error) {
	if request.Body.ForceUpgrade == nil {
		return gen.UpgradeGraphdefaultJSONResponse{StatusCode: http.StatusConflict, Body: gen.Error{ErrorCode: "GES.0001"}}, nil
	}
	return gen.UpgradeGraph200JSONResponse{JobID: request.Body.UpgradeVersion}, nil
}

func TestClientAndServerAgree(t *testing.T) {
	server := httptest.NewServer(gen.Handler(gen.NewStrictHandler(echo{}, nil)))
	defer server.Close()
	client, err := gen.NewClientWithResponses(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()

	graph, err := client.ShowGraphWithResponse(ctx, "p1", "a graph/100%")
	if err != nil {
		t.Fatal(err)
	}
	if graph.JSON200 == nil || graph.JSON200.Graph.Name != "p1" || graph.JSON200.Graph.ID != "a graph/100%" {
		t.Errorf("showGraph: %s %s", graph.Status(), graph.Body)
	}

	job, err := client.ShowJobWithResponse(ctx, "p1", "g1", "j1")
	if err != nil {
		t.Fatal(err)
	}
	if job.JSON200 == nil || job.JSON200.JobID != "j1" || !job.JSON200.Status.Valid() {
		t.Errorf("showJob: %s %s", job.Status(), job.Body)
	}

	limit := 7
	jobs, err := client.ListJobsWithResponse(ctx, "p1", &gen.ListJobsParams{Limit: &limit})
	if err != nil {
		t.Fatal(err)
	}
	if jobs.JSON200 == nil || jobs.JSON200.JobCount != limit {
		t.Errorf("listJobs: %s %s", jobs.Status(), jobs.Body)
	}

	force := true
	accepted, err := client.UpgradeGraphWithResponse(ctx, "p1", "g1", gen.UpgradeGraphRequest{UpgradeVersion: "1.0.5", ForceUpgrade: &force})
	if err != nil {
		t.Fatal(err)
	}
	if accepted.JSON200 == nil || accepted.JSON200.JobID != "1.0.5" {
		t.Errorf("upgradeGraph: %s %s", accepted.Status(), accepted.Body)
	}

	other, err := client.UpgradeGraphWithResponse(ctx, "p1", "g1", gen.UpgradeGraphRequest{UpgradeVersion: "1.0.5"})
	if err != nil {
		t.Fatal(err)
	}
	if other.StatusCode() != http.StatusConflict || other.JSONDefault == nil || other.JSONDefault.ErrorCode != "GES.0001" {
		t.Errorf("upgradeGraph, another status: %s %s", other.Status(), other.Body)
	}
}
