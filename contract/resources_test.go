package contract_test

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

func TestResources(t *testing.T) {
	c := load(t)
	graph, job := c.Resource("graph"), c.Resource("job")
	if len(c.Resources()) != 2 || graph == nil || job == nil || job.Of != "graph" || c.Resource("volume") != nil {
		t.Fatalf("got %v", c.Resources())
	}
	for _, op := range c.Operations() {
		if target := c.Target(op); (target == graph) != (op.Parameter("graph_id") != nil) {
			t.Errorf("%s: got %v", op.ID, target)
		}
	}
	if !graph.Changeable("200") || graph.Changeable("900") || graph.Changeable("") || !job.Changeable("running") {
		t.Error("expected a graph to be changeable in 200 alone, and a job in any state")
	}
	for name, test := range map[string]struct {
		body string
		want contract.State
	}{
		"all":    {`{"graph":{"id":"i","name":"n","data_store_version":"1.2","status":"200"}}`, contract.State{ID: "i", Name: "n", Version: "1.2", State: "200"}},
		"some":   {`{"graph":{"name":7,"status":null}}`, contract.State{}},
		"other":  {`[]`, contract.State{}},
		"beside": {`{"name":"n"}`, contract.State{}},
		"long":   {`{"graph":{"name":"` + strings.Repeat("é", 1000) + `"}}`, contract.State{Name: strings.Repeat("é", 512)}},
	} {
		v, _ := contract.ReadJSON([]byte(test.body))
		if got := graph.Shown(v); got != test.want {
			t.Errorf("%s: expected %+v, got %+v", name, test.want, got)
		}
	}
	if got := graph.Shown(nil); got != (contract.State{}) {
		t.Errorf("expected nothing of no answer, got %+v", got)
	}
}
