package contract

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/jsonpointer"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

// A Refusal is an entry of x-refusals: a condition, which is a way in which a request
// breaks the rules, when it holds, and how it may then be answered.
type Refusal struct {
	Condition string    `json:"condition"`       // its name, such as malformed-body
	When      []When    `json:"when"`            // it holds if one of them does
	First     bool      `json:"first,omitempty"` // judged before all others
	Front     bool      `json:"front,omitempty"` // a proxy or gateway in front of the service may answer
	Level     Level     `json:"level"`
	Answers   []Outcome `json:"answers"`             // the lawful ones, the usual one first
	Tolerated []Outcome `json:"tolerated,omitempty"` // real but second best: an advisory, not a deviation
	Source    []string  `json:"source"`              // ids of sources
	Clause    string    `json:"clause"`              // JSON pointer into the document
	Line      int       `json:"line"`                // in the document

	lawful []string // see Lawful; a run keeps hundreds of them
}

// A When is one way for a condition to hold: a part of the request breaks a keyword, or
// its value has a relation to the service's state.
type When struct {
	In       In       `yaml:"in" json:"in"`
	Name     string   `yaml:"name" json:"name,omitempty"`       // of the parameter or header; any if empty
	Pointer  *string  `yaml:"pointer" json:"pointer,omitempty"` // into the body (RFC 6901); anywhere if nil
	Keyword  string   `yaml:"keyword" json:"keyword,omitempty"` // "" if there is a relation
	Relation Relation `yaml:"relation" json:"relation,omitempty"`
}

// In is a part of a request or of an answer.
type In string

// The parts of a request, and of an answer.
const (
	InMethod   In = "method"
	InPath     In = "path"
	InSecurity In = "security"
	InHeader   In = "header"
	InQuery    In = "query"
	InCookie   In = "cookie"
	InBody     In = "body"
	InStatus   In = "status"
)

// A Relation is a way in which a value conflicts with the service's state.
type Relation string

// The relations.
const (
	NotIssued    Relation = "not-issued"    // credentials that the service never issued
	Expired      Relation = "expired"       // credentials that have expired
	NotPermitted Relation = "not-permitted" // credentials that do not permit the operation
	OtherProject Relation = "other-project" // a project other than that of the credentials
	Unknown      Relation = "unknown"       // an id of nothing that exists
	Foreign      Relation = "foreign"       // an id of something in another project
	Stopped      Relation = "stopped"       // a graph that has been stopped
	NotRunning   Relation = "not-running"   // a graph in another state than running
	Upgrading    Relation = "upgrading"     // a graph with an upgrade under way
	OtherCase    Relation = "other-case"    // an id of something that exists, in other letter case
	NotLater     Relation = "not-later"     // a version that is not later than the graph's own
)

var relations = []Relation{
	NotIssued, Expired, NotPermitted, OtherProject, Unknown, Foreign, Stopped, NotRunning, Upgrading, OtherCase, NotLater,
}

// An Outcome is a status that an answer may have, or several, with the error codes that are
// lawful or tolerated for it.
type Outcome struct {
	Status string   `json:"status"`           // "400", or "4XX" for all of a class; several have spaces between them
	Codes  []string `json:"codes,omitempty"`  // any if empty
	Reason string   `json:"reason,omitempty"` // why it is only tolerated
}

// Covers reports whether the outcome is for a status.
func (o Outcome) Covers(status int) bool {
	s := strconv.Itoa(status)
	return slices.ContainsFunc(strings.Fields(o.Status), func(own string) bool {
		return own == s || len(s) == 3 && own == s[:1]+"XX"
	})
}

// has reports whether a code, with its usual prefix, is one of the outcome's.
func (o Outcome) has(code string) bool { return slices.Contains(o.Codes, code) }

// status returns the outcome's first status, or the first of its class: 400 for 4XX.
func (o Outcome) status() int {
	first, _, _ := strings.Cut(o.Status, " ")
	n, _ := strconv.Atoi(strings.ReplaceAll(first, "X", "0"))
	return n
}

// String returns the outcome as reports show it: "400 GES.0001 or GES.7036",
// "4XX with any code", or "second best: GES.7001 or GES.7015 (it says …)".
func (o Outcome) String() string {
	switch {
	case len(o.Codes) == 0:
		return o.Status + " with any code"
	case o.Reason != "":
		return "second best: " + printable.AnyOf(o.Codes) + " (" + o.Reason + ")"
	default:
		return o.Status + " " + printable.AnyOf(o.Codes)
	}
}

// A Fit is how well an answer fits a refusal.
type Fit int

