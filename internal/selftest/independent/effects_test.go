package independent_test

import (
	"fmt"
	"time"
)

// onRefusal does something to the graph although the request was refused.
func onRefusal(kind string, effect func(g *graph)) func(*knobs) {
	return edited(func(c *call, _ *reply) bool { return c.op == "upgrade" && c.kind == kind && c.g != nil }, func(c *call, _ *reply) {
		c.g.version = c.g.shows(c.s, time.Now())
		c.g.job = nil
		effect(c.g)
	})
}

func downgrade(g *graph) { g.version = "1.0.1" }
func advance(g *graph)   { g.version = latest }

var wrongEffects = []row{
	{name: "equal version refused and done", turn: onRefusal("not-later", downgrade), foundFrom: guarded, why: graphFirst},
	{name: "bad JSON refused and done", turn: onRefusal("syntax", advance), foundFrom: guarded, why: graphFirst},
	{name: "wrong type refused and done", turn: onRefusal("type", advance), foundFrom: guarded, why: graphFirst},
	{name: "missing version refused and done", turn: onRefusal("missing", advance), foundFrom: oneUpgrade, why: unsafe},
	{name: "reader refused and done", turn: both(inOrder(stateFirst...), onRefusal("readonly", advance)), foundFrom: guarded, why: graphFirst},
	{name: "second refused and done", turn: onRefusal("upgrading", advance), foundFrom: oneUpgrade, why: hidden},
	{name: "stopped refused and started", turn: onRefusal("stopped", func(g *graph) { g.status = "200" }), foundFrom: oneUpgrade, why: "the state of the stopped graph is only seen when it is asked for once more, with force"},
	{name: "stopped refused and done", turn: onRefusal("stopped", advance), foundFrom: guarded, why: "the version of the stopped graph is not read again"},
	{name: "graph stops", turn: func(k *knobs) { k.accepted = func(c *call) { c.g.status = "900" } }, foundFrom: never, why: somebody},
	{name: "graph is faulty", turn: func(k *knobs) { k.accepted = func(c *call) { c.g.status = "300" } }, foundFrom: oneUpgrade, why: hidden},
	{name: "graph goes on upgrading", turn: func(k *knobs) { k.accepted = func(c *call) { c.g.status = "201" } }, foundFrom: oneUpgrade, why: hidden},
	{name: "graph is gone", turn: func(k *knobs) { k.accepted = func(c *call) { delete(c.s.graphs, c.graphID) } }, foundFrom: never, why: somebody},
	{name: "all graphs are upgraded", turn: func(k *knobs) {
		k.accepted = func(c *call) { c.s.graphs[stoppedGraph].version = c.want.version }
	}, foundFrom: oneUpgrade, why: "only the graph that was named is looked at"},
	{name: "version goes back", turn: func(k *knobs) {
		shown := map[*job]bool{}
		k.describe = func(s *service, g *graph, now time.Time) object {
			body := describeGraph(s, g, now)
			if shown[g.job] {
				body["data_store_version"] = g.job.from
			}
			if g.job != nil && body["data_store_version"] == g.job.to {
				shown[g.job] = true
			}
			return body
		}
	}, foundFrom: oneUpgrade, why: hidden},
	{name: "every other read is stale", turn: func(k *knobs) {
		reads := 0
		k.describe = func(s *service, g *graph, now time.Time) object {
			body := describeGraph(s, g, now)
			if reads++; g.job != nil && reads%2 == 0 {
				body["data_store_version"] = g.job.from
			}
			return body
		}
	}, foundFrom: oneUpgrade, why: hidden},
	{name: "failed and done", turn: func(k *knobs) {
		k.ends = "failed"
		k.describe = func(s *service, g *graph, now time.Time) object {
			body := describeGraph(s, g, now)
			if g.job != nil && body["status"] == "200" {
				body["data_store_version"] = g.job.to
			}
			return body
		}
	}, foundFrom: oneUpgrade, why: hidden},
	{name: "failed for ever", turn: func(k *knobs) { k.ends, k.statusLag = "failed", time.Hour }, foundFrom: never, why: "no clause says when a graph runs again whose upgrade has failed"},
}

// reporting changes what showJob says about the job of an upgrade.
func reporting(change func(s *service, j *job, now time.Time, body object)) func(*knobs) {
	return func(k *knobs) {
		k.report = func(s *service, j *job, now time.Time) object {
			body := reportJob(s, j, now)
			change(s, j, now, body)
			return body
		}
	}
}

// thereafter changes the status of a job after it was shown as ended.
func thereafter(status string) func(*knobs) {
	seen := map[string]bool{}
	return reporting(func(_ *service, j *job, _ time.Time, body object) {
		if seen[j.id] {
			body["status"] = status
		}
		seen[j.id] = body["status"] == "success"
	})
}

func saying(when, status string) func(*knobs) {
	return reporting(func(_ *service, _ *job, _ time.Time, body object) {
		if body["status"] == when {
			body["status"] = status
		}
	})
}

