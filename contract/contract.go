// Package contract loads the OpenAPI document that says what a service promises,
// and judges requests and answers by it: by the schemas, and by the extensions (x-…)
// that say what no schema can.
//
// It reads OpenAPI 3.0.x and 3.1.x, and Swagger 2.0, which it converts, in JSON or YAML: every parameter style, every kind of security scheme,
// media types of any kind, and the keywords of schemas that Schema has fields for. A clause, in errors and reports, is named by
// its JSON pointer into the document; one in another file has the file's name before it.
//
// A Contract does not change once it is loaded; its methods are safe for concurrent
// use.
package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/internal/docfile"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

// A Level is how binding a requirement or a refusal is, in the words of RFC 2119.
type Level string

// The levels, strictest first.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
	May    Level = "MAY"
)

// A Contract is a loaded and indexed OpenAPI document.
type Contract struct {
	name                 string
	version              string
	sum                  string
	set                  *docfile.Set
	dialect              dialect
	root                 *yaml.Node // of the document, if it has extensions of ours; YAML nodes know their lines
	notes                []string
	operations           []*Operation
	routes               routeTable
	requirements         []*Requirement
	requirementsByID     map[string]*Requirement
	requirementsBySaying map[saying]*Requirement
	refusals             []*Refusal
	secondBest           map[string]Outcome
	graphStates          []*GraphState
	resources            []*Resource
	codes                map[string]*ErrorCode
	codeForm             codeForm
	// credentialHeaders are canonical names, sorted.
	credentialHeaders []string
	redactors         redactors
	pathHeaders       map[string]string // by their canonical names, the path parameters that they repeat
	implied           bool              // whether the requirements are those that any document implies
	sources           map[string]*Source
	answerMembers     map[string]bool // the names of all members of answers
}

// Default returns the contract that this module ships, openapi.yaml. It is loaded
// once per process.
var Default = sync.OnceValues(func() (*Contract, error) {
	return Parse("openapi.yaml", gesconform.OpenAPI)
})

// Load reads a document from the file at path, and what it refers to from files below the folder of
// that file; nothing is read over the network. It reads OpenAPI 3.0 and 3.1, and Swagger 2.0, in
// JSON or YAML of at most 64 MiB. What of a document is not supported is noted where it stands, in
// Operation.Unsupported, Schema.Unsupported or Notes; only what is no such document, and a
// mistake in one of our extensions, is an error. Errors name the file, the line and the reason.
func Load(path string) (*Contract, error) {
	data, err := docfile.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load contract: %w", err)
	}
	return load(path, data, path)
}

// Parse is like Load but reads the document from data; it may not refer to files. Errors and reports
// call the document name.
func Parse(name string, data []byte) (*Contract, error) { return load(name, data, "") }

// load reads a document that stands in file, or in none.
func load(name string, data []byte, file string) (*Contract, error) {
	sum := sha256.Sum256(data)
	c := &Contract{name: name, sum: hex.EncodeToString(sum[:])}
	if err := c.parse(data, file); err != nil {
		return nil, fmt.Errorf("load contract: %w", yamlfile.InFile(name, err))
	}
	c.answerMembers = c.membersOfAnswers()
	return c, nil
}

// Name returns the path given to Load, or the name given to Parse.
func (c *Contract) Name() string { return c.name }

// Version returns the document's info.version.
func (c *Contract) Version() string { return c.version }

// SHA256 returns the SHA-256 digest of the document, in hexadecimal.
func (c *Contract) SHA256() string { return c.sum }

// Notes returns what a reader of the document may want to know, a sentence each with its line: that it
// was converted, what was left out of an operation or could not be resolved, and what was renamed.
func (c *Contract) Notes() []string { return slices.Clone(c.notes) }

// note adds a note on what stands at a place, unless it is there already.
func (c *Contract) note(at docfile.Place, format string, args ...any) {
	where := fmt.Sprintf("line %d: ", at.Line)
	if at.File.Name != "" {
		where = fmt.Sprintf("%s:%d: ", at.File.Name, at.Line)
	}
	if note := where + fmt.Sprintf(format, args...); len(c.notes) < maxNotes && !slices.Contains(c.notes, note) {
		c.notes = append(c.notes, note)
	}
}

// maxNotes is the maximum number of notes. Nobody reads more.
const maxNotes = 500

// Operations returns the operations, sorted by id.
func (c *Contract) Operations() []*Operation { return slices.Clone(c.operations) }

// Operation returns the operation with the given id, or nil.
func (c *Contract) Operation(id string) *Operation {
	return first(c.operations, func(op *Operation) bool { return op.ID == id })
}

// first returns the first element for which has is true, or nil.
func first[T any](all []*T, has func(*T) bool) *T {
	if i := slices.IndexFunc(all, has); i >= 0 {
		return all[i]
	}
	return nil
}
