package contract

import (
	"errors"
	"fmt"
	"slices"
)

// A GraphState is an entry of x-graph-states: a state of a graph, and why requests to a
// graph in that state are refused.
type GraphState struct {
	Status string `yaml:"-" json:"status"` // as the service writes it, such as 200
	Name   string `yaml:"name" json:"name"`
	// Relation is the reason for which requests are refused; "" if they are not.
	Relation Relation `yaml:"relation" json:"relation,omitempty"`
	// Code is the error code, of those lawful for that refusal, that fits the state
	// best.
	Code   string   `yaml:"code" json:"code,omitempty"`
	Source []string `yaml:"source" json:"source"`
	Line   int      `yaml:"-" json:"line"` // in the document
}

// GraphStates returns the states of a graph, in the order of the document.
func (c *Contract) GraphStates() []*GraphState { return slices.Clone(c.graphStates) }

// GraphState returns the state with the given status, or nil.
func (c *Contract) GraphState(status string) *GraphState {
	return first(c.graphStates, func(s *GraphState) bool { return s.Status == status })
}

func (c *Contract) parseGraphStates() error {
	names := map[string]bool{}
	return entries(c, "/x-graph-states", "graph state", func(status string, line int, s *GraphState) error {
		s.Status, s.Line, s.Code = status, line, c.normalCode(s.Code)
		switch {
		case s.Name == "" || names[s.Name]:
			return fmt.Errorf("expected a unique name, got %q", s.Name)
		case (s.Relation == "") != (s.Code == ""):
			return errors.New("expected relation and code, or neither")
		case s.Relation != "" && !c.refusedWith(s.Relation, s.Code):
			return fmt.Errorf("expected a code that is lawful for the relation %s, got %q", s.Relation, s.Code)
		}
		names[s.Name] = true
		c.graphStates = append(c.graphStates, s)
		return c.checkSource(s.Source...)
	})
}

// refusedWith reports whether a code is lawful for a refusal of a graph that has a
// relation.
func (c *Contract) refusedWith(relation Relation, code string) bool {
	return slices.ContainsFunc(c.refusals, func(r *Refusal) bool {
		_, lawful := r.StatusWith(code)
		return lawful && slices.ContainsFunc(r.When, func(w When) bool { return w.In == InPath && w.Relation == relation })
	})
}

// StatusWith returns the status of the first lawful answer that may have the given
// code, and whether there is one. The code has the prefix that Contract.Codes uses.
func (r *Refusal) StatusWith(code string) (status int, lawful bool) {
	for _, o := range r.Answers {
		if slices.Contains(o.Codes, code) {
			return o.status(), true
		}
	}
	return 0, false
}
