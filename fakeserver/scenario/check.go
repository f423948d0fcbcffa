package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// An inconsistency is a value that does not fit the rest of its scenario.
type inconsistency struct {
	path   []string
	reason string
}

func (m *inconsistency) Error() string { return strings.Join(m.path, ".") + ": " + m.reason }

// at begins an inconsistency of the value at a path.
func at(path ...any) *inconsistency {
	m := &inconsistency{path: make([]string, len(path))}
	for i, step := range path {
		m.path[i] = fmt.Sprint(step)
	}
	return m
}

func (m *inconsistency) because(format string, args ...any) *inconsistency {
	m.reason = fmt.Sprintf(format, args...)
	return m
}

// Check checks that what the scenario names exists, that names, ids and tokens are
// unique, and that values fit each other. Single values are checked by the schema
// when a file is read.
//
// A schema could say that an answer excludes some breaks, too. It is said here,
// because a scenario made in Go is not validated: every server would compile the
// schema when it starts, which takes some milliseconds.
func (s *Scenario) Check() error {
	if m := s.check(); m != nil {
		return fmt.Errorf("scenario: %w", m)
	}
	return nil
}

func (s *Scenario) check() *inconsistency {
	for _, step := range []func() *inconsistency{s.checkProjects, s.checkUsers, s.checkGraphs, s.checkVersions, s.checkFaults} {
		if m := step(); m != nil {
			return m
		}
	}
	return nil
}

// unique knows the values that have come so far, by kind.
type unique map[[2]string]bool

// taken reports whether a value has come before, and adds it. "" is no value.
func (u unique) taken(kind, value string) bool {
	if value == "" {
		return false
	}
	taken := u[[2]string{kind, value}]
	u[[2]string{kind, value}] = true
	return taken
}

func (s *Scenario) checkProjects() *inconsistency {
	seen := unique{}
	for i, p := range s.Projects {
		switch {
		case seen.taken("name", p.Name):
			return at("projects", i, "name").because("another project is called %q", p.Name)
		case seen.taken("id", p.ID):
			return at("projects", i, "id").because("another project has the id %q", p.ID)
		}
	}
	return nil
}

func (s *Scenario) checkUsers() *inconsistency {
	names, secrets := unique{}, unique{}
	for i, u := range s.Users {
		if names.taken(u.DomainName(), u.Name) {
			return at("users", i, "name").because("another user of the domain %q is called %q", u.DomainName(), u.Name)
		}
		for j, name := range u.Projects {
			if p := s.Project(name); p == nil || p.DomainName() != u.DomainName() {
				return at("users", i, "projects", j).because("the domain %q has no project %q", u.DomainName(), name)
			}
		}
		for j, t := range u.Tokens {
			switch {
			case secrets.taken("token", t.Value):
				return at("users", i, "tokens", j, "value").because("the same token stands elsewhere")
			case t.Project != "" && !s.reaches(u, t.Project):
				return at("users", i, "tokens", j, "project").because("the user has no project %q", t.Project)
			}
		}
		for j, k := range u.AccessKeys {
			if secrets.taken("access key", k.Access) {
				return at("users", i, "access-keys", j, "access").because("another access key is called %q", k.Access)
			}
		}
	}
	return nil
}

func (s *Scenario) checkGraphs() *inconsistency {
	names, ids := unique{}, unique{}
	for i, g := range s.Graphs {
		switch {
		case s.Project(g.Project) == nil:
			return at("graphs", i, "project").because("there is no project %q", g.Project)
		case names.taken(g.Project, g.Name):
			return at("graphs", i, "name").because("another graph of the project is called %q", g.Name)
		case ids.taken("", g.ID):
			return at("graphs", i, "id").because("another graph has the id %q", g.ID)
		case len(g.Tasks) > 0 && g.Status != "" && g.Status != "running":
			return at("graphs", i, "tasks").because("only a running graph has tasks, and this one is %s", g.Status)
		}
	}
	return nil
}

func (s *Scenario) checkVersions() *inconsistency {
	for i := 1; i < len(s.Versions); i++ {
		if v, before := s.Versions[i], s.Versions[i-1]; !contract.Later(v, before) {
			return at("versions", i).because("expected a version later than %s, got %s", before, v)
		}
	}
	return nil
}

func (s *Scenario) checkFaults() *inconsistency {
	names := unique{}
	for i, f := range s.Faults {
		switch {
		case names.taken("", f.Name):
			return at("faults", i, "name").because("another fault is called %q", f.Name)
		case f.Delay == nil && f.Answer == nil && f.Break == "":
			return at("faults", i).because("expected a delay, an answer or a break, got none")
		case f.Answer != nil && (f.Break == Hang || f.Break == Reset):
			return at("faults", i, "break").because("expected %s beside an answer, got %s: no answer comes then", Truncate, f.Break)
		case f.Delay != nil && f.Delay.To != 0 && f.Delay.To < f.Delay.From:
			return at("faults", i, "delay", "to").because("expected at least %s, as from says, got %s", f.Delay.From, f.Delay.To)
		case f.Match.Graph != "" && !s.hasGraph(f.Match.Graph):
			return at("faults", i, "match", "graph").because("there is no graph %q", f.Match.Graph)
		}
	}
	return nil
}

// hasGraph reports whether a graph has a name or an id.
func (s *Scenario) hasGraph(name string) bool {
	return slices.ContainsFunc(s.Graphs, func(g Graph) bool { return g.Name == name || g.ID == name })
}
