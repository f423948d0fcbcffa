// Package result summarises what a run found, by requirement, for one target or many. It
// also applies known deviations, compares two runs, and reads and writes results.json. How
// results are shown is up to package report.
package result

import (
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// The versions of the JSON formats. docs/results.schema.json is the JSON Schema of the
// first two.
const (
	SchemaVersion     = 2 // of results.json
	comparisonVersion = 1 // of changes.json
	targetsVersion    = 1 // of matrix.json
)

// A Run is everything that a run found: the content of results.json.
type Run struct {
	SchemaVersion int `json:"schema_version"`
	// ID identifies the run. It is in the User-Agent of all requests.
	ID       string          `json:"id,omitempty"`
	Tool     Tool            `json:"tool"`
	Contract ContractVersion `json:"contract"`
	Target   Target          `json:"target"`
	// Client is the client that was judged, or nil if a deployment was. Its cases are scenarios.
	Client *Client `json:"client,omitempty"`
	// Document is what a run by a document that states no requirements was told, and what it left
	// out; nil for other runs.
	Document *Document     `json:"document,omitempty"`
	Ticket   string        `json:"ticket,omitempty"` // the user's reference, such as a change number
	Shard    string        `json:"shard,omitempty"`  // I/N if the run had only a part of the cases, or ""
	Started  time.Time     `json:"started"`          // UTC
	Ended    time.Time     `json:"ended,omitzero"`   // UTC; zero if the run was killed
	Duration time.Duration `json:"duration_ns"`
	// Verdict is Conforms, Deviates or Error.
	Verdict judge.Verdict `json:"verdict"`
	// Headline is the first line of each report: the verdict, and how much was exercised.
	Headline string `json:"headline"`
	// Partial is set if not all cases of the contract were decided, except for those that are
	// counted apart; if the run was interrupted; and if it was one of several shards.
	Partial bool `json:"partial,omitempty"`
	// Failure says why the run as a whole could not judge, for example because the target
	// was unreachable, the credentials were refused or no case was selected.
	Failure     string   `json:"failure,omitempty"`
	Interrupted bool     `json:"interrupted,omitempty"`
	Plan        Plan     `json:"plan"`
	Upgrades    Upgrades `json:"upgrades"`
	// ResponseTimes is nil if nothing was answered. Summarise sets it.
	ResponseTimes *ResponseTimes `json:"response_times,omitempty"`
	Requirements  []Requirement  `json:"requirements"` // in the order of the contract
	Cases         []Case         `json:"cases"`        // sorted by id
	// Sources are the pages, sections of RFCs and decisions of ours on which the requirements
	// and findings rest. Summarise sets them.
	Sources []contract.Source `json:"sources,omitempty"`
	// Graph is the state of the graph before and after the run, or nil if it was not read.
	Graph *Graph `json:"graph,omitempty"`
	// Coverage says which parts of the contract were exercised. Cover sets it.
	Coverage *Coverage `json:"coverage,omitempty"`
	// Expectations are the known deviations, and whether they occurred. Expect sets them.
	Expectations []Expectation `json:"expectations,omitempty"`
	Notes        []string      `json:"notes,omitempty"`
	// Ways are the ways of the accepted upgrades. They follow from exchanges.jsonl.
	Ways Ways `json:"-"`
	// Comparison is the comparison with --baseline, or nil. It is written to a file of its
	// own, changes.json.
	Comparison *Comparison `json:"-"`
}

// A Tool identifies the program that made the run.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256,omitempty"` // of the executable; "" if it was not computed
}

// A ContractVersion identifies the contract that a run judged by.
type ContractVersion struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
}

// A Target is the deployment that was judged and the settings of the run, without
// credentials.
type Target struct {
	Endpoint  string `json:"endpoint"`
	Embedded  bool   `json:"embedded,omitempty"` // the fake server in the same process
	ProjectID string `json:"project_id"`
	GraphID   string `json:"graph_id"`
	// AbsentGraphID is of no graph, as the user has vouched; "" if none was given.
	AbsentGraphID string `json:"absent_graph_id,omitempty"`
	Risk          string `json:"risk"` // the highest allowed risk
	Strict        bool   `json:"strict,omitempty"`
	// OnlyDocumented is whether a MUST that only a decision of ours says counts as a SHOULD.
	OnlyDocumented bool `json:"only_documented,omitempty"`
	// MaxResponseTime is how long an answer should take at most; 0 if nobody asked for that.
	MaxResponseTime time.Duration `json:"max_response_time_ns,omitempty"`
	Seed            int64         `json:"seed"`
	Filter          string        `json:"filter,omitempty"` // the label filter
	// Certificates has the SHA-256 digests of the endpoint's certificates, in the order in
	// which they were seen. Usually there is one, or none without TLS.
	Certificates []string `json:"certificates,omitempty"`
}

