package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/gesconform/gesconform/internal/judge"
)

// widestMatrix is how many targets matrix.md puts side by side: more are read
// in matrix.html.
const widestMatrix = 12

// WriteTargetsMarkdown writes the targets in short, for the page of a CI job: what the
// targets come to, which requirements are broken where, and the matrix of the
// requirements of which something is to be said. It is never larger than 64 KiB,
// and says what was cut.
func WriteTargetsMarkdown(w io.Writer, f *Targets) error {
	m := &markdown{all: MatrixPageFile + " and " + MatrixFile}
	m.printf("## %s %s\n\n", styles[f.Verdict].mark, prose(f.Headline))
	m.printf("- Contract: %s\n- Suite: %s\n\n",
		code(fmt.Sprintf("%s %s, sha256 %.12s", f.Contract.Name, f.Contract.Version, f.Contract.SHA256)), code(strings.TrimSpace(f.Tool.Name+" "+f.Tool.Version)))
	m.section("Targets", sectionBytes, f.targetItems())
	m.section("Broken requirements", sectionBytes, f.brokenItems())
	if len(f.Targets) > 0 && len(f.Targets) <= widestMatrix {
		m.matrix(f)
	}
	m.section("Notes", sectionBytes, noteItems(f.Notes))
	if _, err := io.WriteString(w, m.String()); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

// targetItems are the targets, those that ask for attention first.
func (f *Targets) targetItems() []string {
	var items []string
	for _, v := range []judge.Verdict{judge.Deviates, judge.Error, judge.Conforms} {
		for i := range f.Targets {
			if t := &f.Targets[i]; t.Verdict == v {
				items = append(items, fmt.Sprintf("- %s %s: %s\n", styles[v].mark, code(t.Name), code(t.Headline)))
			}
		}
	}
	return items
}

func (f *Targets) brokenItems() []string {
	var items []string
	for _, row := range f.broken() {
		names := make([]string, len(row.Names))
		for i, name := range row.Names {
			names[i] = code(name)
		}
		items = append(items, fmt.Sprintf("- %s %s (%s) at %s\n", styles[row.Verdict].mark, code(row.ID), row.Level, namesInShort(names)))
	}
	return items
}

func noteItems(notes []string) []string {
	var items []string
	for _, note := range notes {
		items = append(items, fmt.Sprintf("- %s\n", code(note)))
	}
	return items
}

// matrix writes the requirements that do not conform everywhere.
func (m *markdown) matrix(f *Targets) {
	var rows strings.Builder
	same := 0
	for i := range f.Requirements {
		r := &f.Requirements[i]
		line, all := "| "+code(r.ID)+" | "+string(r.Level)+" |", true
		for _, t := range f.Targets {
			cell := r.Targets[t.Name]
			all = all && cell.Verdict == judge.Conforms
			text := fmt.Sprintf(" %s %s", styles[cell.Verdict].mark, cell.Verdict)
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
		for _, t := range f.Targets {
			m.printf(" %s |", strings.ReplaceAll(code(t.Name), "|", `\|`)) // in a table that is a border even in code
		}
		m.printf("\n|---|---|%s\n%s\n", strings.Repeat("---|", len(f.Targets)), rows.String())
	}
	if same > 0 {
		m.printf("%d of %d requirements conform everywhere.\n\n", same, len(f.Requirements))
	}
}
