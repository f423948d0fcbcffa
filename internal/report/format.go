package report

import (
	"fmt"
	"io"
	"slices"

	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/suggest"
)

// A Format is how a result is written to standard output. "" is Plain.
type Format string

// The formats.
const (
	Plain    Format = "text"     // for a terminal
	JSON     Format = "json"     // as results.json, and for many targets as matrix.json
	JUnit    Format = "junit"    // as junit.xml
	Markdown Format = "markdown" // as summary.md, and for many targets as matrix.md
)

// Formats returns the names of the formats of a run or, with many, of a run against many targets.
func Formats(many bool) []string {
	if many {
		return []string{string(Plain), string(JSON), string(Markdown)}
	}
	return []string{string(Plain), string(JSON), string(JUnit), string(Markdown)}
}

// ParseFormat returns the format with a name, which must be one of Formats.
func ParseFormat(name string, many bool) (Format, error) {
	names := Formats(many)
	switch {
	case slices.Contains(names, name):
		return Format(name), nil
	case many && Format(name) == JUnit:
		return "", fmt.Errorf("format: expected %s for many targets, got %q; --output writes a junit.xml for each", printable.AnyOf(names), name)
	}
	return "", fmt.Errorf("format: expected %s, got %.40q%s", printable.AnyOf(names), name, suggest.DidYouMean(name, names, ""))
}

// IsText reports whether a format is for a terminal, which also gets the progress.
func (f Format) IsText() bool { return f == "" || f == Plain }

// Write writes a run in the format of options.
func Write(w io.Writer, run result.Run, options TextOptions) error {
	switch options.Format {
	case JSON:
		return result.WriteJSON(w, run)
	case JUnit:
		return WriteJUnit(w, run)
	case Markdown:
		return WriteMarkdown(w, run)
	default:
		return Text(w, run, options)
	}
}

// WriteTargets writes the result of a run against many targets in the format of options; as text,
// what TargetsText.Total does.
func WriteTargets(w io.Writer, targets *result.Targets, options TextOptions) error {
	switch options.Format {
	case JSON:
		return result.WriteTargetsJSON(w, targets)
	case Markdown:
		return WriteTargetsMarkdown(w, targets)
	default: // as text
	}
	names := make([]string, len(targets.Targets))
	for i := range targets.Targets {
		names[i] = targets.Targets[i].Name
	}
	return NewTargetsText(w, options, names).Total(targets)
}
