package gen_test

import (
	"encoding/json"
	"testing"

	"github.com/gesconform/gesconform/gen"
)

// A model takes members that it does not know, and decodes a job once: with a map of them it took 66 allocations.
func TestModelsIgnoreUnknownMembers(t *testing.T) {
	answer := []byte(`{"job_id":"b4f2e9a0","job_type":"UpgradeGraph","job_name":"UpgradeGraph","status":"running","related_graph":"ges_demo",
		"begin_time":"2026-11-27T10:00:00","end_time":null,"fail_reason":null,"job_progress":0,"no page names":{"this":[1]}}`)
	var job gen.Job
	allocations := testing.AllocsPerRun(10, func() {
		if err := json.Unmarshal(answer, &job); err != nil {
			t.Fatal(err)
		}
	})
	if job.JobID != "b4f2e9a0" || job.Status != gen.JobStatusRunning || allocations > 30 {
		t.Errorf("got %+v with %v allocations", job, allocations)
	}
}