// The fits, worst first.
const (
	NoFit     Fit = iota // another status, or a code that means something else
	Codeless             // the status fits, but there is no well-formed code
	Generic              // the status fits, and the outcome takes any code
	Unlisted             // the status fits, but the code is not in the catalogue
	Tolerated            // status and code are a tolerated pair
	Exact                // status and code are a lawful pair
)

// Fit returns how well an answer with a status and an error code ("" if it has none)
// fits r: the best fit of all its outcomes. Only a real code is tolerated: a made-up one
// needs a lawful status.
func (c *Contract) Fit(r *Refusal, status int, code string) Fit {
	best := NoFit
	normal := c.normalCode(code)
	for _, o := range r.Answers {
		if !o.Covers(status) {
			continue
		}
		switch {
		case len(o.Codes) == 0:
			best = max(best, Generic)
		case o.has(normal):
			best = max(best, Exact)
		case !c.codeForm.wellFormed(code):
			best = max(best, Codeless)
		case c.Code(code) == nil:
			best = max(best, Unlisted)
		}
	}
	if best != Exact && best != Generic && c.ReasonFor(r, status, code) != "" {
		return Tolerated
	}
	return best
}

// ReasonFor returns why r tolerates a status and an error code, or "" if it does not.
func (c *Contract) ReasonFor(r *Refusal, status int, code string) string {
	normal := c.normalCode(code)
	for _, o := range r.Tolerated {
		if o.Covers(status) && o.has(normal) {
			return o.Reason
		}
	}
	return ""
}

// Lawful returns the lawful answers as reports show them, and what else is tolerated. The
// strings are shared: they must not be changed.
func (r *Refusal) Lawful() []string { return slices.Clip(r.lawful) }

// describe returns the lines of Lawful.
func (r *Refusal) describe() []string {
	lines := make([]string, 0, len(r.Answers)+len(r.Tolerated))
	for _, o := range r.Answers {
		lines = append(lines, o.String())
	}
	for _, o := range r.Tolerated {
		o.Codes = slices.DeleteFunc(slices.Clone(o.Codes), func(code string) bool {
			return slices.ContainsFunc(r.Answers, func(lawful Outcome) bool { return lawful.has(code) })
		})
		if len(o.Codes) > 0 { // the others are lawful, if not with every status
			lines = append(lines, o.String())
		}
	}
	return lines
}

// FirstLawful returns the status and the first code of the first lawful answer. The
// code is "" if any will do.
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

// matches reports whether a problem of a request, whose keyword is given, is what w
// describes.
func (w When) matches(p Problem, keyword string) bool {
	return w.Relation == "" && w.In == p.In && w.Keyword == keyword &&
		(w.Name == "" || http.CanonicalHeaderKey(w.Name) == http.CanonicalHeaderKey(p.Name)) &&
		(w.Pointer == nil || *w.Pointer == p.Pointer)
}

// part is the name of the parameter or header, or the JSON pointer of the body member.
func (w When) part() string {
	if w.Pointer != nil {
		return *w.Pointer
	}
	return w.Name
}

// Refusals returns the entries of x-refusals, in the order of the document.
func (c *Contract) Refusals() []*Refusal { return slices.Clone(c.refusals) }

// Refusal returns the refusal with the given condition, or nil.
func (c *Contract) Refusal(condition string) *Refusal {
	return first(c.refusals, func(r *Refusal) bool { return r.Condition == condition })
}

// RefusalFor returns the first refusal of op whose `when` describes a problem of a
// request, or nil. One that names the problem's keyword comes before one that names a wider
// keyword.
func (c *Contract) RefusalFor(op *Operation, p Problem) *Refusal {
	r, _ := c.refusalFor(op, p)
	return r
}

// RuleFor returns the keyword by which RefusalFor has found the refusal: the problem's, or a
// wider one; "" if there is none.
func (c *Contract) RuleFor(op *Operation, p Problem) string {
	_, keyword := c.refusalFor(op, p)
	return keyword
}

func (c *Contract) refusalFor(op *Operation, p Problem) (*Refusal, string) {
	for _, keyword := range []string{p.Keyword, widerKeywords[p.Keyword]} {
		if keyword == "" {
			continue
		}
		r := first(op.refusals, func(r *Refusal) bool {
			return slices.ContainsFunc(r.When, func(w When) bool { return w.matches(p, keyword) })
		})
		if r != nil {
			return r, keyword
		}
	}
	return nil, ""
}

// RefusalForRelation returns op's refusal for a relation of a part of the request, or
// nil. part is the name of a parameter or header, or the JSON pointer of a body member;
// it is ignored for credentials.
func (c *Contract) RefusalForRelation(op *Operation, relation Relation, part string) *Refusal {
	return first(op.refusals, func(r *Refusal) bool {
		return slices.ContainsFunc(r.When, func(w When) bool {
			return w.Relation == relation && (w.In == InSecurity || w.part() == part)
		})
	})
}

