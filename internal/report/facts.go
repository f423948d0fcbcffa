package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// A fact is something that a report says of the run.
type fact struct {
	Name, Value string
	Code        bool // an id, or what else is read letter by letter
}

// factsOf lists what was judged, by what and when.
func factsOf(run *result.Run) []fact {
	target := &run.Target
	exchanges := run.CountExchanges()
	all := []fact{
		{Name: "Target", Value: nameOf(target)},
		{Name: printable.Plural(len(target.Certificates), "Certificate", "Certificates"), Value: printable.Prefixed("sha256 ", strings.Join(target.Certificates, ", ")), Code: true},
		{Name: "Project", Value: target.ProjectID, Code: true}, {Name: "Graph", Value: target.GraphID, Code: true},
		{Name: "Risk", Value: allowedBy(target)}, {Name: "Filter", Value: target.Filter, Code: true},
		{Name: "Ticket", Value: run.Ticket}, {Name: "Run", Value: run.ID, Code: true},
		{Name: "Time", Value: when(run) + printable.Prefixed(", took ", tookOf(run))},
		{Name: "Evidence", Value: fmt.Sprintf("%d %s for %d of %d planned %s", exchanges, printable.Plural(exchanges, "exchange", "exchanges"),
			len(run.Cases), run.Plan.Cases, printable.Plural(run.Plan.Cases, "case", "cases"))},
		{Name: "Seed", Value: fmt.Sprint(target.Seed), Code: true},
		{Name: "Contract", Value: fmt.Sprintf("%s %s, sha256 %s", run.Contract.Name, run.Contract.Version, run.Contract.SHA256)},
		{Name: "Plan", Value: printable.Prefixed("sha256 ", run.Plan.SHA256), Code: true},
		{Name: "Suite", Value: strings.TrimSpace(run.Tool.Name+" "+run.Tool.Version) + printable.Prefixed(", sha256 ", run.Tool.SHA256)},
	}
	var known []fact
	for _, f := range all {
		if f.Value != "" {
			known = append(known, f)
		}
	}
	return known
}

// nameOf is where the target is.
func nameOf(t *result.Target) string {
	if t.Embedded {
		return "the fake server in this process, " + t.Endpoint
	}
	return t.Endpoint
}

// allowedBy is what the user has allowed and asked for.
func allowedBy(t *result.Target) string {
	risk := printable.Prefixed("up to ", t.Risk)
	if t.Strict {
		risk += "; strict: a broken SHOULD counts as a deviation"
	}
	return risk
}

// utc writes a time to the second.
func utc(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") }

// when says from when to when the run went on.
func when(run *result.Run) string {
	switch {
	case run.Started.IsZero():
		return ""
	case run.Ended.IsZero():
		return utc(run.Started)
	case run.Started.UTC().Format(time.DateOnly) == run.Ended.UTC().Format(time.DateOnly):
		return run.Started.UTC().Format("2006-01-02 15:04:05") + " to " + run.Ended.UTC().Format("15:04:05 UTC")
	}
	return utc(run.Started) + " to " + utc(run.Ended)
}

func tookOf(run *result.Run) string {
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
func unknownJobText(j ges.Job) string {
	begin := ""
	if j.Begin != "" {
		begin = ", began " + j.Begin
	}
	return printable.Line(fmt.Sprintf("a job that this run did not start began meanwhile: %s (id %s, %s%s); what was judged may be its doing",
		j.Name, j.ID, j.Status, begin))
}

// unknownJobTexts warns of each such job.
func unknownJobTexts(run *result.Run) []string {
	var texts []string
	if run.Graph != nil {
		for _, j := range run.Graph.UnknownJobs {
			texts = append(texts, unknownJobText(j))
		}
	}
	return texts
}
