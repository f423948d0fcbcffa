package fakeserver

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/internal/suggest"
)

// A Defect is a named violation of the contract that a server can be told to
// show.
type Defect struct {
	Name    string
	Summary string
	// Breaks is the requirement of the contract that the defect breaks.
	Breaks string
	// Equivalent says why a defect breaks no requirement: what it shows is
	// lawful, or cannot be seen from outside.
	Equivalent string

	effects []effect
}

// An effect is one thing that a defect changes; called, it adds that to the
// effects of a server.
type effect func(*effects)

// effects are all that the defects of a server change: the policy inside the
// service, and requests and answers between the service and the wire.
type effects struct {
	policy   policy
	requests []func(*http.Request)
	edits    []edit
}

// Defects lists the defects, sorted by name.
func Defects() []Defect {
	return slices.Clone(allDefects())
}

// allDefects makes the list when it is first asked for. Most servers show none.
var allDefects = sync.OnceValue(func() []Defect {
	all := slices.Concat(acceptanceDefects(), refusalDefects(), leniencyDefects(), lifecycleDefects(), codeDefects(), transportDefects(), equivalents())
	slices.SortFunc(all, func(a, b Defect) int { return strings.Compare(a.Name, b.Name) })
	return all
})

// LookupDefect returns the defect with a name.
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

// defect makes a row of the tables.
func defect(name, breaks, summary string, effects ...effect) Defect {
	return Defect{Name: name, Breaks: breaks, Summary: summary, effects: effects}
}

// equivalent makes a row for what is lawful.
func equivalent(name, summary, reason string, effects ...effect) Defect {
	return Defect{Name: name, Summary: summary, Equivalent: reason, effects: effects}
}
