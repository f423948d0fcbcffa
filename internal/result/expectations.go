package result

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

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
// mandatory. For a client, a case may also be called scenario. name is the name of the file;
// errors have it and the line.
func ReadExpectations(name string, text []byte, known Names) (Expectations, error) {
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
func ExpectationsOf(run Run, known Names) Expectations {
	var again Expectations
	for _, e := range run.Expectations {
		e.State, e.Cases = "", nil
		again.all = append(again.all, expectation{e, known.named(&e)})
	}
	return again
}

func (known *Names) list(root *yaml.Node) ([]expectation, error) {
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
func (known *Names) one(node *yaml.Node) (expectation, error) {
	var e expectation
	keys := []string{"requirement", "case", "reason", "ticket", "expires"}
	const mandatory = 2 // the first of them
	values := map[string]*string{
		"requirement": &e.Requirement, "case": &e.Case, "reason": &e.Reason, "ticket": &e.Ticket, "expires": &e.Expires,
	}
	if known.client {
		keys = append(keys, "scenario")
		values["scenario"] = &e.Case
	}
	members, err := yamlfile.Members(node, keys)
	if err != nil {
		return e, err
	}
	for _, m := range members {
		text, err := m.Text()
		switch {
		case err != nil && slices.Contains(keys[mandatory:5], m.Key.Value): // as WriteExpectations has left it
			return e, yamlfile.At(m.Key.Line, "%s: expected a value, got %s; a known deviation needs a reason, a ticket and an expiry date", m.Key.Value, yamlfile.KindOf(m.Value))
		case err != nil:
			return e, err
		}
		into := values[m.Key.Value]
		if *into != "" { // YAML itself allows no key twice
			return e, yamlfile.At(m.Key.Line, "%s: expected case or scenario, which mean the same, got both", m.Key.Value)
		}
		if *into = strings.TrimSpace(text); *into == "" {
			return e, yamlfile.At(m.Key.Line, "%s: expected a value, got only white space", m.Key.Value)
		}
		if err := known.check(m.Key.Value, *into); err != nil {
			return e, yamlfile.At(m.Key.Line, "%s: %s", m.Key.Value, err)
		}
	}
	if e.Requirement == "" && e.Case == "" {
		return e, yamlfile.At(node.Line, "expected a requirement or a %s, got neither", known.caseWord())
	}
	for _, key := range keys[mandatory:5] {
		if *values[key] == "" {
			return e, yamlfile.At(node.Line, "%s: is missing; a known deviation needs a reason, a ticket and an expiry date", key)
		}
	}
	if err := known.decide(&e.Expectation); err != nil {
		return e, yamlfile.At(node.Line, "%s", err)
	}
	e.named = known.named(&e.Expectation)
	return e, nil
}

// check returns an error if the value of a key is invalid.
func (known *Names) check(key, value string) error {
	switch key {
	case "requirement":
		switch {
		case slices.Contains(known.requirements, value):
		case slices.Contains(known.others, value):
			return fmt.Errorf("%s is about %s", value, known.otherWords())
		default:
			return fmt.Errorf("unknown requirement %.80q%s", value, suggest.DidYouMean(value, known.requirements, "docs/traceability.md lists them"))
		}
	case "case", "scenario":
		all := known.ids()
		if !slices.ContainsFunc(all, func(id string) bool { return matches(value, id) }) {
			return fmt.Errorf("unknown %s %.120q%s", known.caseWord(), value, suggest.DidYouMean(strings.TrimSuffix(value, "*"), all, known.listed))
		}
	case "expires":
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			return fmt.Errorf("expected a day such as 2026-12-31, got %.80q", value)
		}
	}
	return nil
}
