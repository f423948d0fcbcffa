// Package cases derives from a contract the requests that probe its rules. It
// sends nothing and judges nothing; what it derives is data.
package cases

import (
	"fmt"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/ges"
)

// A Case is one rule, probed by a request that breaks it (or, for an
// acceptance, keeps all of them). Just one of Condition, Accepts and Observes
// names the rule.
type Case struct {
	ID          string         `json:"id"`
	Operation   string         `json:"operation"`
	Subject     string         `json:"subject"` // the part of the request that it is about
	Requirement string         `json:"requirement"`
	Level       contract.Level `json:"level"`
	Condition   string         `json:"condition,omitempty"` // the one under test, which is refused
	Accepts     string         `json:"accepts,omitempty"`   // the valid variation under test
	Observes    string         `json:"observes,omitempty"`  // the step of the lifecycle under test
	// Front is set where what stands in front of the service may answer, so that
	// the operation's schemas do not bind the answer.
	Front bool `json:"front,omitempty"`
	// Probes are the rules that the request breaks or keeps so that they are put
	// to the test; a step of the lifecycle may have none.
	Probes  []Probe  `json:"probes,omitempty"`
	Request Template `json:"request"`
	Aims    []Aim    `json:"aims"` // the least dangerous first
	Labels  []string `json:"labels"`
}

// Risk is what a request could do to a real graph.
type Risk int

// The risks.
const (
	Inert       Risk = iota // no server, however broken, could act on a graph that exists
	Guarded                 // the graph is named, with its own version and without force
	Destructive             // an upgrade could start
)

var riskNames = []string{"inert", "guarded", "destructive"}

// String returns the risk's name.
func (r Risk) String() string { return riskNames[r] }

// MarshalText implements encoding.TextMarshaler.
func (r Risk) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Risk) UnmarshalText(text []byte) error {
	parsed, ok := ParseRisk(string(text))
	if !ok {
		return fmt.Errorf("expected inert, guarded or destructive, got %q", text)
	}
	*r = parsed
	return nil
}

// ParseRisk reads a risk's name.
func ParseRisk(name string) (Risk, bool) {
	for i, n := range riskNames {
		if n == name {
			return Risk(i), true
		}
	}
	return 0, false
}

// An Aim is where a case's request goes, and what it breaks there.
type Aim struct {
	Name    string  `json:"name"`
	Graph   Graph   `json:"graph"`
	Version Version `json:"version,omitempty"`
	Risk    Risk    `json:"risk"`
	// Conditions are all that the request breaks at this aim, in the order in
	// which the operation names them. Where one is judged before all others, it
	// stands alone.
	Conditions []string `json:"conditions,omitempty"`
	// Needs names the fixtures that the aim cannot do without, as flags of the
	// command are named.
	Needs []string `json:"needs,omitempty"`
}

// Graph is which graph a request names.
type Graph string

// The graphs.
const (
	AbsentGraph  Graph = "absent"  // one that a read of the same run has shown not to exist
	NamedGraph   Graph = "named"   // the one that the user named
	StoppedGraph Graph = "stopped" // a fixture
	ForeignGraph Graph = "foreign" // another project's, a fixture
	LiteralGraph Graph = "literal" // the one that stands in the path; absent, too
)

// Version is which version a request asks for.
type Version string

// The versions.
const (
	AnyVersion      Version = "any"     // one is written, and it does not matter which
	CurrentVersion  Version = "current" // the graph's own
	LaterVersion    Version = "later"   // the first of those on offer that is later
	OlderPatch      Version = ges.OlderPatch
	OlderMinor      Version = ges.OlderMinor
	OlderMajor      Version = ges.OlderMajor
	OlderLonger     Version = ges.OlderLonger
	OlderDigits     Version = ges.OlderDigits
	PreviousVersion Version = "previous" // the one before the last upgrade of this run
	ZeroVersion     Version = ges.ZeroVersion
)
