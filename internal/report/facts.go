package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// A fact is a named property of a run.
type fact struct {
	Name, Value string
	Code        bool // an id or a digest, to show in a monospaced font
}

// factsOf returns what was judged, and when.
func factsOf(run *result.Run) []fact {
	if run.Client != nil {
		return clientFactsOf(run)
	}
	target := &run.Target
	return withValues(
		fact{Name: "Target", Value: nameOf(target)},
		fact{Name: "Project", Value: target.ProjectID, Code: true}, fact{Name: "Graph", Value: target.GraphID, Code: true},
		fact{Name: "Absent graph", Value: absentGraphOf(target)},
		fact{Name: "Risk", Value: allowedBy(target)}, fact{Name: "Filter", Value: target.Filter, Code: true},
		fact{Name: "Ticket", Value: run.Ticket},
		timeFact(run.Started, run.Ended, run.Duration),
		fact{Name: "Evidence", Value: fmt.Sprintf("%s for %d of %s", plural(run.CountExchanges(), "exchange", "exchanges"), len(run.Cases), plural(run.Plan.Cases, "planned case", "planned cases"))},
		fact{Name: "Fixtures", Value: fixturesOf(run), Code: true}, fact{Name: "Credentials", Value: credentialsOf(run), Code: true},
		fact{Name: "Upgrades", Value: upgradesOf(run)},
		fact{Name: "Answers", Value: responseTimesOf(run)},
	)
}

// whereOf returns what was judged and when, in one line.
func whereOf(run *result.Run) string {
	at := ""
	if !run.Started.IsZero() {
		at = utc(run.Started)
	}
	if run.Client != nil {
		return joinedBy(" · ", clientName(run.Client), strictness(&run.Target), printable.Prefixed("scenarios ", run.Target.Filter), at, printable.Prefixed("ticket ", run.Ticket))
	}
	return joinedBy(" · ", nameOf(&run.Target), printable.Prefixed("graph ", run.Target.GraphID), printable.Prefixed("risk ", allowedBy(&run.Target)), at, printable.Prefixed("ticket ", run.Ticket))
}

// joinedBy joins the parts that are not empty.
func joinedBy(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), separator)
}

// digestsOf returns by what was judged: versions, digests, and what makes a run another.
func digestsOf(run *result.Run) []fact {
	certificates := run.Target.Certificates
	seed := fmt.Sprint(run.Target.Seed)
	if run.Client != nil {
		seed = ""
	}
	return withValues(
		suiteFact(run.Tool), contractFact(run.Contract),
		fact{Name: "Plan", Value: printable.Prefixed("sha256 ", run.Plan.SHA256), Code: true},
		fact{Name: printable.Plural(len(certificates), "Certificate", "Certificates"), Value: printable.Prefixed("sha256 ", strings.Join(certificates, ", ")), Code: true},
		fact{Name: "Run", Value: run.ID, Code: true}, fact{Name: "Seed", Value: seed, Code: true},
	)
}

// withValues returns the facts that have a value.
func withValues(facts ...fact) []fact {
	return slices.DeleteFunc(facts, func(f fact) bool { return f.Value == "" })
}

func timeFact(started, ended time.Time, duration time.Duration) fact {
	if started.IsZero() {
		return fact{}
	}
	return fact{Name: "Time", Value: period(started, ended) + ", took " + short(duration)}
}

func contractFact(c result.ContractVersion) fact {
	return fact{Name: "Contract", Value: fmt.Sprintf("%s %s, sha256 %s", c.Name, c.Version, c.SHA256)}
}

func suiteFact(tool result.Tool) fact {
	return fact{Name: "Suite", Value: toolName(tool) + printable.Prefixed(", sha256 ", tool.SHA256)}
}

func toolName(tool result.Tool) string { return strings.TrimSpace(tool.Name + " " + tool.Version) }

// nameOf returns the endpoint of a target.
func nameOf(t *result.Target) string {
	if t.Embedded {
		return "the fake server in this process, " + t.Endpoint
	}
	return t.Endpoint
}

