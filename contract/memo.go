package contract

import "slices"

// A memo keeps what has been found of a value by a schema, so that work grows with the number of values, and
// not with the number of ways that lead to one through schemas that are combined.
type memo struct {
	visited []visited
	index   map[visit]int // of visited, once there are many
}

// A visit is a check of a value by a schema that top combines.
type visit struct {
	s   *Schema
	v   *Value
	top *Schema
}

// visited is what a visit has found.
type visited struct {
	visit
	tried, kept bool // whether it was quick, and the value keeps the schema
	listed      bool // whether the problems were listed
	problems    []Problem
}

const (
	// mostFound is how many problems of one value by one schema a memo keeps.
	mostFound = 20
	// fewVisits are found faster one after the other than by an index.
	fewVisits = 8
)

// at returns where in visited a visit is.
func (m *memo) at(v visit) int {
	if i, known := m.index[v]; known {
		return i
	}
	if m.index == nil {
		for i := range m.visited {
			if m.visited[i].visit == v {
				return i
			}
		}
	}
	i := len(m.visited)
	m.visited = append(m.visited, visited{visit: v})
	switch {
	case m.index != nil:
		m.index[v] = i
	case len(m.visited) > fewVisits:
		m.index = map[visit]int{}
		for i := range m.visited {
			m.index[m.visited[i].visit] = i
		}
	}
	return i
}

// checkOnce is checkParts, once for a value and a schema. While that goes on, and only then, the same
// again has no problem: a schema that is combined from itself says nothing more by that.
func (c *checker) checkOnce(s *Schema, v *Value, top *Schema) {
	if c.memo == nil {
		c.memo = &memo{}
	}
	i := c.memo.at(visit{s, v, top})
	found := &c.memo.visited[i] // until others are added
	switch {
	case c.quick && found.tried:
		c.failed = !found.kept
	case c.quick:
		found.tried, found.kept = true, true
		c.checkParts(s, v, top)
		c.memo.visited[i].kept = !c.failed
	case !found.listed:
		found.listed = true
		before := len(c.problems)
		c.checkParts(s, v, top)
		fresh := c.problems[before:]
		c.memo.visited[i].problems = slices.Clone(fresh[:min(len(fresh), mostFound)])
	default:
		for _, p := range found.problems {
			if !slices.Contains(c.problems, p) {
				c.problems = append(c.problems, p)
			}
		}
	}
}
