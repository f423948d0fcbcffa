package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
)

// A fact is something that a report says of the run.
type fact struct {
	Name, Value string
	Code        bool // an id, or what else is read letter by letter
}

// facts lists what was judged, by what and when.
func (run *Run) facts() []fact {
	target := &run.Target
	exchanges := run.exchanges()
	all := []fact{
		{Name: "Target", Value: target.name()},
		{Name: plural(len(target.Certificates), "Certificate", "Certificates"), Value: prefixed("sha256 ", strings.Join(target.Certificates, ", ")), Code: true},
		{Name: "Project", Value: target.ProjectID, Code: true}, {Name: "Graph", Value: target.GraphID, Code: true},
		{Name: "Risk", Value: target.allowed()}, {Name: "Filter", Value: target.Filter, Code: true},
		{Name: "Ticket", Value: run.Ticket}, {Name: "Run", Value: run.ID, Code: true},
		{Name: "Time", Value: run.when() + prefixed(", took ", run.took())},
		{Name: "Evidence", Value: fmt.Sprintf("%d %s for %d of %d planned %s", exchanges, plural(exchanges, "exchange", "exchanges"),
			len(run.Cases), run.Plan.Cases, plural(run.Plan.Cases, "case", "cases"))},
		{Name: "Seed", Value: fmt.Sprint(target.Seed), Code: true},
		{Name: "Contract", Value: fmt.Sprintf("%s %s, sha256 %s", run.Contract.Name, run.Contract.Version, run.Contract.SHA256)},
		{Name: "Plan", Value: prefixed("sha256 ", run.Plan.SHA256), Code: true},
		{Name: "Suite", Value: strings.TrimSpace(run.Tool.Name+" "+run.Tool.Version) + prefixed(", sha256 ", run.Tool.SHA256)},
	}
	var known []fact
	for _, f := range all {
		if f.Value != "" {
			known = append(known, f)
		}
	}
	return known
}

// name is where the target is.
func (t *Target) name() string {
	if t.Embedded {
		return "the fake server in this process, " + t.Endpoint
	}
	return t.Endpoint
}

// allowed is what the user has allowed and asked for.
func (t *Target) allowed() string {
	risk := prefixed("up to ", t.Risk)
	if t.Strict {
		risk += "; strict: a broken SHOULD counts as a deviation"
	}
	return risk
}

// utc writes a time to the second.
func utc(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") }

// when says from when to when the run went on.
func (run *Run) when() string {
	switch {
	case run.Started.IsZero():
		return ""
	case run.Ended.IsZero():
		return utc(run.Started)
	case run.Started.UTC().Format(dayLayout) == run.Ended.UTC().Format(dayLayout):
		return run.Started.UTC().Format("2006-01-02 15:04:05") + " to " + run.Ended.UTC().Format("15:04:05 UTC")
	}
	return utc(run.Started) + " to " + utc(run.Ended)
}

func (run *Run) took() string {
	if run.Started.IsZero() {
		return ""
	}
	return short(run.Duration)
}

// digestsInShort writes the beginnings of digests.
func digestsInShort(digests []string) string {
	all := make([]string, len(digests))
	for i, digest := range digests {
		all[i] = cut(digest, 12, "")
	}
	return strings.Join(all, ", ")
}

// unknownJobText warns of a job that may have spoilt the run.
func unknownJobText(j judge.Job) string {
	begin := ""
	if j.Begin != "" {
		begin = ", began " + j.Begin
	}
	return oneLine(fmt.Sprintf("a job that this run did not start began meanwhile: %s (id %s, %s%s); what was judged may be its doing",
		j.Name, j.ID, j.Status, begin))
}

// unknownJobTexts warns of each such job.
func (run *Run) unknownJobTexts() []string {
	var texts []string
	if run.Graph != nil {
		for _, j := range run.Graph.UnknownJobs {
			texts = append(texts, unknownJobText(j))
		}
	}
	return texts
}
