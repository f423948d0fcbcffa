// Package cases derives from a contract the requests that test its rules. It sends nothing
// and judges nothing; the cases are data.
package cases

import (
	"fmt"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/ges"
)

// A Case tests one rule with a request that breaks it (or, for an acceptance, is valid).
// One of Condition, Accepts and Observes names the rule.
type Case struct {
	ID          string         `json:"id"`
	Operation   string         `json:"operation"`
	Subject     string         `json:"subject"` // the part of the request under test
	Requirement string         `json:"requirement"`
	Level       contract.Level `json:"level"`
	Condition   string         `json:"condition,omitempty"` // the condition under test, which is refused
	// Lenient are further conditions of the request, that it has even for a reader who passes
	// over the one under test; so it is refused in any case.
	Lenient []string `json:"lenient,omitempty"`
	// Possible are conditions that the request has for some readers, depending on how they read
	// what is under test. A refusal for one of them is right, and none is owed.
	Possible []string `json:"possible,omitempty"`
	// Ignorable is whether the request is valid without the part under test, so that it may be
	// accepted as if the part were not there.
	Ignorable bool   `json:"ignorable,omitempty"`
	Accepts   string `json:"accepts,omitempty"`  // the valid variation under test
	Observes  string `json:"observes,omitempty"` // the step of the lifecycle under test
	// RestsOn is the case of a valid request that says the same more plainly, or that only has
	// what is added to a bad one. If that is refused in the same way, it says nothing about this
	// one.
	RestsOn string `json:"rests_on,omitempty"`
	// Slot is the part of the request that a valid variation varies, or what a request has that
	// MAY be passed over. Those of different slots can share one request, and so one upgrade.
	Slot string `json:"slot,omitempty"`
	// Front is whether a gateway in front of the service may answer, so that the
	// operation's schemas do not apply to the answer.
	Front bool `json:"front,omitempty"`
	// Probes are the rules that the request tests; a step of the lifecycle may have none.
	Probes  []Probe  `json:"probes,omitempty"`
	Request Template `json:"request"`
	Aims    []Aim    `json:"aims"` // the least risky first
	Labels  []string `json:"labels"`

	varied *varied // nil if it has no slot
}

// mayBeRefused reports whether a server may refuse the request, and may accept it.
func (k *Case) mayBeRefused() bool { return k.Level == contract.May }

// Shares reports whether the request can be shared with others at an aim: a valid one always, and
// one that MAY be refused where its acceptance costs an upgrade. Elsewhere that is tried alone,
// since servers that refuse it mostly do before they look for the graph.
func (k *Case) Shares(aim Aim) bool {
	return k.Slot != "" && (k.Accepts != "" || aim.Risk == Destructive)
}

// Risk is what a request could do to a real graph.
type Risk int

// The risks.
const (
	Inert       Risk = iota // no server, however broken, could act on a graph that exists
	Guarded                 // it names the graph, with its current version and without force
	Destructive             // it could start an upgrade
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

// ParseRisk returns the risk with a name.
func ParseRisk(name string) (Risk, bool) {
	for i, n := range riskNames {
		if n == name {
			return Risk(i), true
		}
	}
	return 0, false
}

// An Aim is the graph and version of a case's request, and the conditions that it then has.
type Aim struct {
	Name    string  `json:"name"`
	Graph   Graph   `json:"graph"`
	Version Version `json:"version,omitempty"`
	Risk    Risk    `json:"risk"`
	// Conditions are all the conditions of the request at this aim, in the order in which
	// the operation names them. One that is judged before all others is the only one.
	Conditions []string `json:"conditions,omitempty"`
	// Needs names the fixtures that the aim requires, by their flags.
	Needs []string `json:"needs,omitempty"`
}

// Graph says which graph a request names.
type Graph string

// The graphs.
const (
	AbsentGraph  Graph = "absent"  // one that a read in this run has shown not to exist
	NamedGraph   Graph = "named"   // the graph under test
	StoppedGraph Graph = "stopped" // a fixture
	ForeignGraph Graph = "foreign" // another project's, a fixture
	NearGraph    Graph = "near"    // one whose id, written in the path, is close to that of the graph under test
	LiteralGraph Graph = "literal" // the one that is written in the path; absent, too
)

// Version says which version a request asks for.
type Version string

// The versions.
const (
	AnyVersion      Version = "any"     // any version; it does not matter which
	CurrentVersion  Version = "current" // the graph's current one
	LaterVersion    Version = "later"   // the first available later one
	OlderPatch      Version = ges.OlderPatch
	OlderMinor      Version = ges.OlderMinor
	OlderMajor      Version = ges.OlderMajor
	OlderLonger     Version = ges.OlderLonger
	OlderDigits     Version = ges.OlderDigits
	OlderFewer      Version = ges.OlderFewer
	OlderMore       Version = ges.OlderMore
	OlderWidePart   Version = ges.OlderWidePart
	OlderWide       Version = ges.OlderWide
	EqualMore       Version = ges.EqualMore
	EqualPadded     Version = ges.EqualPadded
	EqualPadFirst   Version = ges.EqualPadFirst
	PreviousVersion Version = "previous" // the one before the last upgrade in this run
	ZeroVersion     Version = ges.ZeroVersion
)
