package scenario

import (
	"fmt"
	"slices"
	"strconv"
)

// A misplaced thing does not fit the rest of its scenario.
type misplaced struct {
	path   []string
	reason string
}

func (m *misplaced) Error() string { return m.reason }

func at(list string, i int, member, format string, args ...any) error {
	return &misplaced{[]string{list, strconv.Itoa(i), member}, fmt.Sprintf("%s.%d.%s: ", list, i, member) + fmt.Sprintf(format, args...)}
}

// DefaultDomain is the account of who names none.
const DefaultDomain = "acme"

// DomainName is the project's domain.
func (p Project) DomainName() string { return orDefault(p.Domain) }

// DomainName is the user's domain.
func (u User) DomainName() string { return orDefault(u.Domain) }

func orDefault(domain string) string {
	if domain == "" {
		return DefaultDomain
	}
	return domain
}

// Check makes sure that what the scenario names exists, and that nothing has
// the name, id or token of another. What a single value may be is the schema's
// to say, and is not looked at.
func (s *Scenario) Check() error {
	if err := s.check(); err != nil {
		return fmt.Errorf("scenario: %w", err)
	}
	return nil
}

func (s *Scenario) check() error {
	for _, step := range []func() error{s.checkProjects, s.checkUsers, s.checkGraphs, s.checkFaults} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// unique tells when a value comes a second time; empty ones do not count.
type unique map[string]bool

func (u unique) taken(value string) bool {
	if value == "" {
		return false
	}
	taken := u[value]
	u[value] = true
	return taken
}

func (s *Scenario) checkProjects() error {
	names, ids := unique{}, unique{}
	for i, p := range s.Projects {
		switch {
		case names.taken(p.Name):
			return at("projects", i, "name", "another project is called %q", p.Name)
		case ids.taken(p.ID):
			return at("projects", i, "id", "another project has the id %q", p.ID)
		}
	}
	return nil
}

// Project returns the project with a name, or nil.
func (s *Scenario) Project(name string) *Project {
	i := slices.IndexFunc(s.Projects, func(p Project) bool { return p.Name == name })
	if i < 0 {
		return nil
	}
	return &s.Projects[i]
}

func (s *Scenario) checkUsers() error {
	names, tokens, keys := unique{}, unique{}, unique{}
	for i, u := range s.Users {
		if names.taken(u.DomainName() + "/" + u.Name) {
			return at("users", i, "name", "another user of the domain is called %q", u.Name)
		}
		for _, name := range u.Projects {
			if p := s.Project(name); p == nil || p.DomainName() != u.DomainName() {
				return at("users", i, "projects", "the domain %q has no project %q", u.DomainName(), name)
			}
		}
		for _, t := range u.Tokens {
			switch {
			case tokens.taken(t.Value):
				return at("users", i, "tokens", "a token stands there twice")
			case t.Project != "" && !s.reaches(u, t.Project):
				return at("users", i, "tokens", "the user has no project %q", t.Project)
			}
		}
		for _, k := range u.AccessKeys {
			if keys.taken(k.Access) {
				return at("users", i, "access-keys", "another user has the access key %q", k.Access)
			}
		}
	}
	return nil
}

// reaches reports whether a user may act in a project.
func (s *Scenario) reaches(u User, project string) bool {
	if len(u.Projects) > 0 {
		return slices.Contains(u.Projects, project)
	}
	p := s.Project(project)
	return p != nil && p.DomainName() == u.DomainName()
}

// ProjectsOf lists the projects in which a user may act.
func (s *Scenario) ProjectsOf(u User) []Project {
	return slices.DeleteFunc(slices.Clone(s.Projects), func(p Project) bool { return !s.reaches(u, p.Name) })
}

func (s *Scenario) checkGraphs() error {
	names, ids := unique{}, unique{}
	for i, g := range s.Graphs {
		switch {
		case s.Project(g.Project) == nil:
			return at("graphs", i, "project", "there is no project %q", g.Project)
		case names.taken(g.Project + "/" + g.Name):
			return at("graphs", i, "name", "another graph of the project is called %q", g.Name)
		case ids.taken(g.ID):
			return at("graphs", i, "id", "another graph has the id %q", g.ID)
		case len(g.Tasks) > 0 && g.Status != "" && g.Status != "running":
			return at("graphs", i, "tasks", "only a running graph has tasks, and this one is %s", g.Status)
		}
	}
	return nil
}

func (s *Scenario) checkFaults() error {
	names := unique{}
	for i, f := range s.Faults {
		switch {
		case names.taken(f.Name):
			return at("faults", i, "name", "another fault is called %q", f.Name)
		case f.Delay == nil && f.Answer == nil && f.Break == "":
			return at("faults", i, "name", "expected a delay, an answer or a break")
		case f.Answer != nil && f.Break == Hang, f.Answer != nil && f.Break == Reset:
			return at("faults", i, "break", "an answer cannot come where the connection does %s", f.Break)
		case f.Delay != nil && f.Delay.To != 0 && f.Delay.To < f.Delay.From:
			return at("faults", i, "delay", "expected from to be at most to, got %s and %s", f.Delay.From, f.Delay.To)
		case f.Match.Graph != "" && !slices.ContainsFunc(s.Graphs, func(g Graph) bool { return g.Name == f.Match.Graph || g.ID == f.Match.Graph }):
			return at("faults", i, "match", "there is no graph %q", f.Match.Graph)
		}
	}
	return nil
}
