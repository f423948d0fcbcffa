package scenario

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

// at returns a fault of the value at a path of keys and indices, such as graphs.0.name.
func at(path string, format string, args ...any) *yamlfile.Fault {
	return &yamlfile.Fault{Path: strings.Split(path, "."), Reason: fmt.Sprintf(format, args...)}
}

// Check checks that everything the scenario refers to exists, that names, ids and tokens
// are unique, and that values fit together. It does not check single values; the schema
// does that when a file is read.
//
// The schema could also say that an answer excludes some breaks. That is checked here
// because a scenario made in Go is not validated by the schema: every server would have
// to compile it at start, which takes some milliseconds.
func (s *Scenario) Check() error {
	if f := s.check(); f != nil {
		return fmt.Errorf("scenario: %s", withPath(f.Path, f.Reason))
	}
	return nil
}

// check returns the first fault, without its line, or nil.
func (s *Scenario) check() *yamlfile.Fault {
	return cmp.Or(s.checkProjects(), s.checkUsers(), s.checkGraphs(), s.checkVersions(), s.checkUpgrades(), s.checkFaults())
}

// unique is the set of values seen so far, by kind.
type unique map[[2]string]bool

// taken adds a value, and reports whether it was there before. It ignores "".
func (u unique) taken(kind, value string) bool {
	if value == "" {
		return false
	}
	taken := u[[2]string{kind, value}]
	u[[2]string{kind, value}] = true
	return taken
}

func (s *Scenario) checkProjects() *yamlfile.Fault {
	seen := unique{}
	for i, p := range s.Projects {
		switch {
		case seen.taken("name", p.Name):
			return at(fmt.Sprintf("projects.%d.name", i), "another project is called %q", p.Name)
		case seen.taken("id", p.ID):
			return at(fmt.Sprintf("projects.%d.id", i), "another project has the id %q", p.ID)
		}
	}
	return nil
}

func (s *Scenario) checkUsers() *yamlfile.Fault {
	names, secrets := unique{}, unique{}
	for i, u := range s.Users {
		if names.taken(u.DomainName(), u.Name) {
			return at(fmt.Sprintf("users.%d.name", i), "another user of the domain %q is called %q", u.DomainName(), u.Name)
		}
		for j, name := range u.Projects {
			if p := s.Project(name); p == nil || p.DomainName() != u.DomainName() {
				return at(fmt.Sprintf("users.%d.projects.%d", i, j), "the domain %q has no project %q", u.DomainName(), name)
			}
		}
		for j, t := range u.Tokens {
			switch {
			case secrets.taken("token", t.Value):
				return at(fmt.Sprintf("users.%d.tokens.%d.value", i, j), "another token has the same value")
			case t.Project != "" && !s.reaches(u, t.Project):
				return at(fmt.Sprintf("users.%d.tokens.%d.project", i, j), "the user has no project %q", t.Project)
			}
		}
		for j, k := range u.AccessKeys {
			if secrets.taken("access key", k.Access) {
				return at(fmt.Sprintf("users.%d.access-keys.%d.access", i, j), "another access key is called %q", k.Access)
			}
		}
	}
	return nil
}

func (s *Scenario) checkGraphs() *yamlfile.Fault {
	names, ids := unique{}, unique{}
	for i, g := range s.Graphs {
		switch {
		case s.Project(g.Project) == nil:
			return at(fmt.Sprintf("graphs.%d.project", i), "there is no project %q", g.Project)
		case names.taken(g.Project, g.Name):
			return at(fmt.Sprintf("graphs.%d.name", i), "another graph of the project is called %q", g.Name)
		case ids.taken("", g.ID):
			return at(fmt.Sprintf("graphs.%d.id", i), "another graph has the id %q", g.ID)
		case len(g.Tasks) > 0 && g.Status != "" && g.Status != "running":
			return at(fmt.Sprintf("graphs.%d.tasks", i), "only a running graph can have tasks, but this one is %s", g.Status)
		}
	}
	return nil
}

