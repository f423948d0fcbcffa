package contract

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// A Requirement is one MUST, SHOULD or MAY sentence of the contract. Exactly one of
// Refuses, Accepts, Observes, Judges, Expects and Tests is set and says what exercises it, except
// that a refusal which only the lifecycle of an upgrade can show has Observes, too.
type Requirement struct {
	ID        string   `yaml:"id" json:"id"`
	Operation string   `yaml:"-" json:"operation,omitempty"` // id; "" if it holds for all
	Level     Level    `yaml:"level" json:"level"`
	Text      string   `yaml:"text" json:"text"`
	Source    []string `yaml:"source" json:"source"`
	Ours      []string `yaml:"ours" json:"ours,omitempty"`           // what of it only a decision of ours says; see Documented
	AppliesTo []Side   `yaml:"appliesTo" json:"appliesTo,omitempty"` // empty for the server; the client alone beside Expects
	Formerly  string   `yaml:"formerly" json:"formerly,omitempty"`   // its id before it was renamed
	Refuses   []string `yaml:"refuses" json:"refuses,omitempty"`     // conditions that are refused
	Accepts   []string `yaml:"accepts" json:"accepts,omitempty"`     // valid variations that are accepted
	Observes  Steps    `yaml:"observes" json:"observes,omitempty"`   // steps of the lifecycle
	Judges    Aspect   `yaml:"judges" json:"judges,omitempty"`       // an aspect of all answers
	// Expects is what a client does; the others are about a server.
	Expects Behaviour `yaml:"expects" json:"expects,omitempty"`
	// Tests is a rule that any document implies. Only an implied requirement has one.
	Tests Rule `yaml:"tests" json:"tests,omitempty"`
	// Within is how long what Observes names may take to show; 0 if it must show at once.
	Within time.Duration `yaml:"within" json:"within,omitempty"`
	Clause string        `yaml:"-" json:"clause"` // JSON pointer into the document
	Line   int           `yaml:"-" json:"line"`   // in the document
}

// Steps are steps of the lifecycle. The document may write one without a list.
type Steps []string

// MayBeAlone says that a file may have one instead of a list of one.
func (Steps) MayBeAlone() {}

// An Aspect is something that is judged in every answer, whatever the request.
type Aspect string

// The aspects.
const (
	AspectAnswered        Aspect = "answered"          // there is an answer, and a bad request does not get a 5xx
	AspectFirstAttempt    Aspect = "first-attempt"     // the answer is the same when the request is sent again
	AspectStatus          Aspect = "status"            // the status is a documented one
	AspectMediaType       Aspect = "media-type"        // the Content-Type is a documented one
	AspectJSON            Aspect = "json"              // the body is complete, unambiguous JSON
	AspectSchema          Aspect = "schema"            // the body keeps to the documented schema
	AspectSchemaOfSuccess Aspect = "schema-of-success" // the same, for successes only
	AspectSchemaOfError   Aspect = "schema-of-error"   // the same, for refusals only
	AspectIDEcho          Aspect = "echo"              // an id in the body is the one in the request's path
	AspectCodeForm        Aspect = "code-form"         // the error code has the form of one
	AspectCodeMeaning     Aspect = "code-meaning"      // the error code is not used for something else than it means
	AspectCodePrecise     Aspect = "code-precise"      // status and error code say what is wrong as closely as any
	AspectCodeDocumented  Aspect = "code-documented"   // the error code is one that a page lists
	AspectNoCredentials   Aspect = "no-credentials"    // no credentials in the answer
	AspectNoStackTrace    Aspect = "no-stack-trace"    // no stack trace in the answer
	AspectHeaderOnce      Aspect = "header-once"       // no header twice that may stand only once
	AspectHeadWithoutBody Aspect = "head-without-body" // no body in answer to HEAD
	AspectCharset         Aspect = "charset"           // the charset that an answer names is that of its body
	AspectContentCoding   Aspect = "content-coding"    // no content coding that was not asked for
	AspectRequestID       Aspect = "request-id"        // the answer's id is the same in header and body, and its own
	AspectInTime          Aspect = "in-time"           // the answer comes within --max-response-time
	AspectStatusListed    Aspect = "status-listed"     // a refusal has a status that is listed, or covered by 4XX or default
	AspectFormat          Aspect = "format"            // a value has the format that its schema names
	AspectHeaders         Aspect = "headers"           // the documented headers are there, and keep to their schemas
	AspectWriteOnly       Aspect = "write-only"        // no member that is only written
)

