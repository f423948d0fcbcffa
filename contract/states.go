package contract

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// A GraphState is a state of x-graph-states, and what a graph in it is refused for.
type GraphState struct {
	Status string `yaml:"-" json:"status"` // as the service writes it, 200 for example
	Name   string `yaml:"name" json:"name"`
	// Relation is what a graph in this state is refused for; "" where it is not.
	Relation Relation `yaml:"relation" json:"relation,omitempty"`
	// Code is the lawful error code of that refusal which names the state best.
	Code   string   `yaml:"code" json:"code,omitempty"`
	Source []string `yaml:"source" json:"source"`
	Line   int      `yaml:"-" json:"line"`
}

// GraphStates lists the states of a graph in the order of the document.
func (c *Contract) GraphStates() []*GraphState { return slices.Clone(c.graphStates) }

// GraphState returns the state with a status, or nil where no page knows it.
func (c *Contract) GraphState(status string) *GraphState {
	return first(c.graphStates, func(s *GraphState) bool { return s.Status == status })
}

func (c *Contract) parseGraphStates() error {
	names := map[string]bool{}
	return c.entries("/x-graph-states", func(key, value *yaml.Node) error {
		s := &GraphState{Status: key.Value, Line: key.Line}
		if err := yamlfile.Decode(value, s); err != nil {
			return err
		}
		s.Code = c.normalCode(s.Code)
		what := "graph state " + s.Status
		switch {
		case s.Name == "" || names[s.Name]:
			return yamlfile.At(key.Line, "%s: expected a name of its own, got %q", what, s.Name)
		case (s.Relation == "") != (s.Code == ""):
			return yamlfile.At(key.Line, "%s: expected relation and code, or neither", what)
		case s.Relation != "" && !c.refusedWith(s.Relation, s.Code):
			return yamlfile.At(key.Line, "%s: expected a code that is lawful where a graph is %s, got %q", what, s.Relation, s.Code)
		}
		names[s.Name] = true
		c.graphStates = append(c.graphStates, s)
		return c.checkSource(key.Line, what, s.Source...)
	})
}

// refusedWith reports whether some refusal for a relation of a graph may carry
// a code.
func (c *Contract) refusedWith(relation Relation, code string) bool {
	return slices.ContainsFunc(c.refusals, func(r *Refusal) bool {
		_, lawful := r.StatusWith(code)
		return lawful && slices.ContainsFunc(r.When, func(w When) bool { return w.In == InPath && w.Relation == relation })
	})
}

// StatusWith returns the status that goes with a code, as Contract.Codes writes it,
// in the refusal's lawful answers, and whether the code is among them.
func (r *Refusal) StatusWith(code string) (status int, lawful bool) {
	for _, o := range r.Answers {
		if slices.Contains(o.Codes, code) {
			return o.status(), true
		}
	}
	return 0, false
}
