package fakeserver

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/gen"
)

// A job is an upgrade, or a task that a graph is busy with.
type job struct {
	id     string
	graph  *graph
	name   string
	target string    // the version to upgrade to; "" for a task
	began  time.Time // when it was accepted
	start  time.Time // when its own work begins, after the tasks that it waits for
	end    time.Time
	reason string // why it fails, or has failed
	partly bool   // whether it fails in part only
	done   bool
	asked  int    // how often it has been shown since it ended
	reads  int    // how often it has been asked for
	number uint64 // counts the jobs in the order in which they were accepted
}

// upgradeName is the job_name of an upgrade. No page shows it; it is modelled on those of
// other jobs (ImportGraph, DeleteGraph).
const upgradeName = "UpgradeGraph"

func (j *job) upgrades() bool { return j.target != "" }
func (j *job) fails() bool    { return j.reason != "" }

// A job is pending for the first quarter of its time, and one that fails rolls back in
// the last quarter.
func (j *job) pendingUntil() time.Time  { return j.start.Add(j.end.Sub(j.start) / 4) }
func (j *job) rollsBackFrom() time.Time { return j.end.Add(j.start.Sub(j.end) / 4) }

// keptJobs is how many ended jobs are kept if the scenario does not say.
const keptJobs = 10_000

// jobs are the jobs that can be looked up by id: those under way, and of those that have
// ended, the last kept.
type jobs struct {
	byID  map[string]*job
	kept  int
	ended []*job // a ring buffer, once it is full
	next  int    // index of the oldest
	began uint64
}

func newJobs(kept int) jobs {
	return jobs{byID: map[string]*job{}, kept: cmp.Or(max(kept, 0), keptJobs)}
}

// add makes a job known by its id.
func (n *jobs) add(j *job) {
	n.began++
	j.number = n.began
	n.byID[j.id] = j
}

// finish marks a job as ended, and forgets the one that ended first if there are
// too many.
func (n *jobs) finish(j *job) {
	j.done = true
	if len(n.ended) < n.kept {
		n.ended = append(n.ended, j)
		return
	}
	if oldest := n.ended[n.next]; n.byID[oldest.id] == oldest { // a defect may give several jobs the same id
		delete(n.byID, oldest.id)
	}
	n.ended[n.next] = j
	n.next = (n.next + 1) % n.kept
}

// begin starts an upgrade, which waits for the graph's tasks or, if it is forced,
// interrupts them.
func (s *service) begin(c *call, target string, forced bool) *job {
	g, now := c.graph, c.now
	entry := min(s.upgraded, len(s.upgrades)-1)
	plan, first := s.upgrades[entry], entry == s.upgraded
	s.upgraded++
	j := &job{id: s.policy.newJobID(c.variant, s.ids), graph: g, name: upgradeName, target: target, began: now, start: now, reason: plan.Fails, partly: plan.Partly}
	if first && plan.JobID != "" {
		j.id = plan.JobID
	}
	for _, other := range g.active {
		switch {
		case other.upgrades():
		case forced:
			other.end, other.reason = now, "The task was interrupted by the forced upgrade "+j.id+"."
		case other.end.After(j.start):
			j.start = other.end
		}
	}
	j.end = j.start.Add(plan.Takes)
	g.active = append(g.active, j)
	if g.state == graphRunning {
		g.state, g.moved = graphUpgrading, true
	}
	s.jobs.add(j)
	s.endDueJobs(g, now)
	return j
}

// busy starts a task of a graph.
func (s *service) busy(g *graph, name string, takes time.Duration, now time.Time) {
	j := &job{id: s.ids.job(), graph: g, name: name, began: now, start: now, end: now.Add(takes)}
	g.active = append(g.active, j)
	s.jobs.add(j)
}

// newestFirst returns the jobs, those accepted last first.
func (n *jobs) newestFirst() []*job {
	return slices.SortedFunc(maps.Values(n.byID), func(a, b *job) int { return cmp.Compare(b.number, a.number) })
}

// status returns the status of a job for showJob.
func (j *job) status(now time.Time) gen.JobStatus {
	switch {
	case j.done && j.fails() && j.partly:
		return gen.JobStatusPartiallyFailed
	case j.done && j.fails():
		return gen.JobStatusFailed
	case j.done:
		return gen.JobStatusSuccess
	case j.upgrades() && now.Before(j.pendingUntil()):
		return gen.JobStatusPending
	default:
		return gen.JobStatusRunning
	}
}

// show returns the answer of showJob with the given status. GraphManagement is the only
// job_type that the pages name; that of a task is made up.
func (j *job) show(status gen.JobStatus) gen.Job {
	kind := "GraphManagement"
	if !j.upgrades() {
		kind = "GraphAnalysis"
	}
	shown := gen.Job{
		JobID: j.id, Status: status, JobType: &kind, JobName: &j.name,
		RelatedGraph: &j.graph.name, JobProgress: new(float32(0)),
	}
	if status != gen.JobStatusPending {
		shown.BeginTime = new(j.start.UTC().Format(timeFormat))
	}
	if j.done {
		shown.EndTime = new(j.end.UTC().Format(timeFormat))
	}
	if j.done && j.fails() {
		shown.FailReason = new(j.reason) // a copy, which outlives the lock
	}
	return shown
}

// accepted is the success answer of upgradeGraph. It is written without encoding/json,
// which would take 2 % of the time of an upgrade. No job id needs to be escaped, but for those that a
// scenario gives.
type accepted struct{ jobID string }

// VisitUpgradeGraphResponse writes the answer.
func (a accepted) VisitUpgradeGraphResponse(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	if strings.ContainsFunc(a.jobID, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
		return json.NewEncoder(w).Encode(map[string]string{"job_id": a.jobID})
	}
	_, err := io.WriteString(w, `{"job_id":"`+a.jobID+"\"}\n")
	return err
}

// graphAnswer is the success answer of showGraph. It has more members than that of gen.
type graphAnswer struct {
	Graph shownGraph `json:"graph"`
}

// VisitShowGraphResponse writes the answer.
func (a graphAnswer) VisitShowGraphResponse(w http.ResponseWriter) error {
	return writeJSON(w, http.StatusOK, a)
}
