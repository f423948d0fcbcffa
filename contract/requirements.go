package contract

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// A Requirement is one MUST, SHOULD or MAY sentence of the contract. Just one
// of Refuses, Accepts, Observes and Judges says what exercises it; a refusal
// that only a lifecycle can show has Observes besides.
type Requirement struct {
	ID        string   `yaml:"id" json:"id"`
	Operation string   `yaml:"-" json:"operation,omitempty"` // "" holds for all
	Level     Level    `yaml:"level" json:"level"`
	Text      string   `yaml:"text" json:"text"`
	Source    []string `yaml:"source" json:"source"`
	AppliesTo []string `yaml:"appliesTo" json:"appliesTo,omitempty"` // who has to keep it: server, client; the server if empty
	Formerly  string   `yaml:"formerly" json:"formerly,omitempty"`   // the id before it was renamed
	Refuses   []string `yaml:"refuses" json:"refuses,omitempty"`     // conditions that are refused
	Accepts   []string `yaml:"accepts" json:"accepts,omitempty"`     // valid variations that are accepted
	Observes  string   `yaml:"observes" json:"observes,omitempty"`   // a step of the lifecycle
	Judges    Aspect   `yaml:"judges" json:"judges,omitempty"`       // an aspect of every answer
	Clause    string   `yaml:"-" json:"clause"`                      // JSON pointer into the document
	Line      int      `yaml:"-" json:"line"`
}

// An Aspect is what is judged in every answer, whatever was asked for.
type Aspect string

// The aspects.
const (
	AspectAnswered        Aspect = "answered"          // an answer came, and no 5xx to a bad request
	AspectStatus          Aspect = "status"            // the status is a documented one
	AspectMediaType       Aspect = "media-type"        // the Content-Type is a documented one
	AspectJSON            Aspect = "json"              // the body is JSON, whole and unambiguous
	AspectSchema          Aspect = "schema"            // the body has the documented form
	AspectSchemaOfSuccess Aspect = "schema-of-success" // the same, of a success alone
	AspectSchemaOfError   Aspect = "schema-of-error"   // the same, of a refusal alone
	AspectIDEcho          Aspect = "echo"              // the id that was asked for is the one that is shown
	AspectCodeForm        Aspect = "code-form"         // the error code is written as codes are
	AspectCodeMeaning     Aspect = "code-meaning"      // the error code means what it is used for
	AspectNoCredentials   Aspect = "no-credentials"    // no credentials in the answer
	AspectNoStackTrace    Aspect = "no-stack-trace"    // no stack trace in the answer
)

var aspects = []Aspect{
	AspectAnswered, AspectStatus, AspectMediaType, AspectJSON, AspectSchema, AspectSchemaOfSuccess, AspectIDEcho,
	AspectSchemaOfError, AspectCodeForm, AspectCodeMeaning, AspectNoCredentials, AspectNoStackTrace,
}

// widerAspect is the aspect to which a part of it belongs where no requirement judges
// the part.
var widerAspect = map[Aspect]Aspect{
	AspectSchemaOfSuccess: AspectSchema,
	AspectSchemaOfError:   AspectSchema,
	AspectCodeForm:        AspectSchemaOfError,
}

// Requirements lists the requirements in the order of the document.
func (c *Contract) Requirements() []*Requirement { return slices.Clone(c.requirements) }

// Requirement returns the requirement with an id, or nil.
func (c *Contract) Requirement(id string) *Requirement {
	return first(c.requirements, func(r *Requirement) bool { return r.ID == id })
}

// RequirementFor returns the requirement that the refusal of condition by an
// operation belongs to: one of the operation's own, or one that holds for all.
func (c *Contract) RequirementFor(op *Operation, condition string) *Requirement {
	return c.requirementOf(op, func(r *Requirement) bool { return slices.Contains(r.Refuses, condition) })
}

// RequirementJudging returns the requirement that an aspect of an operation's
// answers belongs to.
func (c *Contract) RequirementJudging(op *Operation, aspect Aspect) *Requirement {
	for _, a := range []Aspect{aspect, widerAspect[aspect]} {
		if a == "" {
			break // a problem of a request has no aspect
		}
		if r := c.requirementOf(op, func(r *Requirement) bool { return r.Judges == a }); r != nil {
			return r
		}
	}
	return nil
}

// RequirementAccepting returns the requirement that the acceptance of a named
// valid variation by an operation belongs to.
func (c *Contract) RequirementAccepting(op *Operation, variation string) *Requirement {
	return c.requirementOf(op, func(r *Requirement) bool { return slices.Contains(r.Accepts, variation) })
}

func (c *Contract) requirementOf(op *Operation, holds func(*Requirement) bool) *Requirement {
	of := func(id string) *Requirement {
		return first(c.requirements, func(r *Requirement) bool { return r.Operation == id && holds(r) })
	}
	return cmp.Or(of(op.ID), of(""))
}

func (c *Contract) parseRequirements() error {
	inDocumentOrder := slices.SortedFunc(slices.Values(c.operations), func(a, b *Operation) int { return cmp.Compare(a.Line, b.Line) })
	for _, op := range append(inDocumentOrder, &Operation{}) {
		pointer := op.Clause + "/x-requirements"
		var own []*Requirement
		if err := c.decode(pointer, &own); err != nil {
			return err
		}
		for i, r := range own {
			r.Operation, r.Clause = op.ID, nth(pointer, i)
			r.Line = c.Line(r.Clause)
		}
		c.requirements = append(c.requirements, own...)
	}
	return nil
}

var requirementID = regexp.MustCompile(`^[a-z0-9]+(\.[a-z0-9]+(-[a-z0-9]+)*)+$`)

func (c *Contract) checkRequirements() error {
	seen := map[string]bool{}
	for _, r := range c.requirements {
		switch {
		case !requirementID.MatchString(r.ID):
			return yamlfile.At(r.Line, "requirement id %q: expected the form %s", r.ID, requirementID)
		case seen[r.ID]:
			return yamlfile.At(r.Line, "requirement %s: stands there twice", r.ID)
		}
		seen[r.ID] = true
		if err := cmp.Or(r.Level.check(), c.checkSource(r.Source...), c.checkExercise(r)); err != nil {
			return yamlfile.At(r.Line, "requirement %s: %s", r.ID, err)
		}
	}
	for _, r := range c.requirements {
		if seen[r.Formerly] {
			return yamlfile.At(r.Line, "requirement %s: formerly: %s is the id of another", r.ID, r.Formerly)
		}
	}
	return c.checkConditionsOwned()
}

// checkExercise makes sure that a requirement has a text, and that just one thing
// exercises it and exists.
func (c *Contract) checkExercise(r *Requirement) error {
	if r.Text == "" {
		return errors.New("has no text")
	}
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
	refusal := c.Refusal(condition)
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
				return c.fault(nth(op.Clause+"/x-refusals", i), "operation %s: no requirement refuses %q", op.ID, refusal.Condition)
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
