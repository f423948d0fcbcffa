package contract

import (
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/internal/jsonpointer"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

// A Resource is an entry of x-resources: a kind of thing that the service keeps, and how a request
// is aimed at one.
type Resource struct {
	Name    string   `yaml:"-"`
	NamedBy string   `yaml:"named-by"` // the path parameter whose value names one
	ShownBy string   `yaml:"shown-by"` // the operation whose success shows one, and whose refusal that there is none
	Of      string   `yaml:"of"`       // the resource that it belongs to; "" if to none
	Members Pointers `yaml:"members"`
	// ChangeableIn are the values of its state in which it may be changed, the usual one first;
	// empty for any.
	ChangeableIn []string `yaml:"changeable-in"`
	Source       []string `yaml:"source"`
	Line         int      `yaml:"-"` // in the document
}

// Pointers are JSON pointers into an answer that shows a resource; "" for what it does not say.
type Pointers struct {
	ID      string `yaml:"id"`
	Name    string `yaml:"name"`
	Version string `yaml:"version"`
	State   string `yaml:"state"`
}

// A State is what an answer shows of a resource; what it lacks is empty.
type State struct{ ID, Name, Version, State string }

// Resources returns the entries of x-resources, in the order of the document.
func (c *Contract) Resources() []*Resource { return slices.Clone(c.resources) }

// Resource returns the resource with the given name, or nil.
func (c *Contract) Resource(name string) *Resource {
	return first(c.resources, func(r *Resource) bool { return r.Name == name })
}

// Target returns the resource that a request to op is aimed at: of those that its path names, the one
// that belongs to none of the others; nil if there is none.
func (c *Contract) Target(op *Operation) *Resource {
	return first(c.resources, func(r *Resource) bool {
		return r.Of == "" && slices.ContainsFunc(op.Parameters, func(p *Parameter) bool { return p.In == InPath && p.Name == r.NamedBy })
	})
}

// Changeable reports whether a resource in a state may be changed.
func (r *Resource) Changeable(state string) bool {
	return len(r.ChangeableIn) == 0 || slices.Contains(r.ChangeableIn, state)
}

// Shown returns what a success of ShownBy shows; the answer may be nil.
func (r *Resource) Shown(answer *Value) State {
	text := func(pointer string) string {
		if pointer == "" {
			return ""
		}
		v := answer
		for _, name := range jsonpointer.Tokens(pointer) {
			v = v.Member(name)
		}
		shown := v.String()
		return strings.ToValidUTF8(shown[:min(len(shown), longestShown)], "")
	}
	return State{ID: text(r.Members.ID), Name: text(r.Members.Name), Version: text(r.Members.Version), State: text(r.Members.State)}
}

// longestShown is how much is read of a text in an answer. What is longer is no name and no version,
// and a run would repeat it everywhere.
const longestShown = 1024

// parseResources reads x-resources and makes sure that what it names is in the document.
func (c *Contract) parseResources() error {
	const pointer = "/x-resources"
	if err := c.keepsTo(pointer, extensionsSchema); err != nil {
		return err
	}
	err := entries(c, pointer, "resource", func(name string, line int, r *Resource) error {
		r.Name, r.Line = name, line
		c.resources = append(c.resources, r)
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range c.resources {
		if err := c.checkResource(r); err != nil {
			return faultOf("resource "+r.Name, r.Line, err)
		}
	}
	return nil
}

func (c *Contract) checkResource(r *Resource) error {
	op := c.Operation(r.ShownBy)
	switch {
	case op == nil:
		return fmt.Errorf("shown-by: unknown operation %q", r.ShownBy)
	case op.Method != http.MethodGet:
		return fmt.Errorf("shown-by: expected a GET, got %s", op.Method)
	case !slices.ContainsFunc(op.ParametersIn(InPath), func(p *Parameter) bool { return p.Name == r.NamedBy }):
		return fmt.Errorf("named-by: expected a path parameter of %s, got %q", op.ID, r.NamedBy)
	case r.Of != "" && (r.Of == r.Name || c.Resource(r.Of) == nil):
		return fmt.Errorf("of: expected another resource, got %q", r.Of)
	case len(r.ChangeableIn) > 0 && r.Members.State == "":
		return errors.New("changeable-in: expected members.state beside it")
	}
	for key, at := range map[string]string{"id": r.Members.ID, "name": r.Members.Name, "version": r.Members.Version, "state": r.Members.State} {
		if at != "" && (op.Success() == nil || !op.Success().Schema().has(at)) {
			return fmt.Errorf("members.%s: the success of %s has nothing at %q", key, op.ID, at)
		}
	}
	return c.checkSource(r.Source...)
}

// has reports whether the schema names the member at a JSON pointer.
func (s *Schema) has(pointer string) bool {
	for _, name := range jsonpointer.Tokens(pointer) {
		if s == nil {
			return false
		}
		s = s.Property(name)
	}
	return s != nil
}

//go:embed extensions.schema.json
var extensionsSchemaText []byte

// extensionsSchema is what x-resources must keep to.
var extensionsSchema = sync.OnceValue(func() *Schema {
	s, err := schemaOf(extensionsSchemaText, "")
	if err != nil {
		panic("extensions.schema.json: " + err.Error()) // it is part of the program
	}
	return s
})

// keepsTo makes sure that the extension at a JSON pointer, if there is one, keeps to a schema.
func (c *Contract) keepsTo(pointer string, schema func() *Schema) error {
	node := c.node(pointer)
	if node == nil {
		return nil
	}
	w := jsonWriter{contract: c}
	if err := w.write(node, 0); err != nil {
		return err
	}
	v, problems := ReadJSON(w.Bytes())
	if v == nil || len(problems) > 0 {
		return yamlfile.At(node.Line, "%s: %v", pointer, problems)
	}
	for _, p := range schema().check(v) {
		return yamlfile.At(c.Line(pointer+p.Pointer), "%s%s: %s", strings.TrimPrefix(pointer, "/"), p.Pointer, p.Message)
	}
	return nil
}
