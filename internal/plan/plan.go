// Package plan reads and writes plan.json: what a run may send, for review before it does.
package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/linejson"
	"github.com/gesconform/gesconform/internal/result"
)

// Version is the version of the format of plan.json.
const Version = 1

// A Plan is what a run may send. A reviewer may remove cases. The verdicts of a run follow
// from its plan and its exchanges.
type Plan struct {
	SchemaVersion int                    `json:"schema_version"`
	Tool          result.Tool            `json:"tool"`
	Contract      result.ContractVersion `json:"contract"`
	Embedded      bool                   `json:"embedded,omitempty"` // the fake server in the same process
	// Settings are the options of the run by name, without credentials and options about
	// the user's machine.
	Settings map[string]string `json:"settings"`
	// Credentials names the options for credentials that were set.
	Credentials []string `json:"credentials"`
	// Shard is I/N if the plan is only a part of the selected cases.
	Shard string `json:"shard,omitempty"`
	// Required are the requirements that must be decided, as --require names them.
	Required []string    `json:"required,omitempty"`
	Counts   result.Plan `json:"counts"`
	Cases    []Case      `json:"cases"` // sorted by id
	// Shared are the requests that several of the valid requests share. If one is refused, it is
	// sent again without some of what it has, and each of its cases on its own. It has nothing
	// that the requests of its cases do not have, and nothing of a case that is removed.
	Shared []Shared `json:"shared,omitempty"`
}

// A Shared is one request that decides several cases if it is accepted.
type Shared struct {
	Cases   []string   `json:"cases"`
	Aim     string     `json:"aim"`
	Risk    cases.Risk `json:"risk"`
	Request Request    `json:"request"`
}

// A Case is a case with the requests that it may send, the least risky first: a later one
// is only sent if those before it decide nothing.
type Case struct {
	ID          string         `json:"id"`
	Requirement string         `json:"requirement"`
	Level       contract.Level `json:"level"`
	// Supports is set for a case that is not selected but may be sent because others
	// depend on it, for example the canary before all riskier ones.
	Supports bool `json:"supports,omitempty"`
	// Observes is the step of the lifecycle that it judges, in upgrades of its own or of
	// other cases.
	Observes string `json:"observes,omitempty"`
	Aims     []Aim  `json:"aims,omitempty"`
}

// An Aim is one request of a case, or why it will not be sent.
type Aim struct {
	Name    string     `json:"name"`
	Risk    cases.Risk `json:"risk"`
	NotSent string     `json:"not_sent,omitempty"`
	Request *Request   `json:"request,omitempty"`
}

// A Request is a request before it is sent. What is not yet known is described, such as
// <the graph's own version>; credentials are variables.
type Request struct {
	Method  string         `json:"method"`
	URL     string         `json:"url"`
	Headers []cases.Header `json:"headers,omitempty"`
	Body    cases.Text     `json:"body,omitempty"`
}

// Read reads a plan that a run or a dry run wrote.
func Read(path string) (*Plan, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return Parse(path, text)
}

// Parse parses the text of a plan; errors name the path.
func Parse(path string, text []byte) (*Plan, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var p Plan
	if err := d.Decode(&p); err != nil {
		return nil, fmt.Errorf("plan: read %s: %w", path, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("plan: read %s: expected nothing after the plan", path)
	}
	if p.SchemaVersion != Version {
		return nil, fmt.Errorf("plan: read %s: schema_version: expected %d, got %d", path, Version, p.SchemaVersion)
	}
	return &p, nil
}

// Configure applies the plan's settings to cfg. Options in given, which may be nil, were
// set by the user and must agree with the plan.
func (p *Plan) Configure(cfg *config.Config, given map[string]bool) error {
	if err := cfg.Apply(p.Settings, given); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	if planned, err := time.Parse(time.RFC3339, p.Settings["until"]); err == nil && cfg.Until.After(planned) {
		return fmt.Errorf("plan: until: expected no later time than the plan says, %s, got %s", planned.Format(time.RFC3339), cfg.Until.Format(time.RFC3339))
	}
	cfg.Embedded = p.Embedded
	return nil
}

// Encode returns the text of plan.json. Each case is on its own line, so that a reviewer
// can remove it and a diff shows which.
func (p *Plan) Encode() ([]byte, error) {
	var b bytes.Buffer
	if err := linejson.Encode(&b, p); err != nil {
		return nil, fmt.Errorf("write the plan: %w", err)
	}
	return b.Bytes(), nil
}
