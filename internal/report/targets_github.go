package report

import (
	"bufio"
	"fmt"
	"io"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

// WriteTargetsGitHub writes the commands that make GitHub annotate a job: an error
// for each target that deviates or could not be judged, a warning for each SHOULD
// that is broken somewhere, and a notice with the verdict.
func WriteTargetsGitHub(w io.Writer, targets *result.Targets) error {
	b := bufio.NewWriter(w)
	for i := range targets.Targets {
		if t := &targets.Targets[i]; t.Verdict != judge.Conforms {
			command(b, "error", t.Name, t.Headline)
		}
	}
	for _, row := range targets.Broken() {
		if row.Verdict == judge.Advisory {
			command(b, "warning", fmt.Sprintf("%s (%s)", row.ID, row.Level), row.Text, "at "+namesInShort(row.Names))
		}
	}
	command(b, "notice", "gesconform", targets.Headline)
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write GitHub's commands: %w", err)
	}
	return nil
}
