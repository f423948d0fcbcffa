package contract

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
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
	AppliesTo []string `yaml:"appliesTo" json:"appliesTo,omitempty"` // server, client; server if empty
	Formerly  string   `yaml:"formerly" json:"formerly,omitempty"`   // the id before it was renamed
	Refuses   []string `yaml:"refuses" json:"refuses,omitempty"`     // conditions that are refused
	Accepts   []string `yaml:"accepts" json:"accepts,omitempty"`     // valid variations that are accepted
	Observes  string   `yaml:"observes" json:"observes,omitempty"`   // a step of the lifecycle
	Judges    Aspect   `yaml:"judges" json:"judges,omitempty"`       // an aspect of every answer
	Clause    string   `yaml:"-" json:"clause"`                      // JSON pointer into the document
	Line      int      `yaml:"-" json:"line"`
}

// An Aspect is a side of an exchange that is judged in every answer.
type Aspect string

// The aspects.
const (
	AspectAnswered        Aspect = "answered"          // an answer came, and no 5xx to a bad request
	AspectStatus          Aspect = "status"            // the status is a documented one
	AspectMediaType       Aspect = "media-type"        // the Content-Type is a documented one
	AspectJSON            Aspect = "json"              // the body is JSON, whole and unambiguous
	AspectSchema          Aspect = "schema"            // the body has the documented form
	AspectSchemaOfSuccess Aspect = "schema-of-success" // likewise, of a success
	AspectSchemaOfError   Aspect = "schema-of-error"   // likewise, of a refusal
	AspectIDEcho          Aspect = "echo"              // what is asked for is what is shown
	AspectCodeForm        Aspect = "code-form"         // the error code is written as codes are
	AspectCodeMeaning     Aspect = "code-meaning"      // the error code means what it is used for
	AspectNoCredentials   Aspect = "no-credentials"    // no credentials in the answer
	AspectNoStackTrace    Aspect = "no-stack-trace"    // no stack trace in the answer
)

var aspects = []Aspect{
	AspectAnswered, AspectStatus, AspectMediaType, AspectJSON, AspectSchema, AspectSchemaOfSuccess, AspectIDEcho,
	AspectSchemaOfError, AspectCodeForm, AspectCodeMeaning, AspectNoCredentials, AspectNoStackTrace,
}

// widerAspect is what an aspect is part of, where no requirement names it.
var widerAspect = map[Aspect]Aspect{
	AspectSchemaOfSuccess: AspectSchema,
	AspectSchemaOfError:   AspectSchema,
	AspectCodeForm:        AspectSchemaOfError,
}

// A Refusal says when a condition holds and how it may be answered then.
type Refusal struct {
	Condition string    `yaml:"-" json:"condition"`
	When      []When    `yaml:"-" json:"when"`
	First     bool      `yaml:"first" json:"first,omitempty"` // judged before all others
	Front     bool      `yaml:"front" json:"front,omitempty"` // may be answered by what stands in front of the service
	Level     Level     `yaml:"level" json:"level"`
	Answers   []Outcome `yaml:"-" json:"answers"`
	Tolerated []Outcome `yaml:"-" json:"tolerated,omitempty"` // no deviation, but advised against
	Source    []string  `yaml:"source" json:"source"`
	Clause    string    `yaml:"-" json:"clause"`
	Line      int       `yaml:"-" json:"line"`
}

// When is one way in which a condition comes about: a keyword that the request
// breaks at a place, or a relation of what stands there to the service's state.
type When struct {
	In       In       `yaml:"in" json:"in"`
	Name     string   `yaml:"name" json:"name,omitempty"` // of the parameter or header; any if empty
	Pointer  *string  `yaml:"pointer" json:"pointer,omitempty"`
	Keyword  string   `yaml:"keyword" json:"keyword,omitempty"`
	Relation Relation `yaml:"relation" json:"relation,omitempty"`
}

// In is a part of a request.
type In string

// The parts of a request, and of an answer.
const (
	InMethod   In = "method"
	InPath     In = "path"
	InSecurity In = "security"
	InHeader   In = "header"
	InBody     In = "body"
	InStatus   In = "status"
)

// A Relation is a way in which a value fails to fit what the service knows.
type Relation string

// The relations.
const (
	NotIssued    Relation = "not-issued"    // credentials that the service never gave out
	Expired      Relation = "expired"       // credentials whose time is over
	NotPermitted Relation = "not-permitted" // credentials that do not permit the operation
	OtherProject Relation = "other-project" // a project that is not the credentials' own
	Unknown      Relation = "unknown"       // there is no such thing
	Foreign      Relation = "foreign"       // a thing of another project
	Stopped      Relation = "stopped"       // a graph that has been stopped
	NotRunning   Relation = "not-running"   // a graph in another state than running
	Upgrading    Relation = "upgrading"     // a graph with an upgrade under way
	NotLater     Relation = "not-later"     // a version that is not later than the graph's own
)

var relations = []Relation{
	NotIssued, Expired, NotPermitted, OtherProject, Unknown, Foreign, Stopped, NotRunning, Upgrading, NotLater,
}

// An Outcome is one lawful status with the codes that may go with it.
type Outcome struct {
	Status string   `json:"status"`          // "400", or "4XX" for all of a class
	Codes  []string `json:"codes,omitempty"` // any if empty
}