// absentGraphOf returns the id of no graph that the operator has given, and says so.
func absentGraphOf(t *result.Target) string {
	if t.AbsentGraphID == "" {
		return ""
	}
	return t.AbsentGraphID + ", vouched for by the operator"
}

// allowedBy describes the allowed risk, and whether the run was strict.
func allowedBy(t *result.Target) string {
	return printable.Prefixed("up to ", t.Risk) + printable.Prefixed("; ", strictness(t))
}

// fixturesOf returns the fixtures of a run by a document, and credentialsOf for which security schemes
// it had credentials and what else it sent with each request.
func fixturesOf(run *result.Run) string {
	if run.Document == nil {
		return ""
	}
	return strings.Join(run.Document.Fixtures, ", ")
}

func credentialsOf(run *result.Run) string {
	if run.Document == nil {
		return ""
	}
	return strings.Join(slices.Concat(run.Document.Credentials, run.Document.Added), ", ")
}

// upgradesOf says, of a deployment of the built-in contract's service, how many upgrades were accepted, and how many requests for made-up graphs.
func upgradesOf(run *result.Run) string {
	if run.Document != nil {
		return ""
	}
	text := fmt.Sprintf("%d accepted", run.Upgrades.Accepted)
	if n := run.Upgrades.Invented; n > 0 {
		text += "; " + plural(n, "request", "requests") + " for graphs that do not exist"
	}
	return text
}

// responseTimesOf says how long the answers took and, if a limit was set, how many were late.
func responseTimesOf(run *result.Run) string {
	t := run.ResponseTimes
	if t == nil {
		return ""
	}
	text := fmt.Sprintf("p50 %s, p90 %s, p99 %s, max %s (exchange %d, %s)", precisely(t.P50), precisely(t.P90), precisely(t.P99), precisely(t.Max), t.Slowest, t.SlowestCase)
	if limit := run.Target.MaxResponseTime; limit > 0 {
		text += fmt.Sprintf("; %d of %d took longer than %s", t.Late, t.Answers, limit)
	}
	return text
}

// precisely writes a duration with two or three digits.
func precisely(d time.Duration) string {
	unit := time.Microsecond / 10
	for d >= 1000*unit {
		unit *= 10
	}
	return d.Round(unit).String()
}

// utc writes a time to the second.
func utc(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") }

// period returns a period of time as text, or "" if it never began.
func period(from, to time.Time) string {
	switch {
	case from.IsZero():
		return ""
	case to.IsZero():
		return utc(from)
	case from.UTC().Format(time.DateOnly) == to.UTC().Format(time.DateOnly):
		return from.UTC().Format(time.DateTime) + " to " + to.UTC().Format("15:04:05 UTC")
	}
	return utc(from) + " to " + utc(to)
}

// short returns a duration rounded to tenths of a second, or to seconds if it is longer
// than a minute.
func short(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// digestsInShort returns the first 12 digits of each digest.
func digestsInShort(digests []string) string {
	return strings.Join(each(digests, func(digest string) string { return cut(digest, 12, "") }), ", ")
}

// cautionsOf returns a warning for each job that may have disturbed the run.
func cautionsOf(run *result.Run) []string {
	if run.Graph == nil {
		return nil
	}
	jobs := firstOf(run.Graph.UnknownJobs, shownCautions)
	cautions := each(jobs.Shown, func(j ges.Job) string {
		return printable.Line(fmt.Sprintf("a job that this run did not start began during it: %s (id %s, %s%s); it may have caused some of what was found",
			cut(j.Name, shownHeader, "..."), cut(j.ID, shownHeader, "..."), cut(j.Status, shownHeader, "..."), printable.Prefixed(", began ", cut(j.Begin, shownHeader, "..."))))
	})
	if jobs.More > 0 {
		cautions = append(cautions, fmt.Sprintf("%d more jobs that this run did not start began during it; they are under graph.unknown_jobs in %s", jobs.More, result.ResultsFile))
	}
	return cautions
}

const shownCautions = summaryNames - 1
