package fakeserver

import (
	"encoding/json"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gesconform/gesconform/contract"
)

// momentDefects concern the list of jobs, and what holds only sometimes: what two requests do that
// come together, what is known at one moment and not at the next, and what a refusal leaves behind.
func momentDefects() []Defect {
	return []Defect{
		defect("jobs-list-leaves-out-upgrades", "upgrade.job-listed", "the list of jobs has no upgrades", onJobList(withoutUpgrades)),
		defect("jobs-list-of-other-project", "request.project", "the list of jobs is shown under another project", ignoreWhen(operationIs("listJobs"), "other-project")),
		defect("jobs-list-with-expired-token", "auth.unexpired", "the list of jobs is shown to an expired token", ignoreWhen(operationIs("listJobs"), "expired-credentials")),
		defect("jobs-list-wants-graph-name", "jobs.shown", "the list of jobs is refused unless it is asked for one graph", editWhen(allJobs, []edit{failure(http.StatusBadRequest, incorrect)})),

		defect("both-accepted-together", "upgrade.one-at-a-time", "of two upgrades that are requested at the same moment, both are accepted: each looks before the other has begun",
			meeting(5*time.Millisecond), ignoreWhen(met, "upgrade-under-way", "target-not-later")),
		defect("lock-released-early", "upgrade.one-at-a-time", "a second upgrade is accepted when the one under way is half done", ignoreWhen(done(0.5), "upgrade-under-way")),
		defect("lock-ignored-by-force", "upgrade.one-at-a-time", "a forced upgrade is accepted while one is under way", ignoreWhen(forceUpgradeIs(true), "upgrade-under-way")),

		defect("version-compared-with-first", "upgrade.target-later", "versions are compared with the one that the graph had at first", change(func(p *policy) { p.later = laterThanFirst() })),
		defect("reader-permitted-after-upgrade", "auth.permitted", "a caller who may only read may upgrade a graph once an upgrade was accepted", ignoreOnceUpgraded("not-permitted")),
		defect("stopped-graph-accepted-after-upgrade", "upgrade.graph-running", "a stopped graph can be upgraded once an upgrade was accepted", ignoreOnceUpgraded("stopped-graph")),
		defect("refusal-leaves-job", "upgrade.refusal-without-effect", "an upgrade with a member of the wrong type is refused when its job has been noted, which stays in the list", afterRefusal("wrong-type", (*service).leaveJob)),
		defect("refusal-of-reader-leaves-job", "upgrade.refusal-without-effect", "a caller who may only read is refused when the job has been noted, which stays in the list", afterRefusal("not-permitted", (*service).leaveJob)),
		defect("refusal-stops-graph", "upgrade.refusal-without-effect", "a refused body that is not JSON restarts the graph, which is stopped for 100 ms", afterRefusal("malformed-body", stopFor(100*time.Millisecond))),
		defect("refusal-moves-version-later", "upgrade.refusal-without-effect", "an earlier version is refused, and installed when the graph has been shown once more", afterRefusal("target-not-later", (*service).moveLater)),
		defect("refusal-cached-for-next", "upgrade.refusal-without-effect", "the refusal of an earlier version is also the answer to the next valid upgrade of the graph", cachedRefusal("target-not-later", http.StatusBadRequest, "GES.7036")),
		defect("auth-refusal-cached", "upgrade.refusal-without-effect", "when a graph was asked for without valid credentials, so is every answer for it in the next 400 ms", cachedUnauthorized(400*time.Millisecond)),

		defect("job-unknown-on-every-second-read", "upgrade.job-queryable", "every second read of a job comes from a replica that does not know it", change(func(p *policy) { p.losesJob = everyNth(2) })),
		defect("job-unknown-on-every-third-read", "upgrade.job-queryable", "every third read of a job comes from a replica that does not know it", change(func(p *policy) { p.losesJob = everyNth(3) })),
		defect("job-unknown-for-a-moment", "upgrade.job-stays-known", "a job is unknown for the second and third time that it is asked for", change(func(p *policy) {
			p.losesJob = func(j *job, _ time.Duration) bool { return j.reads == 2 || j.reads == 3 }
		})),
		defect("job-forgotten-after-a-while", "upgrade.job-queryable", "a job is unknown from 10 ms after its end", change(func(p *policy) {
			p.losesJob = func(j *job, ago time.Duration) bool { return j.done && ago > 10*time.Millisecond }
		})),
		defect("replica-behind-every-second", "upgrade.effect", "every second read of a graph comes from a replica that has the version from before", change(func(p *policy) { p.shows = behindEvery(2) })),
		defect("lock-released-near-end", "upgrade.one-at-a-time", "a second upgrade is accepted when four fifths of the one under way are done", ignoreWhen(done(0.8), "upgrade-under-way")),
		defect("lock-expires", "upgrade.one-at-a-time", "a second upgrade is accepted 750 ms after the one under way has begun, which takes longer: a lock has expired", ignoreWhen(begun(750*time.Millisecond), "upgrade-under-way")),
		defect("replica-behind-every-third", "upgrade.effect", "every third read of a graph comes from a replica that has the version from before", change(func(p *policy) { p.shows = behindEvery(3) })),
	}
}

