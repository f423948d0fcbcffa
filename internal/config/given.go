package config

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/suggest"
)

// Given is what the user has given for a document, in the terms of that document.
type Given struct {
	Credentials map[string]string // by the ids of security schemes; for http basic, user:password
	Fixtures    []Fixture
	// Parameters are headers, query parameters and cookies that are parameters of operations. Like
	// those that are none, they may be credentials, and are not shown.
	Parameters []Placed
	Others     []Placed // of no scheme and no parameter, to send with each request
}

// Placed is a value in a place of a request.
type Placed struct {
	In contract.In // InHeader, InQuery or InCookie
	Named
}

// Variable is the name that stands for the value in what is recorded and reported.
func (p Placed) Variable() string { return variableOf(string(p.In), p.Name) }

// Names returns the ids of the security schemes with a credential, and the names of what is sent
// beside them, such as "header X-Tenant".
func (g *Given) Names() (credentials, added []string) {
	for _, p := range slices.Concat(g.Parameters, g.Others) {
		added = append(added, string(p.In)+" "+p.Name)
	}
	return slices.Sorted(maps.Keys(g.Credentials)), added
}

// CredentialVariable is the name that stands for the credential of a security scheme in what is
// recorded and reported.
func CredentialVariable(scheme string) string { return variableOf("credential", scheme) }

func variableOf(option, name string) string {
	return Variable(option) + "_" + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
}

// For returns what the settings give for a document. The value $NAME is read from environ. The
// error names what the document does not have.
func (d *Document) For(c *contract.Contract, environ []string) (*Given, error) {
	r := givenReader{Given: &Given{Credentials: map[string]string{}}, environ: environ, schemes: schemesOf(c), contract: c}
	for _, credential := range d.Credentials {
		r.credential(credential)
	}
	for _, of := range []struct {
		in     contract.In
		values []Named
	}{{contract.InHeader, d.Headers}, {contract.InQuery, d.Queries}, {contract.InCookie, d.Cookies}} {
		for _, v := range of.values {
			r.placed(of.in, v)
		}
	}
	r.fixtures(d)
	r.operations(d.Operations)
	return r.Given, allOf(r.faults...)
}

// A givenReader finds what is given in a document.
type givenReader struct {
	*Given
	contract *contract.Contract
	schemes  []*contract.SecurityScheme
	environ  []string
	faults   []error
}

func (r *givenReader) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf(format, args...))
}

// value returns a value, that of a variable for its name.
func (r *givenReader) value(option string, v Named) string {
	variable := variableName(v.Value)
	if variable == "" {
		return v.Value
	}
	text := lookUp(r.environ, variable)
	if text == "" {
		r.fault("%s: %s: the variable $%s is not set", option, printable.Line(v.Name), variable)
	}
	return text
}

func (r *givenReader) credential(v Named) {
	ids := SchemesOf(r.contract)
	switch text := r.value("credential", v); {
	case r.ofConnection(v.Name):
		r.fault("credential: %s: expected a scheme that requests carry, got mutual TLS, whose certificate is of the connection: set --client-cert and --client-key", printable.Line(v.Name))
	case len(ids) == 0:
		r.fault("credential: expected none, for no operation of the document needs credentials, got one for %q", printable.Line(v.Name))
	case !slices.Contains(ids, v.Name):
		r.fault("credential: expected a security scheme of the document (%s), got %q%s", printable.AnyOf(ids), printable.Line(v.Name), suggest.DidYouMean(v.Name, ids, ""))
	case r.Credentials[v.Name] != "":
		r.fault("credential: expected one value for the scheme %q, got two", v.Name)
	default:
		r.Credentials[v.Name] = text
	}
}

// ofConnection reports whether a scheme is of the connection, and not of a request.
func (r *givenReader) ofConnection(id string) bool {
	return slices.ContainsFunc(r.contract.Operations(), func(op *contract.Operation) bool {
		return slices.ContainsFunc(op.Schemes(), func(s *contract.SecurityScheme) bool { return s.ID == id && s.Type == "mutualTLS" })
	})
}

// placed finds out what a header, query parameter or cookie is: the credential of a scheme in that
// place, a parameter of the document, or another.
func (r *givenReader) placed(in contract.In, v Named) {
	text, found := r.authorization(string(in), v), false
	for _, s := range r.schemes {
		if s.In != in || !sameName(in, s.Name, v.Name) {
			continue
		}
		if value, fits := valueFor(s, text); fits {
			found = true
			r.Credentials[s.ID] = cmp.Or(r.Credentials[s.ID], value)
		}
	}
	switch name := r.parameter(in, v.Name); {
	case found:
	case name != "":
		r.Parameters = append(r.Parameters, Placed{in, Named{name, text}})
	default:
		r.Others = append(r.Others, Placed{in, Named{v.Name, text}})
	}
}