func (s *Scenario) checkVersions() *yamlfile.Fault {
	for i := 1; i < len(s.Versions); i++ {
		if v, before := s.Versions[i], s.Versions[i-1]; !contract.Later(v, before) {
			return at(fmt.Sprintf("versions.%d", i), "expected a version later than %s, got %s", before, v)
		}
	}
	return nil
}

func (s *Scenario) checkFaults() *yamlfile.Fault {
	names := unique{}
	for i, f := range s.Faults {
		switch {
		case names.taken("", f.Name):
			return at(fmt.Sprintf("faults.%d.name", i), "another fault is called %q", f.Name)
		case f.Delay == nil && f.Answer == nil && f.Enlarge == nil && f.Break == "":
			return at(fmt.Sprintf("faults.%d", i), "expected a delay, an answer, enlarge or a break, got none")
		case f.Answer != nil && f.Break != "" && !f.Break.WithBody():
			return at(fmt.Sprintf("faults.%d.break", i), "expected %s together with an answer, got %s, which sends no answer", Truncate, f.Break)
		case f.Enlarge != nil && *f.Enlarge == Enlarge{}:
			return at(fmt.Sprintf("faults.%d.enlarge", i), "expected bytes or depth, got neither")
		case f.After && f.Break == ResetEarly:
			return at(fmt.Sprintf("faults.%d.after", i), "the service cannot handle a request before its body is read, as %s wants", ResetEarly)
		case f.Answer != nil && f.Answer.RetryDate && f.Answer.RetryAfter == nil:
			return at(fmt.Sprintf("faults.%d.answer.retry-date", i), "expected retry-after beside it, got none")
		case f.Answer != nil && f.Answer.Body != "" && (f.Answer.Page || f.Answer.Code != "" || f.Answer.Message != ""):
			return at(fmt.Sprintf("faults.%d.answer.body", i), "expected neither page, code nor message beside it")
		case f.Answer != nil && f.Answer.Body != "" && (f.Answer.Status == http.StatusNoContent || f.Answer.Status == http.StatusNotModified):
			return at(fmt.Sprintf("faults.%d.answer.body", i), "an answer with status %d has no body", f.Answer.Status)
		case f.Answer != nil && ownHeader(f.Answer.Headers) >= 0:
			return at(fmt.Sprintf("faults.%d.answer.headers.%d", i, ownHeader(f.Answer.Headers)), "only the fake itself sends this header")
		case f.Delay != nil && f.Delay.To != 0 && f.Delay.To < f.Delay.From:
			return at(fmt.Sprintf("faults.%d.delay.to", i), "expected at least %s, the value of from, got %s", f.Delay.From, f.Delay.To)
		case f.Match.Graph != "" && !s.hasGraph(f.Match.Graph):
			return at(fmt.Sprintf("faults.%d.match.graph", i), "there is no graph %q", f.Match.Graph)
		}
	}
	return nil
}

// ownHeader returns the number of the first line of a header that the fake does not leave to a scenario: the
// length, for which there are breaks, and by what everybody sees that it is a fake. It is -1 if there is none.
func ownHeader(lines []string) int {
	return slices.IndexFunc(lines, func(line string) bool {
		name, _, _ := strings.Cut(line, ":")
		return slices.Contains([]string{"Server", "Content-Length", "Transfer-Encoding"}, http.CanonicalHeaderKey(name))
	})
}

func (s *Scenario) checkUpgrades() *yamlfile.Fault {
	ids := unique{}
	for i, u := range s.Upgrades {
		switch {
		case ids.taken("", u.JobID):
			return at(fmt.Sprintf("upgrades.%d.job-id", i), "another upgrade has the job %q", u.JobID)
		case u.Partly && u.Fails == "":
			return at(fmt.Sprintf("upgrades.%d.partly", i), "expected fails, the reason, beside partly")
		}
	}
	return nil
}

// hasGraph reports whether a graph has the given name or id.
func (s *Scenario) hasGraph(name string) bool {
	return slices.ContainsFunc(s.Graphs, func(g Graph) bool { return g.Name == name || g.ID == name })
}