// Place returns where in a request to op a relation is checked: in which part, and
// there in which parameter (by name) or body member (by JSON pointer).
func (op *Operation) Place(relation Relation) (in In, part string, ok bool) {
	for _, r := range op.refusals {
		for _, w := range r.When {
			if w.Relation == relation {
				return w.In, w.part(), true
			}
		}
	}
	return "", "", false
}

// A rawRefusal is a refusal as the document writes it, where the codes of an outcome are
// a list or the word any.
type rawRefusal struct {
	When      []When       `yaml:"when"`
	First     bool         `yaml:"first"`
	Front     bool         `yaml:"front"`
	Level     Level        `yaml:"level"`
	Answers   []rawOutcome `yaml:"answers"`
	Tolerated []string     `yaml:"tolerated"` // entries of x-second-best
	Source    []string     `yaml:"source"`
}

type rawOutcome struct {
	Status string    `yaml:"status"`
	Codes  yaml.Node `yaml:"codes"`
	Reason string    `yaml:"reason"`
}

func (c *Contract) parseRefusals() error {
	return entries(c, "/x-refusals", "refusal", func(condition string, line int, raw *rawRefusal) error {
		r := &Refusal{
			Condition: condition, When: raw.When, First: raw.First, Front: raw.Front, Level: raw.Level, Source: raw.Source,
			Clause: "/x-refusals/" + jsonpointer.Escape(condition), Line: line,
		}
		for i, w := range r.When {
			if err := w.check(); err != nil {
				return c.fault(nth(r.Clause+"/when", i), "refusal %s: %s", condition, err)
			}
		}
		for i := range raw.Answers {
			o, err := c.outcome(nth(r.Clause+"/answers", i), "refusal "+condition, &raw.Answers[i])
			if err != nil {
				return err
			}
			if o.Reason != "" {
				return c.fault(nth(r.Clause+"/answers", i), "refusal %s: expected no reason for what is lawful", condition)
			}
			r.Answers = append(r.Answers, o)
		}
		for i, name := range raw.Tolerated {
			o, known := c.secondBest[name]
			if !known {
				return c.fault(nth(r.Clause+"/tolerated", i), "refusal %s: unknown %q, expected one of x-second-best", condition, name)
			}
			r.Tolerated = append(r.Tolerated, o)
		}
		if len(r.When) == 0 || len(r.Answers) == 0 {
			return errors.New("expected when and answers")
		}
		r.lawful = r.describe()
		c.refusals = append(c.refusals, r)
		return cmp.Or(r.Level.check(), c.checkSource(r.Source...))
	})
}

// parseSecondBest reads x-second-best, the answers that refusals may tolerate. Only a refusal
// of the request, with a real code, can be second best.
func (c *Contract) parseSecondBest() error {
	c.secondBest = map[string]Outcome{}
	return entries(c, "/x-second-best", "second best", func(name string, line int, raw *rawOutcome) error {
		o, err := c.outcome("/x-second-best/"+jsonpointer.Escape(name), "second best "+name, raw)
		if err != nil {
			return err
		}
		if o.Reason == "" || len(o.Codes) == 0 || !all4xx.MatchString(o.Status) {
			return errors.New("expected statuses from 400 to 499, codes, and the reason why they are tolerated")
		}
		c.secondBest[name] = o
		return nil
	})
}

var (
	statusesOrClasses = regexp.MustCompile(`^[1-5]([0-9][0-9]|XX)( [1-5]([0-9][0-9]|XX))*$`)
	all4xx            = regexp.MustCompile(`^4([0-9][0-9]|XX)( 4([0-9][0-9]|XX))*$`)
)

// outcome reads the outcome at a clause, which what describes, and checks that its codes are
// in the catalogue.
func (c *Contract) outcome(at, what string, raw *rawOutcome) (Outcome, error) {
	o := Outcome{Status: raw.Status, Reason: raw.Reason}
	if !statusesOrClasses.MatchString(o.Status) {
		return o, c.fault(at, "status: expected three digits or a class such as 4XX, got %q", o.Status)
	}
	if raw.Codes.Value == "any" {
		return o, nil
	}
	if err := yamlfile.Decode(&raw.Codes, &o.Codes); err != nil || len(o.Codes) == 0 {
		return o, c.fault(at, "codes: expected a list of error codes, or any")
	}
	for i, code := range o.Codes {
		if c.Code(code) == nil {
			return o, c.fault(at, "%s: unknown error code %q, expected one of x-error-codes", what, code)
		}
		o.Codes[i] = c.normalCode(code)
	}
	return o, nil
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
		return fmt.Errorf("unknown part of a request %q, expected method, path, security, header or body", w.In)
	}
	return nil
}
