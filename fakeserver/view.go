package fakeserver

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
)

// A Graph is the state of a graph at one moment.
type Graph struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Project string `json:"project"` // id
	Status  string `json:"status"`  // as in showGraph, such as "200"
	State   string `json:"state"`   // the contract's name for Status, such as running
	Version string `json:"version"`
}

// A Job is the state, at one moment, of an upgrade or of a task that keeps a graph busy.
type Job struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`             // UpgradeGraph, or the name of the task
	Graph  string    `json:"graph"`            // name
	Status string    `json:"status"`           // as in showJob
	Target string    `json:"target,omitempty"` // the version to upgrade to; "" for a task
	Began  time.Time `json:"began"`            // when it was accepted
	Start  time.Time `json:"start"`            // when its own work begins, after the tasks that it waits for
	End    time.Time `json:"end"`              // when it ended or will end
	Reason string    `json:"reason,omitempty"` // why it failed
}

// Graphs returns all graphs, by project and name.
func (s *Server) Graphs() []Graph {
	n := s.current.Load()
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.clock.now()
	list := []Graph{}
	for _, p := range n.scenario.Projects {
		for _, g := range n.graphsOf(n.projects[p.Name]) {
			n.endDueJobs(g, now)
			shown := Graph{ID: g.id, Name: g.name, Project: g.project, Status: g.state, Version: g.version}
			if state := n.states.GraphState(g.state); state != nil {
				shown.State = state.Name
			}
			list = append(list, shown)
		}
	}
	return list
}

// Jobs returns the newest jobs, at most limit of them, newest first.
func (s *Server) Jobs(limit int) []Job {
	n := s.current.Load()
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.clock.now()
	n.endAllDueJobs(now)
	newest := part(n.jobs.newestFirst(), window{limit: max(limit, 0)})
	list := make([]Job, 0, len(newest))
	for _, j := range newest {
		shown := Job{
			ID: j.id, Name: j.name, Graph: j.graph.name, Status: string(j.status(now)), Target: j.target,
			Began: j.began, Start: j.start, End: j.end,
		}
		if j.done {
			shown.Reason = j.reason
		}
		list = append(list, shown)
	}
	return list
}

// An Exchange is a request with its answer as the journal shows it: without credentials,
// and with the judgement of the contract.
type Exchange struct {
	Number    uint64             `json:"number"`              // counts the exchanges from 1, in the order in which they ended
	Time      time.Time          `json:"time"`                // when the request came, by the server's clock
	Took      time.Duration      `json:"took"`                // by the server's clock; nanoseconds in JSON
	Operation string             `json:"operation,omitempty"` // "" if none has the path and the method, or the fake does not implement it
	Condition string             `json:"condition,omitempty"` // for which it was refused; "" for a success
	Fault     string             `json:"fault,omitempty"`     // the names of the faults that struck it, separated by commas
	URL       string             `json:"url"`
	Method    string             `json:"method"`
	Header    http.Header        `json:"header"`
	Body      string             `json:"body,omitempty"` // its first 64 KiB
	Status    int                `json:"status"`         // 0 if no answer was sent
	Answered  http.Header        `json:"answered"`
	Answer    string             `json:"answer,omitempty"` // its first 64 KiB
	Size      int                `json:"size"`             // of the answer's whole body, in bytes
	Judgement contract.Judgement `json:"judgement"`
}

// Journal returns the exchanges that the journal keeps and whose number is greater than
// after, oldest first. Journal(0) returns all.
func (s *Server) Journal(after uint64) []Exchange {
	records := s.journal.after(after)
	list := make([]Exchange, len(records))
	for i, r := range records {
		list[i] = r.show(s.config.contract)
	}
	return list
}

// withoutBody drops the problems of a body that is incomplete.
func withoutBody(problems []contract.Problem) []contract.Problem {
	return slices.DeleteFunc(problems, func(p contract.Problem) bool { return p.In == contract.InBody })
}

// show judges an exchange, and redacts the credentials wherever they appear in it.
func (r *record) show(document *contract.Contract) Exchange {
	x := Exchange{
		Number: r.number, Time: r.at, Took: r.end.Sub(r.at), Operation: r.operation, Condition: r.condition, Fault: strings.Join(r.faults, ", "),
		URL: r.scheme + r.host + r.target, Method: r.method, Body: string(r.body),
		Status: r.status, Answer: string(r.answer), Size: r.size,
		Judgement: document.Judge(
			&contract.Request{Method: r.method, Path: r.target, Header: r.header, Body: r.body},
			&contract.Answer{Status: r.status, Header: r.answered, Body: r.answer},
		),
	}
	if r.cut {
		x.Judgement.Request, x.Judgement.Unread = withoutBody(x.Judgement.Request), append(x.Judgement.Unread, "request")
	}
	if r.size > len(r.answer) {
		x.Judgement.Answer, x.Judgement.Unread = withoutBody(x.Judgement.Answer), append(x.Judgement.Unread, "answer")
	}
	if r.jobKnown { // an id is opaque, and this one is the fake's own
		x.Judgement.Request = slices.DeleteFunc(x.Judgement.Request, func(p contract.Problem) bool { return p.In == contract.InPath && p.Name == "job_id" })
	}
	if r.operation == "" && !r.extra {
		x.Judgement.Request = append(x.Judgement.Request, contract.Problem{
			In: contract.InPath, Keyword: "required", Message: "expected the method and the path of an operation", Clause: "/paths", Line: document.Line("/paths"),
		})
	}
	r.hide(&x, document)
	return x
}
