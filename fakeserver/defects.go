package fakeserver

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/internal/suggest"
)

// A Defect is a named wrong that a server can be told to show.
type Defect struct {
	Name    string
	Summary string
	// Breaks is the requirement of the contract that the defect breaks.
	Breaks string
	// Equivalent says why a defect breaks none: what it shows is lawful, or
	// cannot be seen from outside.
	Equivalent string

	behaviours []behaviour
}

// A behaviour is one thing that a defect changes.
type behaviour func(*conduct)

// conduct is what a server does otherwise than it should: inside the service by
// the policy, and outside it by the rules.
type conduct struct {
	policy policy
	rules  []rule
}

// Defects lists the defects, sorted by name.
func Defects() []Defect {
	return slices.Clone(allDefects())
}

// allDefects is made when it is first asked for, which most servers never are.
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
func defect(name, breaks, summary string, behaviours ...behaviour) Defect {
	return Defect{Name: name, Breaks: breaks, Summary: summary, behaviours: behaviours}
}

// equivalent makes a row for what is lawful.
func equivalent(name, summary, reason string, behaviours ...behaviour) Defect {
	return Defect{Name: name, Summary: summary, Equivalent: reason, behaviours: behaviours}
}
