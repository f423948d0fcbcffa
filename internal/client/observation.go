package client

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// Where a request has arrived: the aim of an exchange.
const (
	atEndpoint  = "endpoint"
	atElsewhere = "elsewhere" // the other origin
)

// An observation is what a scenario has shown of a client. Everything that is judged follows from
// it.
type observation struct {
	scenario  *Scenario
	contract  *contract.Contract
	exchanges []exchange.Exchange
	outcome   *judge.ClientOutcome
	version   string // to upgrade to
	waits     bool   // whether the client waits for the job
}

// calls returns the numbers of the exchanges of an operation of the service.
func (o *observation) calls(operation string) []int {
	var all []int
	for i := range o.exchanges {
		if x := &o.exchanges[i]; x.Aim == atEndpoint && o.operation(x) == operation {
			all = append(all, i)
		}
	}
	return all
}

func (o *observation) operation(x *exchange.Exchange) string {
	if x.Operation == "" {
		if op, _, _ := o.contract.Find(x.Request.Method, x.Request.Path); op != nil {
			x.Operation = op.ID
		}
	}
	return x.Operation
}

// delivered reports whether an answer arrived as a whole, with a status.
func delivered(x *exchange.Exchange, status int) bool {
	return x.Failure == nil && x.Status() == status
}

// jobID returns the id of the job that an answer to an upgrade gives; "" if it gives none.
func jobID(x *exchange.Exchange) string {
	if x.Failure != nil || x.Status() < 200 || x.Status() > 299 {
		return ""
	}
	id := x.JSON().Member(ges.JobParameter)
	if id == nil || id.Kind != contract.KindString && id.Kind != contract.KindNumber {
		return ""
	}
	return id.Text
}

// given returns the ids of jobs that the client was given.
func (o *observation) given() []string {
	var all []string
	for i := range o.exchanges {
		x := &o.exchanges[i]
		switch o.operation(x) {
		case ges.UpgradeGraph:
			if id := jobID(x); id != "" {
				all = append(all, id)
			}
		case ges.ListJobs:
			for _, job := range listed(x) {
				all = append(all, job.ID)
			}
		}
	}
	return all
}

// listed returns the jobs in a list that was delivered.
func listed(x *exchange.Exchange) []ges.Job {
	if !delivered(x, http.StatusOK) {
		return nil
	}
	jobs, _, _ := ges.JobsOf(x.JSON())
	return jobs
}

// accepted reports whether an answer told the client that an upgrade was accepted.
func (o *observation) accepted() bool {
	return slices.ContainsFunc(o.calls(ges.UpgradeGraph), func(i int) bool {
		x := &o.exchanges[i]
		return delivered(x, http.StatusOK) && x.JSON().Member(ges.JobParameter).String() != ""
	})
}

// shown reports whether a read after the first upgrade showed the client that it was under way or
// had succeeded and, if ended, that it had succeeded.
func (o *observation) shown(ended bool) bool {
	posts := o.calls(ges.UpgradeGraph)
	if len(posts) == 0 {
		return false
	}
	shows := func(j ges.Job) bool { return j.Status == ges.JobSuccess || j.Status != "" && !ended }
	for i := posts[0] + 1; i < len(o.exchanges); i++ {
		x := &o.exchanges[i]
		if !delivered(x, http.StatusOK) || x.Aim != atEndpoint {
			continue
		}
		found := false
		switch o.operation(x) {
		case ges.ShowJob:
			found = shows(ges.JobOf(x.JSON()))
		case ges.ShowGraph:
			graph := ges.GraphOf(x.JSON())
			found = graph.Version == o.version || !ended && graph.Status == ges.GraphUpgrading
		case ges.ListJobs:
			found = slices.ContainsFunc(listed(x), shows)
		}
		if found {
			return true
		}
	}
	return false
}

// waited reports whether the client read the end of the job before it said anything.
func (o *observation) waited() bool { return o.shown(true) }

// A jobRead is a request for a job.
type jobRead struct {
	exchange int
	segment  string // what stands in the path in place of the id, as it was written
}

