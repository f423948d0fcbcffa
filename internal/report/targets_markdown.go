package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

// widestMatrix is the maximum number of targets for which matrix.md has a matrix.
const widestMatrix = 12

// WriteTargetsMarkdown writes a summary of the targets for the page of a CI job: the verdict
// of each, the requirements that are broken, and a matrix of those that do not conform
// everywhere. It is at most 64 KiB long, and says how much was omitted.
func WriteTargetsMarkdown(w io.Writer, targets *result.Targets) error {
	d := digestOfTargets(targets)
	m := &markdown{all: result.MatrixPageFile + " and " + result.MatrixFile}
	m.title(d.Shown, d.Headline)
	m.facts([]fact{
		{Name: "Contract", Value: fmt.Sprintf("%s %s, sha256 %.12s", d.Contract.Name, d.Contract.Version, d.Contract.SHA256)},
		{Name: "Suite", Value: toolName(d.Tool)},
	})
	m.section("Targets", sectionBytes, targetItems(targets))
	m.section("Broken requirements", sectionBytes, each(d.Broken, brokenRowItem))
	if len(targets.Targets) > 0 && len(targets.Targets) <= widestMatrix {
		m.matrix(targets)
	}
	m.section("Notes", sectionBytes, each(d.Notes, noteItem))
	return m.writeTo(w)
}

// targetItems returns an item for each target, those that deviate or could not be judged
// first, those that conform last.
func targetItems(targets *result.Targets) []string {
	var items []string
	for _, v := range []judge.Verdict{judge.Deviates, judge.Error, partial, judge.Conforms} {
		for i := range targets.Targets {
			if t := &targets.Targets[i]; shownTarget(t) == v {
				items = append(items, fmt.Sprintf("- %s %s: %s\n", styles[v].mark, code(t.Name), code(t.Headline)))
			}
		}
	}
	return items
}

func brokenRowItem(row result.BrokenRow) string {
	return fmt.Sprintf("- %s %s (%s) at %s\n", styles[row.Verdict].mark, code(row.ID), row.Level, namesInShort(each(row.Names, code)))
}

// matrix writes the requirements that do not conform everywhere.
func (m *markdown) matrix(targets *result.Targets) {
	var rows strings.Builder
	same := 0
	for i := range targets.Requirements {
		r := &targets.Requirements[i]
		line, all := "| "+code(r.ID)+" | "+string(r.Level)+" |", true
		for _, t := range targets.Targets {
			cell := r.Targets[t.Name]
			v := shownCell(&cell)
			all = all && v == judge.Conforms && len(cell.Apart) == 0
			text := fmt.Sprintf(" %s %s", styles[v].mark, v)
			if len(cell.Apart) > 0 || cell.Verdict.Exercised() && cell.Undecided() > 0 {
				text += ", " + decided(cell.Extent)
			}
			if len(cell.Known) > 0 {
				text += " (known)"
			}
			line += strings.TrimRight(text, " ") + " |"
		}
		if all {
			same++
			continue
		}
		rows.WriteString(line + "\n")
	}
	m.printf("### Requirements by target\n\n")
	if rows.Len() > 0 {
		m.printf("| requirement | level |")
		for _, t := range targets.Targets {
			m.printf(" %s |", strings.ReplaceAll(code(t.Name), "|", `\|`)) // in a table, | is a border even in code
		}
		m.printf("\n|---|---|%s\n%s\n", strings.Repeat("---|", len(targets.Targets)), rows.String())
	}
	if same > 0 {
		m.printf("%d of %d requirements conform everywhere.\n\n", same, len(targets.Requirements))
	}
}