// authorization returns a value, in which a variable may follow the name of an authentication scheme.
func (r *givenReader) authorization(option string, v Named) string {
	kind, rest, found := strings.Cut(v.Value, " ")
	if !found || variableName(rest) == "" {
		return r.value(option, v)
	}
	return kind + " " + r.value(option, Named{v.Name, rest})
}

// valueFor returns the credential of a scheme in the text that carries it, if it carries one of that kind.
func valueFor(s *contract.SecurityScheme, text string) (value string, fits bool) {
	if s.Type == "apiKey" {
		return text, true
	}
	kind, rest, _ := strings.Cut(text, " ")
	expected := "bearer"
	if s.Type == "http" {
		expected = s.Scheme
	}
	if !strings.EqualFold(kind, expected) {
		return "", false
	}
	if expected != "basic" {
		return rest, true
	}
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	return string(plain), err == nil
}

// fixtures takes the fixtures of the flags and of the file; those of the flags come first.
func (r *givenReader) fixtures(d *Document) {
	if len(d.Fixtures) == 0 && d.FixturesFile == "" {
		return
	}
	all, names := slices.Clone(d.Fixtures), fixtureNames(r.contract)
	if d.FixturesFile != "" {
		more, err := readFixtures(d.FixturesFile, names)
		if err != nil {
			r.faults = append(r.faults, err)
		}
		all = append(all, more...)
	}
	for i, f := range d.Fixtures {
		if slices.ContainsFunc(d.Fixtures[:i], func(other Fixture) bool { return other.Name == f.Name && other.Value != f.Value }) {
			r.fault("fixture: expected one value for %q, got two", printable.Line(f.Name))
		}
	}
	for _, f := range all {
		if f.Value = r.value("fixture", Named{f.Name, f.Value}); slices.Contains(names, f.Name) {
			r.Fixtures = append(r.Fixtures, f)
			continue
		}
		r.fault("fixture: expected the name of a parameter of the document or of a member of a body, or OPERATION.NAME, got %q%s", printable.Line(f.Name), suggest.DidYouMean(f.Name, names, "`gesconform cases --spec FILE` lists what is missing"))
	}
}

// operations makes sure that each pattern matches an operation.
func (r *givenReader) operations(patterns []string) {
	for _, pattern := range patterns {
		if !slices.ContainsFunc(r.contract.Operations(), func(op *contract.Operation) bool { return MatchesOperation(pattern, op) }) {
			r.fault("operation: expected a pattern that matches an operation of the document, got %q, which matches none; `gesconform cases --spec FILE` lists them", printable.Line(pattern))
		}
	}
}

// MatchesOperation reports whether a pattern matches the id of an operation, or its method and path. A star matches slashes,
// too, so that 'GET *' is all that is read.
func MatchesOperation(pattern string, op *contract.Operation) bool {
	for _, name := range []string{op.ID, op.Method + " " + op.Path} {
		if ok, _ := path.Match(withoutSlashes(pattern), withoutSlashes(name)); ok || pattern == name {
			return true
		}
	}
	return false
}

// withoutSlashes replaces the slashes of a text, which are special to path.Match, by what nobody writes.
func withoutSlashes(text string) string { return strings.ReplaceAll(text, "/", "\x1f") }

// parameter returns the name of the document's parameter in a place that has this name there, or "".
func (r *givenReader) parameter(in contract.In, name string) string {
	for _, op := range r.contract.Operations() {
		for _, p := range op.ParametersIn(in) {
			if sameName(in, p.Name, name) {
				return p.Name
			}
		}
	}
	return ""
}

// sameName reports whether two names are those of the same header, query parameter or cookie.
func sameName(in contract.In, a, b string) bool {
	return a == b || in == contract.InHeader && strings.EqualFold(a, b)
}

// SchemesOf returns the ids of the security schemes that operations of a document need.
func SchemesOf(c *contract.Contract) []string {
	ids := []string{}
	for _, s := range schemesOf(c) {
		ids = append(ids, s.ID)
	}
	return ids
}

// schemesOf returns the security schemes that requests of a document carry, by id.
func schemesOf(c *contract.Contract) []*contract.SecurityScheme {
	var all []*contract.SecurityScheme
	for _, op := range c.Operations() {
		all = append(all, op.Schemes()...)
	}
	all = slices.DeleteFunc(all, func(s *contract.SecurityScheme) bool { return s.Type == "mutualTLS" })
	slices.SortFunc(all, func(a, b *contract.SecurityScheme) int { return strings.Compare(a.ID, b.ID) })
	return slices.CompactFunc(all, func(a, b *contract.SecurityScheme) bool { return a.ID == b.ID })
}

// fixtureNames returns the names that fixtures may have, sorted.
func fixtureNames(c *contract.Contract) []string {
	names := map[string]bool{}
	for _, op := range c.Operations() {
		for _, p := range op.Parameters {
			names[p.Name], names[op.ID+"."+p.Name] = true, true
		}
		for _, name := range op.BodyMembers() {
			names[name], names[op.ID+"."+name] = true, true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
