package selftest

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// page writes docs/traceability.md.
func (tr *trace) page() []byte {
	var b bytes.Buffer
	b.WriteString(`# Traceability

From what the public page on upgrading a graph says to what shows that a deployment keeps to it. Made by
` + "`make traceability`" + ` from [upgrade-page.yaml](upgrade-page.yaml), [openapi.yaml](../openapi.yaml), the cases that are
derived from it and the defects of the fake; the tests fail where it drifts, where a statement has no clause or does not
say what the clause says, where it has neither requirement nor reason, where a requirement has nothing that exercises it, where a MUST or SHOULD has no defect that breaks it, and
where an id or a pointer leads nowhere; what is excused stands at the end, with its reason. That the suite finds each
defect is shown by the [kill matrix](kill-matrix.md).

`)
	fmt.Fprintf(&b, "%d statements, %d requirements, %d cases, %d defects; %d requirements for clients.\n", len(tr.statements),
		len(tr.contract.RequirementsFor(contract.Server)), tr.countCases(), tr.countDefects(), len(tr.contract.RequirementsFor(contract.Client)))
	tr.writeStatements(&b)
	tr.writeUnobservable(&b)
	var ofPage, elsewhere []*contract.Requirement
	for _, r := range tr.contract.RequirementsFor(contract.Server) {
		if len(tr.namedBy[r.ID]) > 0 {
			ofPage = append(ofPage, r)
		} else {
			elsewhere = append(elsewhere, r)
		}
	}
	b.WriteString("\n## Requirements of the page\n\nIn the order of openapi.yaml. The sources are the statements above that name the requirement, then the pages that it rests on; `ours-dN` is [decision N](decisions.md). Ours is what of it no page and no RFC says: with `--only-documented` that counts as a SHOULD.\n\n")
	tr.writeRequirements(&b, ofPage)
	b.WriteString("\n## Requirements from elsewhere\n\nFrom the service's other pages, from the standards, or ours where all are silent.\n\n")
	tr.writeRequirements(&b, elsewhere)
	tr.writeClientRequirements(&b)
	b.WriteString("\n## Exceptions\n\nKnown gaps. The tests fail where one is missing here, and where one is here that has been closed.\n\n| what | why |\n|---|---|\n")
	for _, id := range sortedKeys(undefective) {
		fmt.Fprintf(&b, "| no defect breaks %#q | %s |\n", id, cell(undefective[id]))
	}
	for _, name := range sortedKeys(unprobed) {
		fmt.Fprintf(&b, "| no case probes the condition %#q | %s |\n", name, cell(unprobed[name]))
	}
	return b.Bytes()
}

func (tr *trace) writeStatements(b *bytes.Buffer) {
	b.WriteString("\n## Statements of the page\n\nWhat the page says stands beside what the clause says, both in our own words.\n\n| the page says | the clause says | clause, line | requirement | cases, the first | defects, the first |\n|---|---|---|---|---|---|\n")
	for _, s := range tr.statements {
		first := fmt.Sprintf("| **%s** %s | %s | [%d](../openapi.yaml#L%d) %#q |", s.ID, cell(s.Says), cell(s.Encodes), tr.lineOf(s.Clause), tr.lineOf(s.Clause), s.Clause)
		if s.LeftOut != "" {
			first = fmt.Sprintf("| **%s** %s | nothing: %s | |", s.ID, cell(s.Says), cell(s.LeftOut))
		}
		if len(s.Requirements) == 0 {
			fmt.Fprintf(b, "%s unobservable, see below | | |\n", first)
		}
		for _, id := range s.Requirements {
			fmt.Fprintf(b, "%s %s | %s | %s |\n", first, id, tr.exercised(tr.contract.Requirement(id)), tr.firstDefect(id))
			first = "| | | |"
		}
	}
}

func (tr *trace) writeUnobservable(b *bytes.Buffer) {
	b.WriteString("\n## What HTTP cannot show of it\n\n| statement | why |\n|---|---|\n")
	for _, s := range tr.statements {
		if s.Unobservable != "" {
			scope := "wholly"
			if len(s.Requirements) > 0 {
				scope = "in part"
			}
			fmt.Fprintf(b, "| **%s**, %s | %s |\n", s.ID, scope, cell(s.Unobservable))
		}
	}
	b.WriteString("\n## Mistakes of the page\n\n| statement | mistake |\n|---|---|\n")
	for _, s := range tr.statements {
		if s.Fault != "" {
			fmt.Fprintf(b, "| **%s** | %s |\n", s.ID, cell(s.Fault))
		}
	}
}

func (tr *trace) writeRequirements(b *bytes.Buffer, requirements []*contract.Requirement) {
	b.WriteString("| requirement | line | sources | ours | cases, the first | defects |\n|---|---|---|---|---|---|\n")
	for _, r := range requirements {
		names := make([]string, 0, len(tr.defects[r.ID]))
		for _, d := range tr.defects[r.ID] {
			names = append(names, d.Name)
		}
		sources := append(slices.Clone(tr.namedBy[r.ID]), r.Source...)
		fmt.Fprintf(b, "| **%s** %s: %s | [%d](../openapi.yaml#L%d) | %s | %s | %s | %s |\n", r.ID, r.Level, cell(r.Text), r.Line, r.Line,
			strings.Join(sources, ", "), tr.ours(r), tr.exercised(r), cmp.Or(strings.Join(names, ", "), noDefect(r)))
	}
}

// ours says what of a requirement only a decision of ours says.
func (tr *trace) ours(r *contract.Requirement) string {
	if !tr.contract.Documented(r) {
		return "all"
	}
	return strings.Join(r.Ours, ", ")
}

// exercised says what exercises a requirement.
func (tr *trace) exercised(r *contract.Requirement) string {
	switch list := tr.cases[r.ID]; {
	case r.Judges != "" && r.Operation != "":
		return "every answer of " + r.Operation
	case r.Judges != "":
		return "every answer"
	default:
		return fmt.Sprintf("%d: %#q", len(list), list[0].ID)
	}
}

func (tr *trace) firstDefect(id string) string {
	defects := tr.defects[id]
	if len(defects) == 0 {
		return noDefect(tr.contract.Requirement(id))
	}
	return fmt.Sprintf("%d: %s", len(defects), defects[0].Name)
}

// noDefect says why a requirement has no defect.
func noDefect(r *contract.Requirement) string {
	if r.Level == contract.May {
		return "none: a MAY cannot be broken"
	}
	return "none, see the exceptions"
}

func (tr *trace) countCases() int {
	n := 0
	for _, list := range tr.cases {
		n += len(list)
	}
	return n
}

// countDefects counts the defects that break a requirement.
func (tr *trace) countDefects() int {
	n := 0
	for _, list := range tr.defects {
		for _, d := range list {
			if d.Equivalent == "" {
				n++
			}
		}
	}
	return n
}

// cell escapes text for a table cell.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
