package fakeserver

import (
	"math"
	"net/http"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
)

// lifecycleDefects concern graphs, versions and jobs.
func lifecycleDefects() []Defect {
	return []Defect{
		defect("older-version-accepted", "upgrade.target-later", "a graph can be upgraded to any other version, even an earlier one", change(func(p *policy) { p.later = anyOther })),
		defect("equal-version-accepted", "upgrade.target-later", "a graph can be upgraded to the version that it has", change(func(p *policy) { p.later = notEarlier })),
		defect("any-version-accepted", "upgrade.target-later", "versions are not compared", ignore("target-not-later")),
		defect("versions-as-strings", "upgrade.version-order", "versions are compared as strings", change(func(p *policy) { p.later = laterAsText })),
		defect("later-version-refused", "upgrade.accepted", "all upgrades are refused", refuseUpgrades(anyCall, http.StatusBadRequest, "GES.7036")),
		defect("unknown-graph-accepted", "upgrade.graph-known", "the upgrade of a graph that does not exist is accepted", ignoreWhen(operationIs("upgradeGraph"), "unknown-graph")),
		defect("foreign-graph-accepted", "upgrade.graph-of-project", "another project's graph can be upgraded", ignoreWhen(operationIs("upgradeGraph"), "foreign-graph")),
		defect("foreign-graph-shown", "graph.of-project", "another project's graph is shown", ignoreWhen(operationIs("showGraph"), "foreign-graph")),
		defect("foreign-graph-jobs-shown", "job.graph-known", "any job is shown under another project's graph", ignoreWhen(jobOfForeignGraph, "foreign-graph", "unknown-job")),
		defect("stopped-graph-accepted", "upgrade.graph-running", "a stopped graph can be upgraded", ignore("stopped-graph")),
		defect("second-upgrade-accepted", "upgrade.one-at-a-time", "a second upgrade is accepted while one is under way", ignore("upgrade-under-way")),
		defect("unknown-graph-shown", "graph.known", "a graph that does not exist is shown", ignoreWhen(operationIs("showGraph"), "unknown-graph")),
		defect("unknown-job-shown", "job.known", "a job that does not exist is shown", ignoreWhen(operationIs("showJob"), "unknown-job")),
		defect("unknown-graph-jobs-shown", "job.graph-known", "a job of a graph that does not exist is shown", ignoreWhen(operationIs("showJob"), "unknown-graph")),

		defect("job-id-repeated", "upgrade.job-id-unique", "all upgrades have the same job id", change(func(p *policy) { p.newJobID = sameJobID })),
		defect("job-forgotten", "upgrade.job-queryable", "every job is unknown to showJob", change(func(p *policy) { p.forgetsJobs = true })),
		defect("job-under-any-graph", "upgrade.job-of-graph", "a job is shown under any graph", change(func(p *policy) { p.sharesJobs = true })),
		defect("job-never-ends", "upgrade.job-ends", "an upgrade never ends", change(func(p *policy) { p.neverEnds = true })),
		defect("job-runs-again", "upgrade.job-ends", "a job that has succeeded is running again the next time it is shown", change(func(p *policy) { p.endStatus = turning(gen.JobStatusRunning) })),
		defect("job-fails-later", "upgrade.job-ends", "a job that has succeeded has failed the next time it is shown", change(func(p *policy) { p.endStatus = turning(gen.JobStatusFailed) })),
		defect("job-fails-without-reason", "upgrade.failure-explained", "upgrades fail, and the job gives no reason", change(func(p *policy) { p.endStatus, p.installs = failing, kept })),
		defect("job-fails-and-version-moves", "upgrade.failure-rolled-back", "upgrades fail, and the version changes nevertheless", change(func(p *policy) { p.endStatus = failing }), onJob(set("/fail_reason", "no space left"))),
		defect("job-status-unknown", "answer.schema", "a job's status is not one of those documented", onJob(set("/status", "finished"))),
		defect("job-status-upper-case", "answer.schema", "a job's status is in capitals", onJob(replace(`"success"`, `"SUCCESS"`))),
		defect("job-status-missing", "answer.schema", "a job has no status", onJob(remove("/status"))),
		defect("job-status-number", "answer.schema", "a job's status is a number", onJob(set("/status", 2))),
		defect("job-job-id-missing", "answer.schema", "the answer of showJob has no job_id", onJob(remove("/job_id"))),
		defect("job-job-id-other", "answer.echo", "showJob shows another job than the one in the path", onJob(set("/job_id", "f99f60f1-bba6-4cde-bd1a-ff4bdd1fd500000000001"))),
		defect("job-of-other-graph", "upgrade.job-of-graph", "related_graph names another graph", onJob(set("/related_graph", "another_graph"))),
		defect("job-html-page", "answer.media-type", "showJob answers with an HTML page", onJob(page...)),
		defect("job-hangs", "request.answered", "showJob is never answered", onJob(deliver(hang))),

		defect("version-stays", "upgrade.effect", "the version stays although the job has succeeded", change(func(p *policy) { p.installs = kept })),
		defect("version-moves-elsewhere", "upgrade.effect", "the graph is upgraded to a later version than the target", change(func(p *policy) { p.installs = laterThanTarget })),
		defect("version-moves-short", "upgrade.effect", "the graph is upgraded to an earlier version than the target", change(func(p *policy) { p.installs = earlierThanTarget })),
		defect("graph-stays-upgrading", "upgrade.effect", "the graph stays in state 201 (upgrading) although the job has succeeded", change(func(p *policy) { p.staysUpgrading = true })),
		defect("version-shown-late", "upgrade.effect-at-once", "showGraph shows the new version 300 ms after the job has succeeded", change(func(p *policy) { p.shows = behindFor(300 * time.Millisecond) })),
		defect("version-shown-too-late", "upgrade.effect", "showGraph shows the new version a minute after the job has succeeded", change(func(p *policy) { p.shows = behindFor(time.Minute) })),
		defect("version-shown-and-not", "upgrade.effect-at-once", "after the new version, showGraph once more shows the old one", change(func(p *policy) { p.shows = behindAt(2, 2) })),
		defect("version-goes-back", "upgrade.effect", "showGraph shows the new version once, and then the old one for good", change(func(p *policy) { p.shows = behindAt(2, math.MaxInt) })),
		defect("graph-running-late", "upgrade.effect-at-once", "showGraph shows the state 201 (upgrading) until 300 ms after the job has succeeded", change(func(p *policy) { p.shows = upgradingFor(300 * time.Millisecond) })),
		defect("refused-type-upgrades", "upgrade.refusal-without-effect", "a force_upgrade of the wrong type is refused, but the graph is upgraded",
			ignoreWhen(memberIs("upgrade_version", contract.KindString), "wrong-type"), onIgnored("wrong-type", failure(http.StatusBadRequest, "GES.7016"))),
		defect("refused-reader-upgrades", "upgrade.refusal-without-effect", "a caller who may only read is refused, but the graph is upgraded",
			ignore("not-permitted"), onIgnored("not-permitted", failure(http.StatusForbidden, "GES.7041"))),
		defect("refused-garbage-upgrades", "upgrade.refusal-without-effect", "JSON followed by something else is refused, but the graph is upgraded",
			ignore("trailing-bytes"), onIgnored("trailing-bytes", failure(http.StatusBadRequest, "GES.7016"))),
		defect("refused-older-version-installed", "upgrade.refusal-without-effect", "an older version is refused, but the graph is brought to it",
			ignore("target-not-later"), onIgnored("target-not-later", failure(http.StatusBadRequest, "GES.7036"))),

		defect("graph-version-missing", "answer.schema", "showGraph leaves out the version", onGraph(remove("/graph/data_store_version"))),
		defect("graph-version-null", "answer.schema", "showGraph gives null for the version", onGraph(set("/graph/data_store_version", nil))),
		defect("graph-version-number", "answer.schema", "showGraph gives a number for the version", onGraph(set("/graph/data_store_version", 2.2))),
		defect("graph-version-empty", "answer.schema", "showGraph gives an empty version", onGraph(set("/graph/data_store_version", ""))),
		defect("graph-id-missing", "answer.schema", "showGraph leaves out the id", onGraph(remove("/graph/id"))),
		defect("graph-id-other", "answer.echo", "showGraph gives the id of another graph", onGraph(set("/graph/id", "666a5e2e-0000-4000-8000-000000000000"))),
		defect("graph-201", "answer.status", "showGraph answers 201", onGraph(status(http.StatusCreated))),
		defect("graph-name-missing", "answer.schema", "showGraph leaves out the name", onGraph(remove("/graph/name"))),
		defect("graph-status-missing", "answer.schema", "showGraph leaves out the status", onGraph(remove("/graph/status"))),
		defect("graph-status-number", "answer.schema", "showGraph gives a number for the status", onGraph(set("/graph/status", 200))),
		defect("graph-status-word", "answer.schema", "showGraph gives a word for the status", onGraph(set("/graph/status", "running"))),
		defect("graph-unwrapped", "answer.schema", "showGraph calls the graph `data`", onGraph(rename("/graph", "data"))),
		defect("job-201", "answer.status", "showJob answers 201", onJob(status(http.StatusCreated))),
		defect("graph-text-plain", "answer.media-type", "showGraph is text/plain", onGraph(header("Content-Type", "text/plain"))),
	}
}