var wrongJobs = []row{
	{name: "same id twice", turn: func(k *knobs) { k.jobID = func(int) string { return "f99f60f1" } }, foundFrom: destructive, why: needsMany},
	{name: "id cannot be asked for", turn: edited(taken, set("job_id", "0000")), foundFrom: oneUpgrade, why: hidden},
	{name: "id with a slash", turn: func(k *knobs) { k.jobID = func(n int) string { return fmt.Sprintf("jobs/%d", n) } }, foundFrom: never, why: "no schema says which characters a job id has; it is escaped in the path"},
	{name: "id of spaces", turn: edited(taken, set("job_id", "   ")), foundFrom: oneUpgrade, why: hidden},
	{name: "never known", turn: func(k *knobs) { k.jobLag = time.Hour }, foundFrom: oneUpgrade, why: hidden},
	{name: "never ends", turn: func(k *knobs) {
		k.took = time.Hour
		k.describe = func(s *service, g *graph, now time.Time) object {
			body := describeGraph(s, g, now)
			if g.job != nil {
				body["status"], body["data_store_version"] = "200", g.job.to
			}
			return body
		}
	}, foundFrom: oneUpgrade, why: hidden},
	{name: "never begins", turn: func(k *knobs) { k.took, k.pending = time.Hour, time.Hour }, foundFrom: oneUpgrade, why: hidden},
	{name: "SUCCESS", turn: saying("success", "SUCCESS"), foundFrom: oneUpgrade, why: hidden},
	{name: "succeeded", turn: saying("success", "succeeded"), foundFrom: oneUpgrade, why: hidden},
	{name: "waiting", turn: both(func(k *knobs) { k.pending = 20 * time.Millisecond }, func(k *knobs) { saying("pending", "waiting")(k) }), foundFrom: oneUpgrade, why: hidden},
	{name: "empty status", turn: saying("success", ""), foundFrom: oneUpgrade, why: hidden},
	{name: "status null", turn: edited(reported, set("status", nil)), foundFrom: oneUpgrade, why: hidden},
	{name: "status a number", turn: edited(reported, set("status", 2)), foundFrom: oneUpgrade, why: hidden},
	{name: "no status", turn: edited(reported, del("status")), foundFrom: oneUpgrade, why: hidden},
	{name: "no job_id", turn: edited(reported, del("job_id")), foundFrom: oneUpgrade, why: hidden},
	{name: "jobId in the job", turn: edited(reported, rename("job_id", "jobId")), foundFrom: oneUpgrade, why: hidden},
	{name: "another job_id", turn: edited(reported, set("job_id", "another")), foundFrom: oneUpgrade, why: hidden},
	{name: "job in job", turn: edited(reported, mapped(func(b object) any { return object{"job": b} })), foundFrom: oneUpgrade, why: hidden},
	{name: "job as text/plain", turn: edited(reported, header("Content-Type", "text/plain")), foundFrom: oneUpgrade, why: hidden},
	{name: "job with 202", turn: edited(reported, status(202)), foundFrom: oneUpgrade, why: hidden},
	{name: "job 500 at its end", turn: edited(func(c *call, r *reply) bool {
		body, _ := r.body.(object)
		return reported(c, r) && body["status"] == "success"
	}, and(status(500), text(`{"error_code":"GES.7006","error_msg":"internal error"}`))), foundFrom: oneUpgrade, why: hidden},
	{name: "job gone at its end", turn: func(k *knobs) {
		k.edit = func(c *call, r *reply) {
			if body, _ := r.body.(object); reported(c, r) && body["status"] == "success" {
				*r = c.s.refusal(c, "no-job")
			}
		}
	}, foundFrom: oneUpgrade, why: hidden},
	{name: "leaves its end", turn: thereafter("running"), foundFrom: oneUpgrade, why: hidden},
	{name: "success, then failed", turn: thereafter("failed"), foundFrom: oneUpgrade, why: hidden},
	{name: "leaves its end later", turn: reporting(func(_ *service, j *job, now time.Time, body object) {
		if now.Sub(j.ends) > 20*time.Millisecond {
			body["status"] = "running"
		}
	}), foundFrom: destructive, why: hidden},
	{name: "success too early", turn: both(func(k *knobs) { k.took = 4 * time.Second; k.given = versionsAfter(k.version)[:3] },
		func(k *knobs) { saying("running", "success")(k) }), foundFrom: oneUpgrade, why: hidden},
	{name: "of another graph", turn: reporting(func(_ *service, _ *job, _ time.Time, body object) { body["related_graph"] = "ges_other" }), foundFrom: oneUpgrade, why: hidden},
	{name: "of the graph's id", turn: reporting(func(_ *service, j *job, _ time.Time, body object) { body["related_graph"] = j.g.id }), foundFrom: oneUpgrade, why: hidden},
	{name: "under any graph", turn: without("job-of-graph"), foundFrom: oneUpgrade, why: hidden},
	{name: "under no graph", turn: func(k *knobs) {
		k.edit = func(c *call, r *reply) {
			if j := c.s.jobs[c.job]; c.op == "job" && c.kind == "no-graph" && j != nil {
				*r = reply{status: 200, body: c.s.report(c.s, j, time.Now())}
			}
		}
	}, foundFrom: oneUpgrade, why: hidden},
	{name: "begin_time a number", turn: edited(reported, set("begin_time", 1790000000)), foundFrom: oneUpgrade, why: hidden},
	{name: "fail_reason an object", turn: edited(reported, set("fail_reason", object{"a": 1})), foundFrom: oneUpgrade, why: hidden},
	{name: "second is given the same job", turn: func(k *knobs) {
		k.edit = func(c *call, r *reply) {
			if c.kind == "upgrading" && c.g.job != nil {
				*r = reply{status: 200, body: object{"job_id": c.g.job.id}}
			}
		}
	}, foundFrom: oneUpgrade, why: hidden},
}
