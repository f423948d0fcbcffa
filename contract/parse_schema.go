package contract

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/internal/docfile"
)

// A compiler compiles what the document says into operations and schemas. It compiles each schema
// once, so that a schema may contain itself, and each security scheme once.
type compiler struct {
	*Contract
	schemas  map[*docfile.Node]*Schema // by where they stand
	compiled []*Schema                 // all of them
	filled   int                       // how many of those have their keywords
	broken   map[*Schema]Unsupported   // schemas that no request can be derived from, and why
	patterns map[string]compiledPattern
	schemes  map[string]*SecurityScheme // by id; nil for one that cannot be used
	values   map[*docfile.Node]any      // examples and the like: several clauses may refer to one
	byID     map[string]*Operation      // by operationId
	byClause map[string]*Operation
	links    []openLink
	second   *secondReader
	families map[*docfile.Node][]string // the names of components by the schemas that their allOf refers to
	fault    error                      // the first one of our extensions
}

func newCompiler(c *Contract) *compiler {
	return &compiler{
		Contract: c, schemas: map[*docfile.Node]*Schema{}, broken: map[*Schema]Unsupported{}, patterns: map[string]compiledPattern{},
		schemes: map[string]*SecurityScheme{}, values: map[*docfile.Node]any{}, byID: map[string]*Operation{}, byClause: map[string]*Operation{},
	}
}

// schemaOf compiles the schema at a JSON pointer into a document that need not be one of OpenAPI.
func schemaOf(text []byte, pointer string) (*Schema, error) {
	set, err := docfile.Parse(text, "a schema")
	if err != nil {
		return nil, err
	}
	defer set.Close()
	k := newCompiler(&Contract{set: set, dialect: openAPI31})
	at, err := set.Resolve(set.Top(), "#"+pointer)
	if err != nil {
		return nil, err
	}
	s := k.anySchema(at)
	k.fill()
	k.connect()
	return s, nil
}

func (k *compiler) fail(clause, format string, args ...any) {
	if k.fault == nil {
		k.fault = k.Contract.fault(clause, format, args...)
	}
}

// unsupportedAt returns why the clause at a place is not supported.
func unsupportedAt(at docfile.Place, format string, args ...any) Unsupported {
	return Unsupported{Reason: fmt.Sprintf(format, args...), Clause: at.Clause(), Line: at.Line}
}

// value returns what encoding/json makes of a node.
func (k *compiler) value(n *docfile.Node) any {
	v, known := k.values[n]
	if !known {
		v = n.Value()
		k.values[n] = v
	}
	return v
}

// newSchema returns a schema that allows anything.
func newSchema(at docfile.Place) *Schema {
	return &Schema{Clause: at.Clause(), MaxLength: -1, MaxItems: -1, MaxProperties: -1, MinContains: 1, MaxContains: -1, place: at}
}

// schema returns the schema at a place, or nil for one that allows anything. Its keywords are read
// later, by fill, so that a long chain of schemas takes no deep stack.
func (k *compiler) schema(at docfile.Place) *Schema {
	if at.Node == nil {
		return nil
	}
	if s := k.schemas[at.Node]; s != nil {
		return s
	}
	switch {
	case at.Node.Kind == docfile.Bool && at.Node.Text == "true":
		return nil
	case at.Node.Kind == docfile.Bool: // nothing is valid
		s := newSchema(at)
		s.Never = true
		return k.add(at.Node, s)
	case at.Node.Kind != docfile.Mapping:
		return k.brokenSchema(at, unsupportedAt(at, "expected a schema, got %s", at.Node.Kind))
	case at.Node.Get("$ref").Is(docfile.Text) && !k.saysMore(at.Node):
		to, err := k.set.FollowUntil(at, k.saysMore)
		if err == nil && isDocument(to) {
			err = errors.New("expected a reference to a schema, got one to a whole document of OpenAPI")
		}
		if err != nil {
			return k.brokenSchema(at, unsupportedAt(at.At("$ref"), "$ref: %s", err))
		}
		s := k.schema(to)
		k.schemas[at.Node] = s
		return s
	}
	return k.add(at.Node, newSchema(at))
}

// isDocument reports whether a place is a document of OpenAPI, and so no schema.
func isDocument(at docfile.Place) bool {
	return at.Pointer == "" && (at.Node.Get("openapi") != nil || at.Node.Get("swagger") != nil)
}

// anySchema is like schema, but returns a schema for one that allows anything, too.
func (k *compiler) anySchema(at docfile.Place) *Schema {
	if s := k.schema(at); s != nil {
		return s
	}
	return k.add(at.Node, newSchema(at))
}

func (k *compiler) add(n *docfile.Node, s *Schema) *Schema {
	k.schemas[n], s.second = s, k.second
	k.compiled = append(k.compiled, s)
	return s
}

// brokenSchema returns a schema that no value can be derived from.
func (k *compiler) brokenSchema(at docfile.Place, why Unsupported) *Schema {
	s := newSchema(at)
	s.place.Node, s.Unsupported, k.broken[s] = nil, []Unsupported{why}, why
	k.note(at, "%s", why.Reason)
	k.add(at.Node, s)
	s.second = nil // there is nothing to read
	return s
}

