package fakeserver

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/internal/suggest"
)

// A Defect is a named violation of the contract that the fake can be told to show.
type Defect struct {
	Name    string
	Summary string
	// Breaks is the id of the requirement that the defect breaks; "" if it breaks none.
	Breaks string
	// Equivalent says why the defect breaks no requirement: what it shows is lawful, or
	// cannot be seen from outside. It is "" if Breaks is not.
	Equivalent string

	effects []effect
}

// An effect is one thing that a defect changes. It adds itself to the effects of a
// server.
type effect func(*effects)

// effects are everything that the defects of a server change: the policy inside the
// service, and the requests and answers between the service and the wire.
type effects struct {
	policy   policy
	requests []func(*http.Request)
	edits    []edit
}

// Defects returns all defects, sorted by name.
func Defects() []Defect {
	return slices.Clone(allDefects())
}

// allDefects is only built when it is needed, because most servers show no defect.
var allDefects = sync.OnceValue(func() []Defect {
	all := slices.Concat(acceptanceDefects(), refusalDefects(), leniencyDefects(), lifecycleDefects(), pairDefects(), callersDefects(), codeDefects(), transportDefects(), bytesDefects(), momentDefects(), travelDefects(), equivalents())
	slices.SortFunc(all, func(a, b Defect) int { return strings.Compare(a.Name, b.Name) })
	return all
})

// LookupDefect returns the defect with the given name. The error for an unknown name
// suggests the nearest one.
func LookupDefect(name string) (Defect, error) {
	names := make([]string, len(allDefects()))
	for i, d := range allDefects() {
		if d.Name == name {
			return d, nil
		}
		names[i] = d.Name
	}
	return Defect{}, fmt.Errorf("unknown defect %q%s", name, suggest.DidYouMean(name, names, "`gesconform fake --list-defects` lists all"))
}

// defect makes a row of a table for a defect that breaks a requirement.
func defect(name, breaks, summary string, effects ...effect) Defect {
	return Defect{Name: name, Breaks: breaks, Summary: summary, effects: effects}
}

// equivalent makes a row of a table for a defect that breaks none.
func equivalent(name, summary, reason string, effects ...effect) Defect {
	return Defect{Name: name, Summary: summary, Equivalent: reason, effects: effects}
}
