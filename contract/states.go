package contract

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// A GraphState is a value of a graph's status, and what it is to an upgrade.
type GraphState struct {
	Status string `yaml:"-" json:"status"` // three digits, as GES writes them
	Name   string `yaml:"name" json:"name"`
	// Relation is what a graph in this state is refused for; "" for the one
	// from which an upgrade starts.
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
	for _, s := range c.graphStates {
		if s.Status == status {
			return s
		}
	}
	return nil
}

func (c *Contract) parseGraphStates() error {
	names := map[string]bool{}
	return c.pairs("/x-graph-states", func(key, value *yaml.Node) error {
		s := &GraphState{Status: key.Value, Line: key.Line}
		if err := decodeKnown(value, s); err != nil {
			return err
		}
		what := "graph state " + s.Status
		switch {
		case s.Name == "" || names[s.Name]:
			return atLine(key, "%s: expected a name of its own, got %q", what, s.Name)
		case (s.Relation == "") != (s.Code == ""):
			return atLine(key, "%s: expected relation and code, or neither", what)
		case s.Relation != "" && !c.refusedWith(s.Relation, s.Code):
			return atLine(key, "%s: expected a code that is lawful where a graph is %s, got %q", what, s.Relation, s.Code)
		}
		names[s.Name] = true
		c.graphStates = append(c.graphStates, s)
		return c.checkSource(key, what, s.Source...)
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

// StatusWith returns the status that goes with a code in the refusal's lawful
// answers, and whether the code is among them.
func (r *Refusal) StatusWith(code string) (status int, lawful bool) {
	code = normalCode(code)
	for _, o := range r.Answers {
		if slices.Contains(o.Codes, code) {
			return o.status(), true
		}
	}
	return 0, false
}
