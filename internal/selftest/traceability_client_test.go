package selftest

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/client"
)

// scenarios are those for clients, by the requirement that they decide.
type scenarios struct {
	all      int
	deciding map[string][]string // those that are about the requirement come first
	about    map[string]int      // how many are
}

func scenariosOf(t *testing.T, c *contract.Contract) scenarios {
	t.Helper()
	all, err := client.Scenarios(c)
	if err != nil {
		t.Fatal(err)
	}
	found := scenarios{all: len(all), deciding: map[string][]string{}, about: map[string]int{}}
	for _, isAbout := range []bool{true, false} {
		for _, s := range all {
			for _, b := range s.All() {
				r := c.RequirementExpecting(b)
				switch {
				case r == nil:
					t.Errorf("scenario %s: no requirement expects %q", s.Name, b)
					continue
				case isAbout != (b == s.About()):
					continue
				case isAbout:
					found.about[r.ID]++
				}
				found.deciding[r.ID] = append(found.deciding[r.ID], s.Name)
			}
		}
	}
	return found
}

// of says which scenarios decide a requirement.
func (s *scenarios) of(r *contract.Requirement) string {
	names, about := s.deciding[r.ID], s.about[r.ID]
	switch {
	case len(names) < s.all:
		return fmt.Sprintf("%d: %#q", len(names), names[0])
	case about == 0:
		return "every one"
	}
	return fmt.Sprintf("every one, and %d for it: %#q", about, names[0])
}

// writeClientRequirements writes what clients are held to, which no case and no defect is about.
func (tr *trace) writeClientRequirements(b *bytes.Buffer) {
	b.WriteString("\n## Requirements for clients\n\nA run against a deployment neither counts nor lists them.\n\n| requirement | about | line | sources | ours | scenarios, the first |\n|---|---|---|---|---|---|\n")
	for _, r := range tr.contract.RequirementsFor(contract.Client) {
		fmt.Fprintf(b, "| **%s** %s: %s | %s | [%d](../openapi.yaml#L%d) | %s | %s | %s |\n", r.ID, r.Level, cell(r.Text), cmp.Or(r.Operation, "every operation"),
			r.Line, r.Line, strings.Join(r.Source, ", "), tr.ours(r), tr.scenarios.of(r))
	}
}