// Covers reports whether a status is one of the outcome's.
func (o Outcome) Covers(status int) bool {
	s := strconv.Itoa(status)
	return o.Status == s || o.Status[1:] == "XX" && len(s) == 3 && o.Status[0] == s[0]
}

// status is the outcome's status, or the first of its class.
func (o Outcome) status() int {
	if n, err := strconv.Atoi(o.Status); err == nil {
		return n
	}
	return int(o.Status[0]-'0') * 100
}

// String writes the outcome as reports show it: 400 with two codes, A.1 or A.2.
func (o Outcome) String() string {
	if len(o.Codes) == 0 {
		return o.Status + " with any code"
	}
	s := o.Status + " "
	for i, code := range o.Codes {
		switch {
		case i == 0:
		case i == len(o.Codes)-1:
			s += " or "
		default:
			s += ", "
		}
		s += code
	}
	return s
}

// A Fit is how well an answer fits a refusal.
type Fit int

// The fits, worst first.
const (
	NoFit     Fit = iota // none of the outcomes
	Codeless             // a status that fits, and no code that could be read
	Generic              // an outcome that takes any code
	Unlisted             // a status that fits, and a code that no page knows
	Tolerated            // an outcome that is advised against
	Exact                // status and code are a lawful pair
)

// Fit tells how well an answer with a status and an error code ("" where none
// could be read) fits the refusal.
func (c *Contract) Fit(r *Refusal, status int, code string) Fit {
	best := NoFit
	normal := c.normalCode(code)
	rate := func(outcomes []Outcome, listed Fit) {
		for _, o := range outcomes {
			if !o.Covers(status) {
				continue
			}
			switch {
			case len(o.Codes) == 0:
				best = max(best, Generic)
			case code == "":
				best = max(best, Codeless)
			case slices.Contains(o.Codes, normal):
				best = max(best, listed)
			case c.Code(code) == nil && c.codeForm.wellFormed(code):
				best = max(best, Unlisted)
			case !c.codeForm.wellFormed(code):
				best = max(best, Codeless)
			}
		}
	}
	rate(r.Answers, Exact)
	rate(r.Tolerated, Tolerated)
	return best
}

// Lawful writes the refusal's lawful answers, one a line.
func (r *Refusal) Lawful() []string {
	lines := make([]string, 0, len(r.Answers))
	for _, o := range r.Answers {
		lines = append(lines, o.String())
	}
	return lines
}

// FirstLawful returns the refusal's first lawful answer: the status, and the code
// that is named first ("" where any will do).
func (r *Refusal) FirstLawful() (status int, code string) {
	o := r.Answers[0]
	status = o.status()
	if o.Status == "4XX" && r.When[0].In == InMethod {
		status = http.StatusNotFound
	}
	if len(o.Codes) > 0 {
		code = o.Codes[0]
	}
	return status, code
}

// matches reports whether a problem of a request is what w describes.
func (w When) matches(p Problem) bool {
	return w.Relation == "" && w.In == p.In && w.Keyword == p.Keyword &&
		(w.Name == "" || http.CanonicalHeaderKey(w.Name) == http.CanonicalHeaderKey(p.Name)) &&
		(w.Pointer == nil || *w.Pointer == p.Pointer)
}

// RefusalFor returns the refusal that a problem of a request to op belongs to:
// the first of the catalogue's, as op names them, whose `when` describes it. It
// is nil where the contract takes no offence.
func (c *Contract) RefusalFor(op *Operation, p Problem) *Refusal {
	for _, r := range op.refusals {
		for _, w := range r.When {
			if w.matches(p) {
				return r
			}
		}
	}
	return nil
}

// RefusalForRelation returns the refusal of op for a relation of the named part: the
// parameter's or header's name, or the JSON pointer of a body member. It is nil
// where op names none.
func (c *Contract) RefusalForRelation(op *Operation, relation Relation, part string) *Refusal {
	for _, r := range op.refusals {
		for _, w := range r.When {
			pointer := ""
			if w.Pointer != nil {
				pointer = *w.Pointer
			}
			if w.Relation == relation && (part == w.Name || part == pointer && pointer != "" || w.In == InSecurity) {
				return r
			}
		}
	}
	return nil
}

// Place returns where a relation of op is looked for: the part of the request,
// and the name of the parameter or the JSON pointer of the body member.
func (op *Operation) Place(relation Relation) (in In, part string, ok bool) {
	for _, r := range op.refusals {
		for _, w := range r.When {
			if w.Relation != relation {
				continue
			}
			if w.Pointer != nil {
				return w.In, *w.Pointer, true
			}
			return w.In, w.Name, true
		}
	}
	return "", "", false
}

func (w When) check() error {
	if (w.Keyword == "") == (w.Relation == "") {
		return fmt.Errorf("expected a keyword or a relation, got keyword %q and relation %q", w.Keyword, w.Relation)
	}
	if w.Relation != "" && !slices.Contains(relations, w.Relation) {
		return fmt.Errorf("unknown relation %q, expected one of %q", w.Relation, relations)
	}
	if w.Keyword != "" && !slices.Contains(keywords, w.Keyword) {
		return fmt.Errorf("unknown keyword %q, expected one of %q", w.Keyword, keywords)
	}
	if !slices.Contains([]In{InMethod, InPath, InSecurity, InHeader, InBody}, w.In) {
		return fmt.Errorf("unknown part of a request %q", w.In)
	}
	return nil
}
