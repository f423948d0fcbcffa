package fakeserver

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/fakeserver/scenario"
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
	calls    []int // the numbers of the answers, of those that it can change, that an edit changes; nil for all
	limited  int   // how many of edits heed calls
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

// effectsOf returns what the defects of the options and of a scenario change.
func effectsOf(defects []Defect, named []scenario.Defect) (*effects, error) {
	all := &effects{policy: lawful()}
	for _, d := range defects {
		d.addTo(all)
	}
	for _, n := range named {
		d, err := LookupDefect(n.Name)
		if err != nil {
			return nil, err
		}
		if len(n.Calls) == 0 {
			d.addTo(all)
			continue
		}
		limited := &effects{policy: policy{answers: map[string]answer{}}, calls: n.Calls}
		d.addTo(limited)
		if len(limited.requests) > 0 || limited.limited < len(limited.edits) || !limited.policy.isUntouched() {
			return nil, fmt.Errorf("the defect %q is limited to some calls, but changes the service itself, and not only answers", n.Name)
		}
		all.edits = append(all.edits, limited.edits...)
	}
	return all, nil
}

// isUntouched reports whether no effect has been added to a policy that was empty.
func (p *policy) isUntouched() bool {
	return len(p.answers) == 0 && reflect.DeepEqual(*p, policy{answers: p.answers})
}

func (d Defect) addTo(all *effects) {
	for _, add := range d.effects {
		add(all)
	}
}

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
