// Package contract loads the OpenAPI document that says what the service
// promises, and judges requests and answers by it.
//
// A contract is read once and not changed afterwards; all its methods may be
// called from several goroutines.
package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

// A Level is how binding a clause is, in the words of RFC 2119.
type Level string

// The levels, strictest first.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
	May    Level = "MAY"
)

// A Contract is a document, loaded and indexed.
type Contract struct {
	name         string
	version      string
	sum          string
	lines        *lineIndex
	operations   []*Operation
	routes       []*Operation // likewise, those with fewest parameters first
	requirements []*Requirement
	refusals     []*Refusal
	byCondition  map[string]*Refusal
	graphStates  []*GraphState
	codes        map[string]*ErrorCode
	codeForm     codeForm
	// credentialHeaders are canonical names, sorted.
	credentialHeaders []string
	sources           map[string]*Source
}

// A Source is a page that clauses rest on.
type Source struct {
	ID    string `yaml:"-" json:"id"`
	Title string `yaml:"title" json:"title"`
	URL   string `yaml:"url" json:"url"`
	Date  string `yaml:"date" json:"date"`
	Line  int    `yaml:"-" json:"line"`
}

// Default returns the contract that this module ships, openapi.yaml. It is
// loaded once a process.
var Default = sync.OnceValues(func() (*Contract, error) {
	return Parse("openapi.yaml", gesconform.OpenAPI)
})

// Load reads the document at path. Errors name the file, the line and the
// reason.
func Load(path string) (*Contract, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load contract: %w", err)
	}
	return Parse(path, data)
}

// Parse reads a document from data; name stands for it in errors and reports.
func Parse(name string, data []byte) (*Contract, error) {
	sum := sha256.Sum256(data)
	c := &Contract{name: name, sum: hex.EncodeToString(sum[:])}
	if err := c.parse(data); err != nil {
		return nil, fmt.Errorf("load contract: %w", yamlfile.InFile(name, err))
	}
	return c, nil
}

// Name is the file name that the contract was loaded under.
func (c *Contract) Name() string { return c.name }

// Version is the document's info.version.
func (c *Contract) Version() string { return c.version }

// SHA256 is the hexadecimal digest of the document.
func (c *Contract) SHA256() string { return c.sum }

// Operations lists the operations, sorted by id.
func (c *Contract) Operations() []*Operation { return slices.Clone(c.operations) }

// Operation returns the operation with an id, or nil.
func (c *Contract) Operation(id string) *Operation {
	for _, op := range c.operations {
		if op.ID == id {
			return op
		}
	}
	return nil
}

// Requirements lists the requirements in the order of the document.
func (c *Contract) Requirements() []*Requirement { return slices.Clone(c.requirements) }

// Requirement returns the requirement with an id, or nil.
func (c *Contract) Requirement(id string) *Requirement {
	for _, r := range c.requirements {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// Refusals lists the refusal catalogue in the order of the document.
func (c *Contract) Refusals() []*Refusal { return slices.Clone(c.refusals) }

// Refusal returns what the catalogue says of a condition, or nil.
func (c *Contract) Refusal(condition string) *Refusal { return c.byCondition[condition] }

// Source returns a source by its id, or nil.
func (c *Contract) Source(id string) *Source { return c.sources[id] }

// Line is the line of the document on which the clause at a JSON pointer
// stands, or of its nearest parent; 0 if there is none.
func (c *Contract) Line(pointer string) int { return c.lines.line(pointer) }

// RequirementFor returns the requirement that the refusal of condition by an
// operation belongs to: one of the operation's own, or one that holds for all.
func (c *Contract) RequirementFor(op *Operation, condition string) *Requirement {
	return c.requirementOf(op, func(r *Requirement) bool { return slices.Contains(r.Refuses, condition) })
}

// RequirementJudging returns the requirement that an aspect of an operation's
// answers belongs to.
func (c *Contract) RequirementJudging(op *Operation, aspect Aspect) *Requirement {
	find := func(a Aspect) *Requirement {
		return c.requirementOf(op, func(r *Requirement) bool { return r.Judges == a })
	}
	if aspect == "" {
		return nil // a problem of a request has none
	}
	if r := find(aspect); r != nil {
		return r
	}
	if parent, ok := widerAspect[aspect]; ok {
		return find(parent)
	}
	return nil
}

// RequirementAccepting returns the requirement that the acceptance of a named
// valid variation by an operation belongs to.
func (c *Contract) RequirementAccepting(op *Operation, variation string) *Requirement {
	return c.requirementOf(op, func(r *Requirement) bool { return slices.Contains(r.Accepts, variation) })
}

func (c *Contract) requirementOf(op *Operation, holds func(*Requirement) bool) *Requirement {
	for _, own := range []string{op.ID, ""} {
		for _, r := range c.requirements {
			if r.Operation == own && holds(r) {
				return r
			}
		}
	}
	return nil
}
