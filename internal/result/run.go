// Package result is what a run found, apart from how it is shown: it sums up what
// was judged, by requirement and for one target or many, says what was known of a
// target and what has changed since an earlier run, and has the types of
// results.json, which it writes and reads.
package result

import (
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// The versions of what is written as JSON; docs/results.schema.json is the JSON
// Schema of the first two.
const (
	SchemaVersion     = 2 // of results.json
	comparisonVersion = 1 // of changes.json
	targetsVersion    = 1 // of matrix.json
)

// A Run is everything that a run found: the content of results.json.
type Run struct {
	SchemaVersion int `json:"schema_version"`
	// ID is this run's own. Its requests carry it in User-Agent.
	ID       string          `json:"id,omitempty"`
	Tool     Tool            `json:"tool"`
	Contract ContractVersion `json:"contract"`
	Target   Target          `json:"target"`
	Ticket   string          `json:"ticket,omitempty"` // what the user wants the run to be found by
	Shard    string          `json:"shard,omitempty"`  // I/N if it had but a part of the cases; "" for all
	Started  time.Time       `json:"started"`          // UTC
	Ended    time.Time       `json:"ended,omitzero"`   // UTC; zero if the run was killed
	Duration time.Duration   `json:"duration_ns"`
	// Verdict is conforms, deviates or error.
	Verdict judge.Verdict `json:"verdict"`
	// Headline is the first line of the result.
	Headline string `json:"headline"`
	// Partial says that not every requirement was exercised, or not by all cases,
	// since the run was interrupted or a shard.
	Partial bool `json:"partial,omitempty"`
	// Failure is why the run as a whole could not judge: the target was
	// unreachable, the credentials were refused, nothing was selected.
	Failure      string        `json:"failure,omitempty"`
	Interrupted  bool          `json:"interrupted,omitempty"`
	Plan         Plan          `json:"plan"`
	Requirements []Requirement `json:"requirements"` // in the order of the contract
	Cases        []Case        `json:"cases"`        // sorted by id
	// Graph is what the deployment showed of the graph; nil if it was not asked.
	Graph *Graph `json:"graph,omitempty"`
	// Coverage is what was exercised of the contract, part by part; nil if nobody
	// has asked with Cover.
	Coverage *Coverage `json:"coverage,omitempty"`
	// Expectations are the known deviations that the user has named, with what
	// has become of them.
	Expectations []Expectation `json:"expectations,omitempty"`
	Notes        []string      `json:"notes,omitempty"`
	// Comparison is with an earlier run, nil if there is none. It is a file of its
	// own, since it says as much of the other run.
	Comparison *Comparison `json:"-"`
}

// Tool is what ran.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256,omitempty"` // of the program, where it could be read
}

// ContractVersion is what was judged by.
type ContractVersion struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
}

// Target is what was judged, without its credentials.
type Target struct {
	Endpoint  string `json:"endpoint"`
	Embedded  bool   `json:"embedded,omitempty"` // the fake server in the same process
	ProjectID string `json:"project_id"`
	GraphID   string `json:"graph_id"`
	Risk      string `json:"risk"` // the highest that was allowed
	Strict    bool   `json:"strict,omitempty"`
	Seed      int64  `json:"seed"`
	Filter    string `json:"filter,omitempty"` // the label filter
	// Certificates are the SHA-256 digests of those that the endpoint showed, in
	// the order in which they were seen; more than one is worth a question.
	Certificates []string `json:"certificates,omitempty"`
}

// Plan counts the cases and the requests that they may need, by risk.
type Plan struct {
	Cases       int `json:"cases"`
	Inert       int `json:"inert"`
	Guarded     int `json:"guarded"`
	Destructive int `json:"destructive"`
	// SHA256 is the digest of plan.json, "" if none was written.
	SHA256 string `json:"sha256,omitempty"`
}

// A Graph is what the deployment showed of the graph before and after the run.
type Graph struct {
	Before *ges.Snapshot `json:"before,omitempty"`
	After  *ges.Snapshot `json:"after,omitempty"`
	// UnknownJobs are jobs of the graph that began in between and that the run did
	// not start: what was judged may be their doing.
	UnknownJobs []ges.Job `json:"unknown_jobs,omitempty"`
}

// A Requirement is what became of one requirement of the contract.
type Requirement struct {
	ID        string         `json:"id"`
	Operation string         `json:"operation,omitempty"` // "" holds for all
	Level     contract.Level `json:"level"`
	Text      string         `json:"text"`
	Line      int            `json:"line"`
	Verdict   judge.Verdict  `json:"verdict"`
	Reason    string         `json:"reason,omitempty"` // where nothing decided
	Cases     int            `json:"cases"`            // how many bear on it
	Decided   int            `json:"decided"`          // how many of them an answer decided
}

// A Case is a result as results.json carries it: the exchanges themselves stand
// in exchanges.jsonl, and only their numbers here.
type Case struct {
	judge.Result
	// Sequences are the numbers of the exchanges, in the order of
	// Result.Exchanges, which this field keeps out of the JSON: the shallower
	// one of two fields with one name is written.
	Sequences []int `json:"exchanges,omitempty"`
	// Duration is how long the exchanges took together.
	Duration time.Duration `json:"duration_ns"`
	// Outcome is what the exchange that decides came to; nil if there is none.
	Outcome *Outcome `json:"outcome,omitempty"`
	// RequestIDs are the X-Request-Id of the answers, by which the deployment's
	// owner finds them.
	RequestIDs []string `json:"request_ids,omitempty"`
}

// An Outcome is an answer in short, or why there is none.
type Outcome struct {
	Status  int                  `json:"status,omitempty"`
	Code    string               `json:"code,omitempty"`    // error_code
	Message string               `json:"message,omitempty"` // error_msg, at most 300 bytes
	Failure exchange.FailureKind `json:"failure,omitempty"`
}
