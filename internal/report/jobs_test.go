package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

// withJobs returns a run during which others began so many jobs.
func withJobs(t *testing.T, n int) result.Run {
	run := resulttest.Run(t)
	before := &ges.Snapshot{Name: "g"}
	after := &ges.Snapshot{Name: "g"}
	for i := range n {
		before.Jobs = append(before.Jobs, ges.Job{ID: fmt.Sprint("old", i)})
		after.Jobs = append(after.Jobs, ges.Job{ID: fmt.Sprint("new", i), Name: "Other", Status: ges.JobSuccess})
	}
	after.Jobs = append(after.Jobs, before.Jobs...)
	run.Graph = &result.Graph{Before: before, After: after, UnknownJobs: after.Jobs[:n]}
	return run
}

// The reports of a graph with twice as many jobs of others are as long, but for the number. If each
// job were compared with all others, the last would take minutes.
func TestReportsOfManyJobsOfOthers(t *testing.T) {
	numbers := []int{10_000, 20_000, 100_000}
	runs := map[int]result.Run{}
	for _, n := range numbers {
		runs[n] = withJobs(t, n)
	}
	for _, write := range []func(io.Writer, result.Run) error{
		WriteHTML, WriteMarkdown, WriteJUnit,
		func(w io.Writer, run result.Run) error { return Text(w, run, TextOptions{}) },
	} {
		lengths := map[int]int{}
		for _, n := range numbers {
			var b bytes.Buffer
			if err := write(&b, runs[n]); err != nil {
				t.Fatal(err)
			}
			lengths[n] = b.Len()
		}
		if lengths[100_000] > lengths[10_000]+20 {
			t.Errorf("expected the same length for 10,000 jobs and more, got %v", lengths)
		}
	}
	page := pageOf(t, withJobs(t, 20_000))
	inOrder(t, page, "19981 more jobs that this run did not start began during it; they are under graph.unknown_jobs in results.json",
		"20000 jobs began during the run, ", "20000 not of this run", "and 19900 more, under graph.after.jobs in results.json")
	if n := strings.Count(page, "someone else"); n != shownJobs {
		t.Errorf("expected %d rows, got %d", shownJobs, n)
	}
}
