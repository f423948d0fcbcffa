package evidence

import (
	"slices"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/result"
)

// A job that a shard did not start is not unknown if another shard started it.
func TestMergeKnowsItsOwnJobs(t *testing.T) {
	own, unknown := ges.Job{ID: "OWN"}, ges.Job{ID: "unknown"}
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	j := &mergedRun{merger: &merger{MergeOptions: MergeOptions{Contract: c}}, group: &group{}, started: map[string]bool{"own": true}}
	before, after := &ges.Snapshot{Version: "1.0.0"}, &ges.Snapshot{Version: "1.0.1"}
	j.addHead(result.Run{SchemaVersion: result.SchemaVersion, Graph: &result.Graph{Before: before, After: before, UnknownJobs: []ges.Job{own}}})
	j.addHead(result.Run{SchemaVersion: result.SchemaVersion, Graph: &result.Graph{Before: before, After: after, UnknownJobs: []ges.Job{own, unknown}}})
	run, err := j.conclude()
	if err != nil {
		t.Fatal(err)
	}
	if g := run.Graph; !slices.Equal(g.UnknownJobs, []ges.Job{unknown}) || g.Before.Version != "1.0.0" || g.After.Version != "1.0.1" {
		t.Errorf("expected one unknown job and the graph as it was first and last, got %+v", g)
	}
}

func TestMissingShards(t *testing.T) {
	for _, tt := range []struct {
		of   int
		have []int
		want string
	}{
		{0, nil, ""}, {1, []int{0}, ""}, {3, []int{2, 0, 1, 0}, ""}, {3, []int{1}, "missing shards: 0/3, 2/3"},
		{9, []int{1}, "8 of 9 shards are missing, 0/9 among them"},
	} {
		if got := missingOf(tt.of, tt.have); got != tt.want {
			t.Errorf("%d with %v: expected %q, got %q", tt.of, tt.have, tt.want, got)
		}
	}
}
