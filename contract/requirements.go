package contract

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

func (c *Contract) parseRequirements() error {
	for _, op := range append(c.inDocumentOrder(), &Operation{}) {
		pointer := op.Clause + "/x-requirements"
		node := c.lines.at(pointer)
		if node == nil {
			continue
		}
		if node.Kind != yaml.SequenceNode {
			return yamlfile.At(node.Line, "x-requirements: expected a list, got %s", yamlfile.KindOf(node))
		}
		for i, item := range node.Content {
			r := &Requirement{Operation: op.ID, Line: item.Line, Clause: fmt.Sprintf("%s/%d", pointer, i)}
			if err := yamlfile.Decode(item, r); err != nil {
				return err
			}
			c.requirements = append(c.requirements, r)
		}
	}
	return nil
}

func (c *Contract) inDocumentOrder() []*Operation {
	ops := slices.Clone(c.operations)
	slices.SortFunc(ops, func(a, b *Operation) int { return cmp.Compare(a.Line, b.Line) })
	return ops
}

var requirementID = regexp.MustCompile(`^[a-z0-9]+(\.[a-z0-9]+(-[a-z0-9]+)*)+$`)

func (c *Contract) checkRequirements() error {
	seen := map[string]bool{}
	for _, r := range c.requirements {
		what := "requirement " + r.ID
		switch {
		case !requirementID.MatchString(r.ID):
			return yamlfile.At(r.Line, "requirement id %q: expected the form %s", r.ID, requirementID)
		case seen[r.ID]:
			return yamlfile.At(r.Line, "%s: stands there twice", what)
		case r.Text == "":
			return yamlfile.At(r.Line, "%s: has no text", what)
		}
		seen[r.ID] = true
		if err := checkLevel(r.Line, what, r.Level); err != nil {
			return err
		}
		if err := c.checkSource(r.Line, what, r.Source...); err != nil {
			return err
		}
		if err := c.checkExercise(r); err != nil {
			return yamlfile.At(r.Line, "%s: %s", what, err)
		}
	}
	for _, r := range c.requirements {
		if seen[r.Formerly] {
			return yamlfile.At(r.Line, "requirement %s: formerly: %s is the id of another", r.ID, r.Formerly)
		}
	}
	return c.checkConditionsOwned()
}

// checkExercise makes sure that just one thing exercises a requirement, and
// that it exists.
func (c *Contract) checkExercise(r *Requirement) error {
	ways := 0
	for _, given := range []bool{len(r.Refuses) > 0 && r.Observes == "", len(r.Accepts) > 0, r.Observes != "", r.Judges != ""} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return fmt.Errorf("expected one of refuses, accepts, observes and judges, got %d", ways)
	}
	for _, condition := range r.Refuses {
		if err := c.checkRefused(r, condition); err != nil {
			return err
		}
	}
	if r.Judges != "" && !slices.Contains(aspects, r.Judges) {
		return fmt.Errorf("unknown aspect %q, expected one of %q", r.Judges, aspects)
	}
	for _, side := range r.AppliesTo {
		if side != "server" && side != "client" {
			return fmt.Errorf("appliesTo: expected server or client, got %q", side)
		}
	}
	return nil
}

// checkRefused makes sure that a condition which a requirement refuses is one,
// that an operation which the requirement holds for names it, that no other
// requirement of the same operation claims it, and that both have one level.
func (c *Contract) checkRefused(r *Requirement, condition string) error {
	refusal := c.byCondition[condition]
	if refusal == nil {
		return fmt.Errorf("unknown condition %q, expected one of x-refusals", condition)
	}
	named := slices.ContainsFunc(c.operations, func(op *Operation) bool {
		return (r.Operation == "" || r.Operation == op.ID) && slices.Contains(op.refusals, refusal)
	})
	if !named {
		return fmt.Errorf("refuses %q, which no operation that it holds for names under x-refusals", condition)
	}
	if refusal.Level != r.Level {
		return fmt.Errorf("is a %s, but what it refuses, %q, is a %s under x-refusals", r.Level, condition, refusal.Level)
	}
	for _, other := range c.requirements {
		if other != r && other.Operation == r.Operation && slices.Contains(other.Refuses, condition) {
			return fmt.Errorf("refuses %q, as %s does already", condition, other.ID)
		}
	}
	return nil
}

// checkConditionsOwned makes sure that what an operation refuses belongs to a
// requirement, so that no case is judged for nothing, and that every refusal
// of the catalogue is an operation's.
func (c *Contract) checkConditionsOwned() error {
	named := map[*Refusal]bool{}
	for _, op := range c.operations {
		for i, refusal := range op.refusals {
			named[refusal] = true
			if c.RequirementFor(op, refusal.Condition) == nil {
				return c.fault(fmt.Sprintf("%s/x-refusals/%d", op.Clause, i), "operation %s: no requirement refuses %q", op.ID, refusal.Condition)
			}
		}
	}
	for _, refusal := range c.refusals {
		if !named[refusal] {
			return yamlfile.At(refusal.Line, "refusal %s: no operation names it", refusal.Condition)
		}
	}
	return nil
}