// equivalents show what the contract allows.
func equivalents() []Defect {
	return []Defect{
		equivalent("unknown-graph-400", "an unknown graph is answered 400 GES.7000", "the pages give 400 and 404 for it, so both are lawful",
			answerWith("unknown-graph", http.StatusBadRequest, "GES.7000")),
		equivalent("rollback-shown-late", "showGraph shows the target version until 300 ms after the job has failed", "upgrade.failure-rolled-back gives the graph 30 seconds",
			change(func(p *policy) { p.shows = rollingBackFor(300 * time.Millisecond) })),
		equivalent("error-msg-other-wording", "error_msg has another wording", "the wording is not part of the contract",
			onRefusal(set("/error_msg", "no"))),
		equivalent("job-id-hexadecimal", "job ids are 32 hexadecimal digits", "job ids are opaque, and the pages show both forms",
			change(func(p *policy) { p.newJobID = func(_ *variant, n *ids) string { return n.hex() } })),
		equivalent("blank-error-in-success", "a 200 carries blank error members", "answers may have more members than the pages name, and these may be blank on success",
			onAcceptance(set("/error_code", ""), set("/error_msg", ""))),
		equivalent("answers-with-charset", "answers are application/json with a charset", "a charset changes nothing",
			onAny(header("Content-Type", "application/json; charset=utf-8"))),
	}
}

