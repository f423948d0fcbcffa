package contract

import (
	"errors"
	"fmt"
	"slices"
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
	return entries(c, "/x-graph-states", "graph state", func(status string, line int, s *GraphState) error {
		s.Status, s.Line, s.Code = status, line, c.normalCode(s.Code)
		switch {
		case s.Name == "" || names[s.Name]:
			return fmt.Errorf("expected a name of its own, got %q", s.Name)
		case (s.Relation == "") != (s.Code == ""):
			return errors.New("expected relation and code, or neither")
		case s.Relation != "" && !c.refusedWith(s.Relation, s.Code):
			return fmt.Errorf("expected a code that is lawful where a graph is %s, got %q", s.Relation, s.Code)
		}
		names[s.Name] = true
		c.graphStates = append(c.graphStates, s)
		return c.checkSource(s.Source...)
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