// A Client is the client that was judged and the settings of the run.
type Client struct {
	// Command is the command that was run for each scenario; nil if others ran the client, as with --serve.
	Command []string `json:"command,omitempty"`
	// Waits is whether the client polls the job until it ends.
	Waits bool `json:"waits"`
	// ScenarioTimeout is how long a scenario may take from the client's first request on, and
	// StartTimeout how long it may take until then.
	ScenarioTimeout time.Duration `json:"scenario_timeout_ns"`
	StartTimeout    time.Duration `json:"start_timeout_ns"`
}

// A Plan has the number of cases, and of the requests that they may send by risk.
type Plan struct {
	Cases       int `json:"cases"`
	Inert       int `json:"inert"`
	Guarded     int `json:"guarded"`
	Destructive int `json:"destructive"`
	// Upgrades is how many upgrades a server without a fault accepts at most.
	Upgrades int `json:"upgrades"`
	// SHA256 is the digest of plan.json, "" if none was written.
	SHA256 string `json:"sha256,omitempty"`
}

// Count adds a request of a risk.
func (p *Plan) Count(risk cases.Risk) {
	switch risk {
	case cases.Inert:
		p.Inert++
	case cases.Guarded:
		p.Guarded++
	case cases.Destructive:
		p.Destructive++
	}
}

// Upgrades says how many requests to upgrade a graph were accepted, rightly or not.
type Upgrades struct {
	Accepted int `json:"accepted"`
	// Invented counts the requests that were accepted for a graph that does not exist. Some may
	// not be among Accepted, since they have another method.
	Invented int `json:"invented"`
}

// A Graph is the state of the graph before and after the run, as the deployment showed it.
type Graph struct {
	Before *ges.Snapshot `json:"before,omitempty"`
	After  *ges.Snapshot `json:"after,omitempty"`
	// UnknownJobs are jobs of the graph that began during the run but were not started by
	// it. They may have caused some of what was found.
	UnknownJobs []ges.Job `json:"unknown_jobs,omitempty"`
}

// A Requirement is the verdict on one requirement of the contract.
type Requirement struct {
	ID        string         `json:"id"`
	Operation string         `json:"operation,omitempty"` // "" if it holds for all operations
	Level     contract.Level `json:"level"`
	Text      string         `json:"text"`
	Line      int            `json:"line"`
	Verdict   judge.Verdict  `json:"verdict"`
	Reason    string         `json:"reason,omitempty"` // why it was not exercised
	Extent
	Source []string `json:"source,omitempty"` // ids of Run.Sources, pages and RFCs first
	Ours   bool     `json:"ours,omitempty"`   // only a decision of ours makes it a MUST

	inPart bool // a page makes a part of it a MUST, which is not the one that is shown
}

// Partial reports whether the requirement conforms, but not all was decided that could be.
func (r *Requirement) Partial() bool { return r.Verdict == judge.Conforms && r.Undecided() > 0 }

// whole reports whether all was decided that could be.
func (r *Requirement) whole() bool {
	return r.Undecided() == 0 && (r.Verdict.Exercised() || len(r.Apart) > 0 || r.Reason == noAnswerShowed)
}

// An Extent says how much of a requirement was decided.
type Extent struct {
	Cases   int `json:"cases"`   // how many cases say something about it; Cover adds those that were not selected
	Decided int `json:"decided"` // how many of them were decided by an answer
	// Apart has the cases that are counted apart, by reason: no answer decided them, and
	// nobody could have had them decided.
	Apart []Reason `json:"counted_apart,omitempty"`
}

// Undecided returns how many cases are neither decided nor counted apart.
func (e Extent) Undecided() int { return e.Cases - e.Decided - CountNames(e.Apart) }

// A Case is the result of one case. results.json only has the numbers of its exchanges,
// which are in exchanges.jsonl.
type Case struct {
	judge.Result
	// Sequences has the sequence numbers of Result.Exchanges. It replaces that field in the
	// JSON: of two fields with the same name, encoding/json writes the less nested one.
	Sequences []int `json:"exchanges,omitempty"`
	// Duration is the sum of the durations of the exchanges.
	Duration time.Duration `json:"duration_ns"`
	// Outcome is the outcome of the deciding exchange, or nil if there is none.
	Outcome *Outcome `json:"outcome,omitempty"`
	// RequestIDs has the X-Request-Id of each answer, by which the deployment's owner can
	// find the request in the logs.
	RequestIDs []string `json:"request_ids,omitempty"`
}

// An Outcome is a short form of an answer, or says why there is none.
type Outcome struct {
	Status  int                  `json:"status,omitempty"`
	Code    string               `json:"code,omitempty"`    // error_code
	Message string               `json:"message,omitempty"` // error_msg, at most 300 bytes
	Failure exchange.FailureKind `json:"failure,omitempty"`
}
