package result

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/suggest"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

// Expectations are the known deviations of a target, as they are listed in a file.
type Expectations struct{ all []expectation }

// An expectation is an entry of the file with the cases of the contract that it names.
type expectation struct {
	Expectation
	named []string
}

// ReadExpectations reads a list of known deviations from YAML:
//
//   - requirement: upgrade.target-later
//     case: upgradeGraph/body/upgrade_version/not-later-*
//     reason: an equal version starts an upgrade that does nothing
//     ticket: GES-1234
//     expires: 2026-12-31
//
// Each entry names a requirement, a case (or several, by a prefix of their ids and *), or
// both, with the meaning that Expectation describes. reason, ticket and expires are
// mandatory. name is the name of the file; errors have it and the line.
func ReadExpectations(name string, text []byte, c *contract.Contract) (Expectations, error) {
	known, err := knownIDs(c)
	if err != nil {
		return Expectations{}, err
	}
	root, err := yamlfile.Strict.Read(text, "a list of known deviations")
	if err == nil {
		var all []expectation
		if all, err = known.list(root); err == nil {
			return Expectations{all}, nil
		}
	}
	return Expectations{}, fmt.Errorf("read expectations: %w", yamlfile.InFile(name, err))
}

// ExpectationsOf returns the expectations with which a run was judged, for judging it
// again.
func ExpectationsOf(run Run, c *contract.Contract) (Expectations, error) {
	known, err := knownIDs(c)
	if err != nil {
		return Expectations{}, err
	}
	var again Expectations
	for _, e := range run.Expectations {
		e.State, e.Cases = "", nil
		again.all = append(again.all, expectation{e, known.named(&e)})
	}
	return again, nil
}

// ids has what an expectation may name.
type ids struct {
	requirements []string
	ofClients    []string // requirements that no server is judged by
	cases        []*cases.Case
}

func knownIDs(c *contract.Contract) (ids, error) {
	all, err := cases.Of(c)
	if err != nil {
		return ids{}, fmt.Errorf("read expectations: %w", err)
	}
	known := ids{cases: all}
	for _, r := range c.RequirementsFor(contract.Server) {
		known.requirements = append(known.requirements, r.ID)
	}
	for _, r := range c.RequirementsFor(contract.Client) {
		known.ofClients = append(known.ofClients, r.ID)
	}
	return known, nil
}

func (known ids) list(root *yaml.Node) ([]expectation, error) {
	if root.Kind != yaml.SequenceNode {
		return nil, yamlfile.At(root.Line, "expected a list of known deviations, got %s", yamlfile.KindOf(root))
	}
	var all []expectation
	for _, node := range root.Content {
		e, err := known.one(node)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// one reads an entry of the list.
func (known ids) one(node *yaml.Node) (expectation, error) {
	var e expectation
	keys := []string{"requirement", "case", "reason", "ticket", "expires"}
	values := map[string]*string{
		"requirement": &e.Requirement, "case": &e.Case, "reason": &e.Reason, "ticket": &e.Ticket, "expires": &e.Expires,
	}
	members, err := yamlfile.Members(node, keys)
	if err != nil {
		return e, err
	}
	for _, m := range members {
		text, err := m.Text()
		switch {
		case err != nil && slices.Contains(keys[2:], m.Key.Value): // as WriteExpectations has left it
			return e, yamlfile.At(m.Key.Line, "%s: expected a value, got %s; a known deviation needs a reason, a ticket and an expiry date", m.Key.Value, yamlfile.KindOf(m.Value))
		case err != nil:
			return e, err
		}
		into := values[m.Key.Value]
		if *into = strings.TrimSpace(text); *into == "" {
			return e, yamlfile.At(m.Key.Line, "%s: expected a value, got only white space", m.Key.Value)
		}
		if err := known.check(m.Key.Value, *into); err != nil {
			return e, yamlfile.At(m.Key.Line, "%s: %s", m.Key.Value, err)
		}
	}
	if e.Requirement == "" && e.Case == "" {
		return e, yamlfile.At(node.Line, "expected a requirement or a case, got neither")
	}
	for _, key := range keys[2:] {
		if *values[key] == "" {
			return e, yamlfile.At(node.Line, "%s: is missing; a known deviation needs a reason, a ticket and an expiry date", key)
		}
	}
	e.named = known.named(&e.Expectation)
	return e, nil
}

// check returns an error if the value of a key is invalid.
func (known ids) check(key, value string) error {
	switch key {
	case "requirement":
		switch {
		case slices.Contains(known.requirements, value):
		case slices.Contains(known.ofClients, value):
			return fmt.Errorf("%s is about clients, and a run judges a server", value)
		default:
			return fmt.Errorf("unknown requirement %.80q%s", value, suggest.DidYouMean(value, known.requirements, "docs/traceability.md lists them"))
		}
	case "case":
		var all []string
		for _, k := range known.cases {
			if matches(value, k.ID) {
				return nil
			}
			all = append(all, k.ID)
		}
		return fmt.Errorf("unknown case %.120q%s", value, suggest.DidYouMean(strings.TrimSuffix(value, "*"), all, "`gesconform cases` lists them"))
	case "expires":
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			return fmt.Errorf("expected a day such as 2026-12-31, got %.80q", value)
		}
	}
	return nil
}

// named returns the ids of the cases that an expectation names or, if it names none, of
// those about its requirement.
func (known ids) named(e *Expectation) []string {
	var all []string
	for _, k := range known.cases {
		if e.Case != "" && matches(e.Case, k.ID) || e.Case == "" && k.Requirement == e.Requirement {
			all = append(all, k.ID)
		}
	}
	return all
}