var aspects = []Aspect{
	AspectAnswered, AspectFirstAttempt, AspectStatus, AspectMediaType, AspectJSON, AspectSchema, AspectSchemaOfSuccess, AspectIDEcho,
	AspectSchemaOfError, AspectCodeForm, AspectCodeMeaning, AspectCodePrecise, AspectCodeDocumented, AspectNoCredentials, AspectNoStackTrace,
	AspectHeaderOnce, AspectHeadWithoutBody, AspectCharset, AspectContentCoding, AspectRequestID, AspectInTime,
	AspectStatusListed, AspectFormat, AspectHeaders, AspectWriteOnly,
}

// widerAspect maps an aspect to the one that it is part of, whose requirement is used
// if no requirement judges the narrower aspect.
var widerAspect = map[Aspect]Aspect{
	AspectSchemaOfSuccess: AspectSchema,
	AspectSchemaOfError:   AspectSchema,
	AspectCodeForm:        AspectSchemaOfError,
}

// Requirements returns the requirements in the order of the document.
func (c *Contract) Requirements() []*Requirement { return slices.Clone(c.requirements) }

// Requirement returns the requirement with the given id, or nil.
func (c *Contract) Requirement(id string) *Requirement { return c.requirementsByID[id] }

// RequirementFor returns the requirement that says that op refuses condition, or nil.
// The operation's own requirements come before those that hold for all.
func (c *Contract) RequirementFor(op *Operation, condition string) *Requirement {
	return c.requirementOf(op, "refuses", condition)
}

// RequirementJudging returns the requirement that an aspect of op's answers belongs to,
// or nil.
func (c *Contract) RequirementJudging(op *Operation, aspect Aspect) *Requirement {
	return cmp.Or(c.requirementOf(op, "judges", string(aspect)), c.requirementOf(op, "judges", string(widerAspect[aspect])))
}

// RequirementAccepting returns the requirement that says that op accepts a valid
// variation of a request, or nil.
func (c *Contract) RequirementAccepting(op *Operation, variation string) *Requirement {
	return c.requirementOf(op, "accepts", variation)
}

func (c *Contract) requirementOf(op *Operation, verb, object string) *Requirement {
	return cmp.Or(c.requirementsBySaying[saying{op.ID, verb, object}], c.requirementsBySaying[saying{"", verb, object}])
}

// A saying is what a requirement says, such as that an operation refuses a condition.
type saying struct{ operation, verb, object string }

func (r *Requirement) sayings() []saying {
	var all []saying
	for _, condition := range r.Refuses {
		all = append(all, saying{r.Operation, "refuses", condition})
	}
	for _, variation := range r.Accepts {
		all = append(all, saying{r.Operation, "accepts", variation})
	}
	if r.Judges != "" {
		all = append(all, saying{r.Operation, "judges", string(r.Judges)})
	}
	if r.Tests != "" {
		all = append(all, saying{r.Operation, "tests", string(r.Tests)})
	}
	if r.Expects != "" { // of a client, wherever the requirement stands
		all = append(all, saying{"", "expects", string(r.Expects)})
	}
	return all
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
	c.indexRequirements()
	return nil
}

func (c *Contract) indexRequirements() {
	c.requirementsByID, c.requirementsBySaying = map[string]*Requirement{}, map[saying]*Requirement{}
	for _, r := range slices.Backward(c.requirements) { // the first one counts
		c.requirementsByID[r.ID] = r
		for _, s := range r.sayings() {
			c.requirementsBySaying[s] = r
		}
	}
}

var requirementID = regexp.MustCompile(`^[a-z0-9]+(\.[a-z0-9]+(-[a-z0-9]+)*)+$`)