// annotations are keywords that change nothing about a schema that is referred to.
var annotations = []string{"$ref", "description", "summary", "title", "$comment", "deprecated", "externalDocs", "xml"}

// heededBesideRef are the keywords beside a $ref that are heeded in OpenAPI 3.0, too, which says that all
// are ignored: whoever writes them means them, and a service that follows them is not to be blamed.
var heededBesideRef = []string{"nullable", "readOnly", "writeOnly"}

// saysMore reports whether keywords beside a $ref have to be heeded.
func (k *compiler) saysMore(n *docfile.Node) bool {
	return slices.ContainsFunc(n.Members(), func(m docfile.Member) bool { return k.heedsBesideRef(m.Name) })
}

func (k *compiler) heedsBesideRef(keyword string) bool {
	if k.dialect == openAPI31 {
		return !slices.Contains(annotations, keyword) && !strings.HasPrefix(keyword, "x-")
	}
	return slices.Contains(heededBesideRef, keyword)
}

// fill reads the keywords of all schemas, and of those that they contain.
func (k *compiler) fill() {
	for ; k.filled < len(k.compiled); k.filled++ {
		s := k.compiled[k.filled]
		if !s.place.Node.Is(docfile.Mapping) {
			continue
		}
		ref := s.place.Node.Get("$ref").Is(docfile.Text)
		for _, m := range s.place.Node.Members() {
			read, at := schemaKeywords[m.Name], s.place.At(m.Name)
			if read == nil || ref && m.Name != "$ref" && !k.heedsBesideRef(m.Name) {
				continue
			}
			if err := read(k, s, at); err != nil {
				s.Unsupported = append(s.Unsupported, unsupportedAt(at, "%s: %s", m.Name, err))
			}
		}
		k.finish(s)
	}
}

// finish adjusts what depends on several keywords.
func (k *compiler) finish(s *Schema) {
	if slices.Contains(s.Enum, nil) {
		s.Nullable = true // whoever lists null means it, with or without nullable
	}
	if len(s.PatternProperties) < len(s.place.Node.Get("patternProperties").Members()) {
		s.Closed, s.AdditionalProperties = false, nil // which are those that no pattern matches
	}
	k.impliedMapping(s)
}

// impliedMapping adds what a discriminator's mapping leaves out: the name of each schema that oneOf or anyOf
// refers to stands for it, too (OpenAPI 3.0.4, section 4.8.25).
func (k *compiler) impliedMapping(s *Schema) {
	if s.Discriminator == nil {
		return
	}
	if len(s.Discriminator.Mapping)+len(s.OneOf)+len(s.AnyOf) == 0 {
		k.membersOfFamily(s)
	}
	for _, keyword := range []string{"oneOf", "anyOf"} {
		for _, m := range s.place.Node.Get(keyword).Members() {
			ref := m.Value.TextOf("$ref")
			name := ref[strings.LastIndex(ref, "/")+1:]
			to, err := k.set.Resolve(s.place, ref)
			if ref == "" || err != nil {
				continue
			}
			if sub := k.schema(to); sub != nil && s.Discriminator.Mapping[name] == nil {
				s.Discriminator.Mapping[name] = sub
			}
		}
	}
}

// membersOfFamily gives a discriminator without any names those of the components that are made from its schema by allOf
// (OpenAPI 3.0.4, section 4.8.25), or those that AutoRest reads.
func (k *compiler) membersOfFamily(s *Schema) {
	all := k.followed(k.followed(k.set.Top().At("components")).At("schemas"))
	if k.families == nil {
		k.families = map[*docfile.Node][]string{}
		for _, name := range namesOfMembers(all.Node) {
			for _, m := range all.Node.Get(name).Get("allOf").Members() {
				if head, err := k.set.Resolve(all, m.Value.TextOf("$ref")); err == nil {
					k.families[head.Node] = append(k.families[head.Node], name)
				}
			}
		}
	}
	for _, name := range k.families[s.place.Node] {
		at := all.At(name)
		called := cmp.Or(at.Node.TextOf("x-ms-discriminator-value"), name)
		if member := k.schema(at); member != nil && s.Discriminator.Mapping[called] == nil {
			s.Discriminator.Mapping[called] = member
		}
	}
}

// A compiledPattern is a pattern, or why Go cannot read it.
type compiledPattern struct {
	re  *regexp.Regexp
	run *charRun
	err error
}

func (k *compiler) pattern(text string) compiledPattern {
	p, known := k.patterns[text]
	if !known {
		if p.re, p.err = compilePattern(text); p.err == nil {
			p.run = charRunOf(text)
		}
		k.patterns[text] = p
	}
	return p
}

// number reads a number.
func number(at docfile.Place) (float64, error) {
	if !at.Node.Is(docfile.Number) {
		return 0, expected("a number", at)
	}
	n, err := strconv.ParseFloat(at.Node.Text, 64)
	if err != nil {
		return 0, expected("a number that is not too large", at)
	}
	return n, nil
}

func expected(what string, at docfile.Place) error {
	got := at.Kind().String()
	if at.Kind() == docfile.List && len(at.Node.Members()) == 0 {
		got = "an empty list"
	}
	return fmt.Errorf("expected %s, got %s", what, got)
}
