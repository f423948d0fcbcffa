package contract

import (
	_ "embed"
	"net/http"
	"slices"
	"sync"

	"github.com/gesconform/gesconform/internal/docfile"
)

// impliedClauses has the requirements that any document implies, in the form of a document's own
// extensions.
//
//go:embed implied.yaml
var impliedClauses []byte

// A Rule is something that any document implies about the outcome of a request, and that a run
// tests with requests of its own.
type Rule string

// The rules. Each is tested by the requirement of this name in implied.yaml.
const (
	RuleCredentialsRequired  Rule = "credentials-required"   // without credentials: refused
	RuleCredentialsValid     Rule = "credentials-valid"      // with made-up credentials: refused
	RuleValueAccepted        Rule = "value-accepted"         // a valid value: not refused as invalid
	RuleValueRefused         Rule = "value-refused"          // a value that breaks a keyword: refused
	RuleValueRefusedUnlisted Rule = "value-refused-unlisted" // the same, where no 4xx is listed for that
	RuleValueScalar          Rule = "value-scalar"           // what common readers take for valid: refused
	RuleValueReadOnly        Rule = "value-read-only"        // a read-only member in a request: without effect
	RuleRequestMediaType     Rule = "request-media-type"     // a body of another media type: refused
	RuleRequestAcceptable    Rule = "request-acceptable"     // none of the media types accepted: answered, or refused
	RuleResourceUnknown      Rule = "resource-unknown"       // an id of nothing: refused
	RuleResourceLinked       Rule = "resource-linked"        // what an answer links to: found
	RuleResourceCreated      Rule = "resource-created"       // what was created: shown
	RuleResourceDeleted      Rule = "resource-deleted"       // what was deleted: no longer shown
)

var rules = []Rule{
	RuleCredentialsRequired, RuleCredentialsValid, RuleValueAccepted, RuleValueRefused, RuleValueRefusedUnlisted, RuleValueScalar,
	RuleValueReadOnly, RuleRequestMediaType, RuleRequestAcceptable, RuleResourceUnknown, RuleResourceLinked, RuleResourceCreated, RuleResourceDeleted,
}

// implied loads what any document implies. It is the same for all.
var implied = sync.OnceValues(func() (*Contract, error) {
	c := &Contract{name: "implied.yaml", implied: true}
	var err error
	if c.set, err = docfile.Parse(impliedClauses, "requirements"); err != nil {
		return nil, err
	}
	c.root = c.set.YAML()
	for _, step := range []func() error{c.parseSources, c.parseRequirements, c.checkRequirements} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return c, nil
})

// imply gives the document the requirements that any document implies, unless it has some of its
// own.
func (c *Contract) imply() error {
	if len(c.requirements) > 0 {
		return nil
	}
	all, err := implied()
	if err != nil {
		return err
	}
	c.implied = true
	for id, s := range all.sources {
		if c.sources[id] == nil {
			c.sources[id] = s
		}
	}
	for _, r := range all.requirements {
		if shows := shownBy[r.Judges]; shows != nil && !shows(c.operations) {
			continue // no answer can break it
		}
		own := *r
		own.Clause, own.Line = "", 0 // it is in no document of the user's
		c.requirements = append(c.requirements, &own)
	}
	c.indexRequirements()
	return nil
}

// shownBy says, of an aspect that not every document has something for, whether the answers of some operations
// can show it.
var shownBy = map[Aspect]func([]*Operation) bool{
	AspectFormat:          inAnswers(func(s *Schema) bool { _, checked := formats[s.Format]; return checked }),
	AspectWriteOnly:       inAnswers(func(s *Schema) bool { return s.WriteOnly }),
	AspectHeaders:         inOne(func(op *Operation) bool { return slices.ContainsFunc(op.Responses, hasHeaders) }),
	AspectHeadWithoutBody: inOne(func(op *Operation) bool { return op.Method == http.MethodHead }),
	AspectStatusListed:    inOne(func(op *Operation) bool { return op.Response(unlisted) == nil }),
}

func hasHeaders(r *Response) bool { return len(r.Headers) > 0 }

func inOne(has func(*Operation) bool) func([]*Operation) bool {
	return func(all []*Operation) bool { return slices.ContainsFunc(all, has) }
}

// unlisted is a status of the class 4XX that no document lists.
const unlisted = 499

// inAnswers returns a function that reports whether a schema of the answers of some operations, or one within it,
// has something. Operations share most of their schemas, so that each is looked at once for all of them.
func inAnswers(has func(*Schema) bool) func([]*Operation) bool {
	return func(all []*Operation) bool {
		seen, found := map[*Schema]bool{}, false
		var look func(*Schema)
		look = func(s *Schema) {
			if s == nil || seen[s] || found {
				return
			}
			seen[s], found = true, has(s)
			s.eachPart(look)
		}
		for _, op := range all {
			for _, r := range op.Responses {
				for _, m := range r.Content {
					look(m.Schema)
				}
			}
		}
		return found
	}
}

// Implied reports whether the requirements are those that any document implies, for it states none
// of its own.
func (c *Contract) Implied() bool { return c.implied }

// RequirementTesting returns the requirement that says that a rule holds, or nil.
func (c *Contract) RequirementTesting(r Rule) *Requirement {
	return c.requirementOf(&Operation{}, "tests", string(r))
}
