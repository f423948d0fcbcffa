package session

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/suggest"
)

// allMust names all MUST requirements.
const allMust = "all-must"

// Required returns the ids of the requirements that the run must exercise: all MUSTs, or
// those in a file, one id per line, with # for comments.
func Required(c *contract.Contract, require string) ([]string, error) {
	var ids, known []string
	for _, r := range c.Requirements() {
		known = append(known, r.ID)
		if r.Level == contract.Must {
			ids = append(ids, r.ID)
		}
	}
	switch require {
	case "":
		return nil, nil
	case allMust:
		return ids, nil
	}
	text, err := os.ReadFile(require)
	if err != nil {
		return nil, fmt.Errorf("require: expected %s or a file with the ids of requirements, got: %w", allMust, err)
	}
	ids = nil
	lines := bufio.NewScanner(bytes.NewReader(text))
	for number := 1; lines.Scan(); number++ {
		id, _, _ := strings.Cut(lines.Text(), "#")
		if id = strings.TrimSpace(id); id == "" {
			continue
		}
		if !slices.Contains(known, id) {
			return nil, fmt.Errorf("require: %s:%d: unknown requirement %.80q%s", require, number, id, suggest.DidYouMean(id, known, "docs/traceability.md lists them"))
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

// Unmet says which required requirements a run has not exercised, or returns "".
func Unmet(required []string, run result.Run) string {
	exercised := map[string]bool{}
	for _, r := range run.Exercised() {
		exercised[r.ID] = true
	}
	missing := slices.DeleteFunc(slices.Clone(required), func(id string) bool { return exercised[id] })
	const shown = 5
	switch n := len(missing); {
	case n == 0:
		return ""
	case n > shown:
		return fmt.Sprintf("%d of the %d required requirements were not exercised: %s and others", n, len(required), strings.Join(missing[:shown], ", "))
	default:
		return fmt.Sprintf("%d of the %d required requirements were not exercised: %s", n, len(required), strings.Join(missing, ", "))
	}
}