// jobReads returns the requests for jobs of a graph, whatever stands in place of the id.
func (o *observation) jobReads() []jobRead {
	var all []jobRead
	for i := range o.exchanges {
		x := &o.exchanges[i]
		path, _, _ := strings.Cut(x.Request.Path, "?")
		_, rest := ges.BelowGraphs(path)
		segment, found := strings.CutPrefix(rest, "jobs/")
		if !found || x.Aim != atEndpoint {
			continue
		}
		all = append(all, jobRead{i, strings.TrimSuffix(segment, "/status")})
	}
	return all
}

// contained returns what the answers to upgrades contain in any place that may be an id: a client
// that takes it from an array was given it, even though no job has it.
func (o *observation) contained() []string {
	var all []string
	var collect func(v *contract.Value)
	collect = func(v *contract.Value) {
		if v == nil {
			return
		}
		if (v.Kind == contract.KindString || v.Kind == contract.KindNumber) && v.Text != "" {
			all = append(all, v.Text)
		}
		for _, item := range v.Items {
			collect(item)
		}
		for _, m := range v.Members {
			collect(m.Value)
		}
	}
	for _, i := range o.calls(ges.UpgradeGraph) {
		if x := &o.exchanges[i]; delivered(x, http.StatusOK) {
			collect(x.JSON())
		}
	}
	return all
}

// is reports whether it is for the job with an id, which is one segment.
func (r jobRead) is(id string) bool {
	plain, err := url.PathUnescape(r.segment)
	return err == nil && plain == id && !strings.Contains(r.segment, "/")
}

// retryAfter returns when an answer lets a request be repeated; the zero time if it does not say.
func retryAfter(x *exchange.Exchange) time.Time {
	if x.Answer == nil {
		return time.Time{}
	}
	value := x.Answer.Header.Get("Retry-After")
	answered := x.Started.Add(x.Duration)
	if seconds, err := strconv.Atoi(value); err == nil && seconds >= 0 {
		return answered.Add(time.Duration(seconds) * time.Second)
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return time.Time{}
	}
	return date
}

// answeredInShort says how an exchange ended: "403 GES.0001".
func answeredInShort(x *exchange.Exchange) string {
	switch {
	case x.Failure != nil && x.Answer == nil:
		return "no answer: " + x.Failure.Message
	case x.Failure != nil:
		return fmt.Sprintf("%d, but %s", x.Status(), x.Failure.Message)
	case x.Code() != "":
		return fmt.Sprintf("%d %s", x.Status(), x.Code())
	}
	return strconv.Itoa(x.Status())
}

// inShort says what an exchange was: "POST …/upgrade was answered 403 GES.0001".
func (o *observation) inShort(x *exchange.Exchange) string {
	return fmt.Sprintf("%s was answered %s", o.asked(x), answeredInShort(x))
}

// asked says what was asked for, in the same words whatever the ids of the scenario: "GET
// …/jobs/{job_id}/status".
func (o *observation) asked(x *exchange.Exchange) string {
	path := ges.WithoutGraph(x.Request.Path)
	for _, id := range o.outcome.Jobs {
		path = strings.ReplaceAll(path, id, "{job_id}")
	}
	if len(path) > longestLine {
		path = strings.ToValidUTF8(path[:longestLine], "") + "…"
	}
	return strings.TrimSpace(x.Request.Method + " " + path)
}

// said says what the client said: "said success (exit status 0)".
func (o *observation) said() string {
	how := ""
	if status := o.outcome.ExitStatus; status != nil {
		how = fmt.Sprintf(" (exit status %d)", *status)
	}
	switch o.outcome.Said {
	case judge.SaidSuccess:
		return "said success" + how
	case judge.SaidFailure:
		return "reported failure" + how
	case judge.SaidNotApplicable:
		return "said that it cannot do this one" + how
	case judge.SaidNothing:
	}
	if o.outcome.TimedOut {
		return "had not ended"
	}
	return "said nothing: " + o.outcome.Reason
}
