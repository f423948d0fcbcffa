package ges_test

import (
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/ges"
)

// The names in this package are those of the document.
func TestAgreesWithTheDocument(t *testing.T) {
	t.Parallel()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	for id, parameters := range map[string][]string{
		ges.UpgradeGraph: {ges.ProjectParameter, ges.GraphParameter},
		ges.ShowGraph:    {ges.ProjectParameter, ges.GraphParameter},
		ges.ShowJob:      {ges.ProjectParameter, ges.GraphParameter, ges.JobParameter},
	} {
		op := c.Operation(id)
		if op == nil {
			t.Fatalf("the document has no operation %s", id)
		}
		for _, name := range parameters {
			if op.Parameter(name) == nil {
				t.Errorf("%s has no parameter %s", id, name)
			}
		}
		if got := op.Schemes()[0].Name; got != ges.TokenHeader {
			t.Errorf("%s: expected %s as the first header of credentials, got %s", id, ges.TokenHeader, got)
		}
	}
	for _, name := range []string{ges.TokenHeader, ges.SubjectTokenHeader} {
		if !c.CarriesCredentials(name) {
			t.Errorf("the document does not know that %s carries credentials", name)
		}
	}
	if state := c.GraphState(ges.GraphRunning); state == nil || state.Name != "running" || state.Relation != "" {
		t.Errorf("expected running, got %+v", state)
	}
	if state := c.GraphState(ges.GraphUpgrading); state == nil || state.Name != "upgrading" {
		t.Errorf("expected upgrading, got %+v", state)
	}
	for _, code := range c.Codes() {
		if gateway := code.Plane == "gateway"; ges.FromGateway(code.Code) != gateway || ges.FromService(code.Code) == gateway {
			t.Errorf("%s is of the plane %s", code.Code, code.Plane)
		}
	}
	for code, want := range map[string]bool{"APIG.0101": true, "APIGW.0101": true, "APIGWX.0101": false, "GES.0001": false, "": false} {
		if ges.FromGateway(code) != want {
			t.Errorf("%q: expected %t", code, want)
		}
	}
}

func TestReadsExamplesOfTheDocument(t *testing.T) {
	t.Parallel()
	value := func(text string) *contract.Value {
		v, _ := contract.ReadJSON([]byte(text))
		return v
	}
	graph := ges.GraphOf(value(`{"graph":{"id":"g","name":"ges_c5de","status":"200","data_store_version":"1.0.5"}}`))
	if want := (ges.Graph{Name: "ges_c5de", Status: ges.GraphRunning, Version: "1.0.5"}); graph != want {
		t.Errorf("expected %+v, got %+v", want, graph)
	}
	const job = `{"job_id":"j","status":"failed","job_name":"UpgradeGraph","related_graph":"ges_c5de","begin_time":"2018-11-27T21:39:00","fail_reason":"no space"}`
	want := ges.Job{ID: "j", Name: "UpgradeGraph", Graph: "ges_c5de", Status: ges.JobFailed, Begin: "2018-11-27T21:39:00", Reason: "no space"}
	if got := ges.JobOf(value(job)); got != want || !got.Ended() || got.UnderWay() {
		t.Errorf("expected %+v, got %+v", want, got)
	}
	jobs, total, ok := ges.JobsOf(value(`{"job_count":7,"job_list":[` + job + `]}`))
	if !ok || total != 7 || len(jobs) != 1 || jobs[0] != want {
		t.Errorf("got %+v, %d, %t", jobs, total, ok)
	}
	for _, text := range []string{``, `[]`, `{}`, `{"job_list":{}}`} {
		v := value(text)
		if _, _, ok := ges.JobsOf(v); ok || ges.GraphOf(v) != (ges.Graph{}) || ges.JobOf(v) != (ges.Job{}) {
			t.Errorf("%s: expected nothing", text)
		}
	}
	if got := ges.JobsQuery("my graph", 100, 50).Encode(); got != "graph_name=my+graph&limit=50&offset=100" {
		t.Errorf("got %s", got)
	}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"cn-north-4":  "https://ges.cn-north-4.myhuaweicloud.com",
		"eu-west-101": "https://ges.eu-west-101.myhuaweicloud.eu",
		"cn north":    "",
		"https://x":   "",
		"":            "",
	} {
		switch {
		case ges.IsRegion(region) != (want != ""):
			t.Errorf("%q: expected a region: %t", region, want != "")
		case want != "" && ges.Endpoint(region) != want:
			t.Errorf("%s: expected %s, got %s", region, want, ges.Endpoint(region))
		}
	}
}