func (c *Contract) checkRequirements() error {
	seen := map[string]bool{}
	for _, r := range c.requirements {
		switch {
		case !requirementID.MatchString(r.ID):
			return yamlfile.At(r.Line, "requirement id %q: expected the form %s", r.ID, requirementID)
		case seen[r.ID]:
			return yamlfile.At(r.Line, "requirement %s: appears twice", r.ID)
		}
		seen[r.ID] = true
		if err := cmp.Or(r.Level.check(), c.checkSource(r.Source...), c.checkOurs(r), c.checkExercise(r), c.checkSides(r), c.checkWithin(r)); err != nil {
			return yamlfile.At(r.Line, "requirement %s: %s", r.ID, err)
		}
	}
	for _, r := range c.requirements {
		if seen[r.Formerly] {
			return yamlfile.At(r.Line, "requirement %s: formerly: %s is the id of another requirement", r.ID, r.Formerly)
		}
	}
	return c.checkConditionsOwned()
}

// checkExercise makes sure that a requirement has a text, and that what exercises it is
// given once and exists.
func (c *Contract) checkExercise(r *Requirement) error {
	if r.Text == "" {
		return errors.New("has no text")
	}
	ways := 0
	for _, given := range []bool{len(r.Refuses) > 0 && len(r.Observes) == 0, len(r.Accepts) > 0, len(r.Observes) > 0, r.Judges != "", r.Expects != "", r.Tests != ""} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return fmt.Errorf("expected one of refuses, accepts, observes, judges and expects, got %d", ways)
	}
	for _, condition := range r.Refuses {
		if err := c.checkRefused(r, condition); err != nil {
			return err
		}
	}
	if r.Tests != "" && (!c.implied || !slices.Contains(rules, r.Tests)) {
		return fmt.Errorf("tests: expected none, since only what any document implies is tested so, got %q", r.Tests)
	}
	if r.Judges != "" && !slices.Contains(aspects, r.Judges) {
		return fmt.Errorf("unknown aspect %q, expected one of %q", r.Judges, aspects)
	}
	return nil
}

// maxWithin is the longest time that a requirement may give. Each wrong upgrade of a run is
// watched for that long.
const maxWithin = 10 * time.Minute

// checkWithin makes sure that the time that a requirement gives, if any, is sensible.
func (c *Contract) checkWithin(r *Requirement) error {
	switch {
	case c.node(r.Clause+"/within") == nil:
	case len(r.Observes) == 0:
		return errors.New("within: only what is observed may take time; expected observes beside it")
	case r.Within <= 0 || r.Within > maxWithin:
		return fmt.Errorf("within: expected a duration above 0 and of at most %s, got %s", maxWithin, r.Within)
	}
	return nil
}

// checkRefused makes sure that a condition under a requirement's refuses exists, is
// listed by an operation that the requirement applies to, has the requirement's level,
// and is not refused by another requirement of the operation.
func (c *Contract) checkRefused(r *Requirement, condition string) error {
	refusal := c.Refusal(condition)
	if refusal == nil {
		return fmt.Errorf("unknown condition %q, expected one of x-refusals", condition)
	}
	named := slices.ContainsFunc(c.operations, func(op *Operation) bool {
		return (r.Operation == "" || r.Operation == op.ID) && slices.Contains(op.refusals, refusal)
	})
	if !named {
		return fmt.Errorf("refuses %q, which no operation it applies to lists under x-refusals", condition)
	}
	if refusal.Level != r.Level {
		return fmt.Errorf("is a %s, but the refusal %q is a %s under x-refusals", r.Level, condition, refusal.Level)
	}
	for _, other := range c.requirements {
		if other != r && other.Operation == r.Operation && slices.Contains(other.Refuses, condition) {
			return fmt.Errorf("refuses %q, which %s already does", condition, other.ID)
		}
	}
	return nil
}

// checkConditionsOwned makes sure that each refusal of an operation belongs to a
// requirement, because its cases would count for nothing otherwise, and that each entry
// of x-refusals is listed by an operation.
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
			return yamlfile.At(refusal.Line, "refusal %s: no operation lists it", refusal.Condition)
		}
	}
	return nil
}