// metHeader marks the requests that were under way together. No client's request has it.
const metHeader = "X-Fake-Met"

// meeting holds upgrades of a graph for a moment, and marks those that others are held beside.
func meeting(held time.Duration) effect {
	return func(e *effects) {
		var mu sync.Mutex
		under := map[string]int{}
		most := map[string]int{}
		e.requests = append(e.requests, func(r *http.Request) {
			if r.Method != http.MethodPost {
				return
			}
			mu.Lock()
			under[r.URL.Path]++
			most[r.URL.Path] = max(most[r.URL.Path], under[r.URL.Path])
			mu.Unlock()
			time.Sleep(held)
			mu.Lock()
			defer mu.Unlock()
			if most[r.URL.Path] > 1 {
				r.Header.Set(metHeader, "yes")
			}
			if under[r.URL.Path]--; under[r.URL.Path] == 0 {
				delete(most, r.URL.Path)
			}
		})
	}
}

func met(c *call) bool { return c.request.Header.Get(metHeader) != "" }

// done reports whether of all upgrades of the call's graph that are under way a share is done.
func done(share float64) func(*call) bool {
	return underWayFor(func(j *job, took time.Duration) bool { return float64(took) >= share*float64(j.end.Sub(j.start)) })
}

// begun reports whether all upgrades of the call's graph that are under way have been for a while.
func begun(d time.Duration) func(*call) bool {
	return underWayFor(func(_ *job, took time.Duration) bool { return took >= d })
}

func underWayFor(long func(j *job, took time.Duration) bool) func(*call) bool {
	return func(c *call) bool {
		if c.graph == nil {
			return false
		}
		for _, j := range c.graph.active {
			if j.upgrades() && !long(j, c.now.Sub(j.start)) {
				return false
			}
		}
		return true
	}
}

// laterThanFirst compares versions with the first one that any graph was seen to have.
func laterThanFirst() func(target, current string) bool {
	var first atomic.Pointer[string]
	return func(target, current string) bool {
		first.CompareAndSwap(nil, &current)
		return contract.Later(target, *first.Load())
	}
}

// ignoreOnceUpgraded does not enforce a condition once any upgrade was accepted.
func ignoreOnceUpgraded(condition string) effect {
	return func(e *effects) {
		var upgraded atomic.Bool
		onAcceptance(func(*outgoing) { upgraded.Store(true) })(e)
		ignoreWhen(func(*call) bool { return upgraded.Load() }, condition)(e)
	}
}

