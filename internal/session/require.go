package session

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/suggest"
)

// allMust names all MUST requirements.
const allMust = "all-must"

// anyCase, after a requirement, says that one decided case is enough.
const anyCase = ":any"

// Required returns what the run must decide: all-must, or the ids of the requirements in a
// file, one per line, with # for comments. Each may end in ":any".
func Required(c *contract.Contract, require string) ([]string, error) {
	if require == "" {
		return nil, nil
	}
	if strings.TrimSuffix(require, anyCase) == allMust {
		return []string{require}, nil
	}
	known := []string{allMust}
	for _, r := range c.RequirementsFor(contract.Server) {
		known = append(known, r.ID)
	}
	text, err := os.ReadFile(require)
	if err != nil {
		return nil, fmt.Errorf("require: expected %s or a file with the ids of requirements, got: %w", allMust, err)
	}
	var ids []string
	lines := bufio.NewScanner(bytes.NewReader(text))
	for number := 1; lines.Scan(); number++ {
		id, _, _ := strings.Cut(lines.Text(), "#")
		if id = strings.TrimSpace(id); id == "" {
			continue
		}
		switch name := strings.TrimSuffix(id, anyCase); {
		case slices.Contains(known, name):
		case c.Requirement(name) != nil:
			return nil, fmt.Errorf("require: %s:%d: %s is about clients, and a run judges a server", require, number, name)
		default:
			return nil, fmt.Errorf("require: %s:%d: unknown requirement %.80q%s", require, number, name, suggest.DidYouMean(name, known, whatLists(c)))
		}
		ids = append(ids, id)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("require: read %s: %w", require, err)
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("require: expected the ids of requirements in %s, got none", require)
	}
	return ids, nil
}

// whatLists says where the requirements of a contract are listed.
func whatLists(c *contract.Contract) string {
	if c.Implied() {
		return "`gesconform cases --spec FILE` lists them"
	}
	return "docs/traceability.md lists them"
}

// Unmet says which required requirements a run has not decided as they must be, or returns "".
func Unmet(required []string, run *result.Run) string {
	of, unmet := 0, []string{}
	for _, name := range required {
		id, one := strings.CutSuffix(name, anyCase)
		before := of
		for i := range run.Requirements {
			r := &run.Requirements[i]
			if id != r.ID && (id != allMust || !r.IsMust()) {
				continue
			}
			of++
			if !isMet(r, one, id == allMust, run) {
				unmet = append(unmet, describe(r, run))
			}
		}
		if of == before {
			of++
			unmet = append(unmet, id+map[bool]string{true: " (nothing in the document is about it)", false: " (not a requirement for a server)"}[run.Document != nil])
		}
	}
	if len(unmet) == 0 {
		return ""
	}
	const shown = 3
	text := fmt.Sprintf("--require: %d of %d %s not decided as required: %s", len(unmet), of, printable.Plural(of, "requirement is", "requirements are"), strings.Join(unmet[:min(shown, len(unmet))], "; "))
	if more := len(unmet) - shown; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// isMet reports whether all cases of a requirement were decided that are not counted apart, or
// one is enough. At least one must have been, unless all MUSTs are required and nobody could
// bring about any case of this one.
func isMet(r *result.Requirement, one, all bool, run *result.Run) bool {
	switch {
	case r.Decided > 0:
		return one || r.Undecided() == 0
	case all && run.Document != nil && r.Cases == 0: // no answer that it is about has come, or can
		return true
	case !all || r.Cases == 0 || r.Undecided() > 0:
		return false
	}
	return !slices.ContainsFunc(run.Cases, func(c result.Case) bool { return c.Requirement == r.ID && c.Apart != judge.CannotBeBroughtAbout })
}

// describe says how much of a requirement was decided, and why not more.
func describe(r *result.Requirement, run *result.Run) string {
	text := fmt.Sprintf("%s (%d of %d %s", r.ID, r.Decided, r.Cases, printable.Plural(r.Cases, "case", "cases"))
	switch id, reason := run.FirstUndecided(r.ID); {
	case id != "":
		text += fmt.Sprintf("; %s: %s", id, reason)
	case r.Cases > r.Decided:
		text += "; the others were not selected"
	default:
		text += printable.Prefixed("; ", r.Reason)
	}
	return text + ")"
}