// The following are wrong ways to compare versions.

func anyOther(target, current string) bool {
	return contract.Later(target, current) || contract.Later(current, target)
}

func notEarlier(target, current string) bool { return !contract.Later(current, target) }

func laterAsText(target, current string) bool { return target > current }

// The following choose a wrong version to install.

func kept(current, _ string) string { return current }

// laterThanTarget adds one to the last number of the target.
func laterThanTarget(_, target string) string {
	v, err := contract.ParseVersion(target)
	if err != nil || len(v) == 0 {
		return target
	}
	v[len(v)-1]++
	return v.String()
}

// earlierThanTarget is later than current, and earlier than any target of three numbers.
func earlierThanTarget(current, _ string) string {
	v, err := contract.ParseVersion(current)
	if err != nil || len(v) >= 4 {
		return current
	}
	return current + ".1"
}

// The following show a graph as it was a while ago, as a replica may that is behind.

func behindFor(lag time.Duration) func(*shownGraph, aftermath) {
	return func(shown *shownGraph, a aftermath) {
		if !a.upgrade.fails() && a.ago < lag {
			shown.DataStoreVersion = a.before
		}
	}
}

// behindAt is behind when the graph is shown for the nth time since the upgrade.
func behindAt(first, last int) func(*shownGraph, aftermath) {
	return func(shown *shownGraph, a aftermath) {
		if !a.upgrade.fails() && first <= a.times && a.times <= last {
			shown.DataStoreVersion = a.before
		}
	}
}

func upgradingFor(lag time.Duration) func(*shownGraph, aftermath) {
	return func(shown *shownGraph, a aftermath) {
		if !a.upgrade.fails() && a.ago < lag {
			shown.Status = graphUpgrading
		}
	}
}

// rollingBackFor shows the version that a failed upgrade had installed.
func rollingBackFor(lag time.Duration) func(*shownGraph, aftermath) {
	return func(shown *shownGraph, a aftermath) {
		if a.upgrade.fails() && a.ago < lag {
			shown.DataStoreVersion = a.upgrade.target
		}
	}
}

// The following are wrong statuses of a job that has ended.

// turning is a success the first time, and another status from then on.
func turning(into gen.JobStatus) func(int, gen.JobStatus) gen.JobStatus {
	return func(asked int, _ gen.JobStatus) gen.JobStatus {
		if asked == 1 {
			return gen.JobStatusSuccess
		}
		return into
	}
}

func failing(int, gen.JobStatus) gen.JobStatus { return gen.JobStatusFailed }

func sameJobID(_ *variant, n *ids) string {
	if n.last == "" {
		return n.job()
	}
	return n.last
}