// afterRefusal does something to a graph when an upgrade of it was refused for a condition.
func afterRefusal(condition string, do func(s *service, c *call)) effect {
	return change(func(p *policy) {
		p.afterRefusal = append(p.afterRefusal, func(s *service, c *call) {
			if c.condition == condition && c.route != nil && c.route.ID == "upgradeGraph" {
				do(s, c)
			}
		})
	})
}

// leaveJob leaves a job in the list that does nothing.
func (s *service) leaveJob(c *call) {
	if g := s.graphs[c.values["graph_id"]]; g != nil {
		now := s.clock.now()
		s.jobs.add(&job{id: s.ids.job(), graph: g, name: upgradeName, target: g.version, began: now, start: now, end: now, done: true})
	}
}

// stopFor stops a graph for a while.
func stopFor(d time.Duration) func(s *service, c *call) {
	return func(s *service, c *call) {
		if g := s.graphs[c.values["graph_id"]]; g != nil && g.state == graphRunning {
			g.comesBack = s.clock.now().Add(d)
		}
	}
}

// moveLater installs the version that was asked for when the graph has been shown once more.
func (s *service) moveLater(c *call) {
	if g := s.graphs[c.values["graph_id"]]; g != nil && c.target != g.version && g.state == graphRunning && g.movesTo == "" {
		g.stays, g.movesTo = 1, c.target
	}
}

// cachedRefusal gives a refusal for a condition to the next valid upgrade of the same graph, too.
func cachedRefusal(condition string, status int, code string) effect {
	return func(e *effects) {
		var mu sync.Mutex
		cached := map[string]bool{}
		onRefusalOf(condition, func(o *outgoing) {
			mu.Lock()
			defer mu.Unlock()
			cached[o.request.URL.Path] = true
		})(e)
		refuseUpgrades(func(c *call) bool {
			mu.Lock()
			defer mu.Unlock()
			found := cached[c.request.URL.Path]
			delete(cached, c.request.URL.Path)
			return found
		}, status, code)(e)
	}
}

// cachedUnauthorized refuses everybody a graph for a while after someone was refused it for lack of
// credentials.
func cachedUnauthorized(d time.Duration) effect {
	return func(e *effects) {
		var mu sync.Mutex
		since := map[string]time.Time{}
		e.edits = append(e.edits, func(o *outgoing) {
			if o.call.operation != "showGraph" {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			switch path := o.request.URL.Path; {
			case o.status == http.StatusUnauthorized:
				since[path] = o.call.came
			case o.call.came.Sub(since[path]) < d:
				failure(http.StatusUnauthorized, "APIGW.0301")(o)
			}
		})
	}
}

// everyNth loses a job every nth time that it is asked for.
func everyNth(n int) func(*job, time.Duration) bool {
	return func(j *job, _ time.Duration) bool { return j.reads%n == 0 }
}

// behindEvery is behind every nth time that the graph is shown.
func behindEvery(n int) func(*shownGraph, aftermath) {
	return func(shown *shownGraph, a aftermath) {
		if !a.upgrade.fails() && a.times%n == 0 {
			shown.DataStoreVersion = a.before
		}
	}
}

// onJobList edits the successful answers of listJobs.
func onJobList(edits ...edit) effect { return editWhen(successOf("listJobs"), edits) }

// allJobs reports whether the list was asked for without a graph's name.
func allJobs(e *outgoing) bool {
	return successOf("listJobs")(e) && !e.request.URL.Query().Has("graph_name")
}

// withoutUpgrades removes the upgrades from a list of jobs.
func withoutUpgrades(e *outgoing) {
	var list struct {
		Count int              `json:"job_count"`
		Jobs  []map[string]any `json:"job_list"`
	}
	if json.Unmarshal(e.body, &list) != nil {
		return
	}
	others := []map[string]any{}
	for _, j := range list.Jobs {
		if j["job_name"] != upgradeName {
			others = append(others, j)
		}
	}
	list.Count, list.Jobs = len(others), others
	if edited, err := json.Marshal(list); err == nil {
		e.body = edited
	}
}
