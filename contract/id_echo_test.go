package contract_test

import (
	"fmt"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

func TestJudgeEcho(t *testing.T) {
	c := load(t)
	const path = "/v2/p/graphs/g-1"
	for _, test := range []struct {
		operation, path string
		status          int
		body, want      string
	}{
		{"showGraph", path, 200, `{"graph":{"id":"g-1"}}`, ""},
		{"showGraph", path, 200, `{"graph":{"id":"G-1"}}`, ""},
		{"showGraph", path, 200, `{"graph":{"id":"g-2"}}`, "/graph/id echo"},
		{"showGraph", path, 200, `{"graph":{"id":1}}`, ""}, // reported by the check of the schema
		{"showGraph", path, 200, `{"graph":{}}`, ""},
		{"showGraph", path, 200, `{"id":"g-2"}`, ""},
		{"showGraph", path, 200, `{`, ""},
		{"showGraph", path, 404, `{"graph":{"id":"g-2"}}`, ""},
		{"showGraph", "/elsewhere", 200, `{"graph":{"id":"g-2"}}`, ""},
		{"showJob", path + "/jobs/j/status", 200, `{"job_id":"j"}`, ""},
		{"showJob", path + "/jobs/j/status", 200, `{"job_id":"g-1"}`, "/job_id echo"},
		{"showJob", path + "/jobs/%6a/status", 200, `{"job_id":"j"}`, ""},
		{"upgradeGraph", path + "/upgrade", 200, `{"job_id":"j"}`, ""},
	} {
		op := c.Operation(test.operation)
		problems := c.JudgeIDEcho(op, test.path, jsonAnswer(test.status, test.body))
		got := ""
		for _, p := range problems {
			got += fmt.Sprintf("%s %s", p.Pointer, p.Aspect)
			if p.Line != lineOf(t, "\n    "+map[string]string{"showGraph": "Graph", "showJob": "Job"}[test.operation]+":\n", "x-echoes:") {
				t.Errorf("line %d", p.Line)
			}
			if r := c.RequirementJudging(op, contract.AspectIDEcho); r == nil || r.ID != "answer.echo" {
				t.Errorf("got the requirement %v, want answer.echo", r)
			}
		}
		if got != test.want {
			t.Errorf("%s %s: got %q, want %q", test.operation, test.body, got, test.want)
		}
	}
}
