package result

import (
	"fmt"
	"slices"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/suggest"
)

// Names are what an expectation may name: the requirements for what is judged, and the cases or
// scenarios.
type Names struct {
	requirements []string
	others       []string // requirements that are about the other side only
	cases        []Scenario
	client       bool
	listed       string // where the cases are listed
}

// A Scenario is what the result of a client needs to know of a scenario, whether it was selected
// or not.
type Scenario struct {
	ID string
	// Requirement is the one that it is mainly about.
	Requirement string
	// Decides has all requirements that it can decide, Requirement among them.
	Decides []string
	// Strict is whether it belongs to strict runs only.
	Strict bool
}

// NamesOf returns what an expectation of a run against a deployment may name.
func NamesOf(c *contract.Contract) (Names, error) {
	all, err := cases.Of(c)
	if err != nil {
		return Names{}, fmt.Errorf("read expectations: %w", err)
	}
	known := Names{listed: "`gesconform cases` lists them"}
	for _, k := range all {
		known.cases = append(known.cases, Scenario{ID: k.ID, Requirement: k.Requirement})
	}
	known.requirements, known.others = idsFor(c, contract.Server), idsFor(c, contract.Client)
	return known, nil
}

func idsFor(c *contract.Contract, side contract.Side) (ids []string) {
	for _, r := range c.RequirementsFor(side) {
		ids = append(ids, r.ID)
	}
	return ids
}

// ClientNames returns what an expectation of a client may name.
func ClientNames(c *contract.Contract, scenarios []Scenario) Names {
	return Names{
		requirements: idsFor(c, contract.Client), others: idsFor(c, contract.Server), cases: scenarios, client: true,
		listed: "`gesconform client --list` lists them",
	}
}

// otherWords says why a requirement about the other side cannot be named.
func (known *Names) otherWords() string {
	if known.client {
		return "servers, and a client is judged"
	}
	return "clients, and a run judges a server"
}

func (known *Names) caseWord() string {
	if known.client {
		return "scenario"
	}
	return "case"
}

func (known *Names) ids() []string {
	all := make([]string, len(known.cases))
	for i, k := range known.cases {
		all[i] = k.ID
	}
	return all
}

// named returns the ids of the cases that an expectation names or, if it names none, of
// those about its requirement.
func (known *Names) named(e *Expectation) []string {
	var all []string
	for i := range known.cases {
		if k := &known.cases[i]; e.Case != "" && matches(e.Case, k.ID) || e.Case == "" && k.about(e.Requirement) {
			all = append(all, k.ID)
		}
	}
	return all
}

func (s *Scenario) about(requirement string) bool {
	return s.Requirement == requirement || slices.Contains(s.Decides, requirement)
}

// decide returns an error if an expectation names a scenario and a requirement that no such scenario
// decides: it could never be met, and nobody would notice.
func (known *Names) decide(e *Expectation) error {
	if !known.client || e.Requirement == "" || e.Case == "" {
		return nil
	}
	var others []string
	for i := range known.cases {
		k := &known.cases[i]
		switch {
		case !matches(e.Case, k.ID):
		case k.about(e.Requirement):
			return nil
		default:
			others = append(append(others, k.Requirement), k.Decides...)
		}
	}
	slices.Sort(others)
	return fmt.Errorf("scenario %.120q does not decide requirement %s%s", e.Case, e.Requirement, suggest.DidYouMean(e.Requirement, slices.Compact(others), "`gesconform client --explain` says what it decides"))
}
