package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// What summary.md holds at most. A job page of GitHub takes 1 MiB of all steps
// together, and nobody reads a tenth of it.
const (
	brokenBytes  = 20 << 10
	sectionBytes = 6 << 10
	summaryLine  = 300  // characters of a sentence that others wrote
	summaryCurl  = 4096 // bytes of a curl line; a cut one would be of no use
	summaryNames = 20   // ids in one line, or jobs that are nobody's
)

// WriteMarkdown writes the run in short, for the page of a CI job: the verdict,
// the counts, each broken requirement with a line of evidence and one for curl,
// and what was not exercised. It is never larger than 64 KiB, and says what was
// cut. What the target has sent stands in code only, out of which it cannot
// break.
func WriteMarkdown(w io.Writer, run result.Run) error {
	m := &markdown{run: &run, all: result.PageFile + " and " + result.ResultsFile}
	m.head()
	m.counts()
	m.coverage()
	m.section("Broken requirements", brokenBytes, m.broken())
	m.section("Known deviations", sectionBytes, m.known())
	m.comparison()
	m.section("Advice", sectionBytes, m.advice())
	m.section("Could not be judged", sectionBytes, reasonItems(shownReasons(run.NotJudged())))
	m.section("Not exercised", sectionBytes, reasonItems(shownReasons(run.NotExercised())))
	m.section("Notes", sectionBytes, m.notes())
	if _, err := io.WriteString(w, m.String()); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

// markdown is a summary in the making.
type markdown struct {
	strings.Builder
	run *result.Run
	all string // the files that have what is left out
}

func (m *markdown) printf(format string, args ...any) { fmt.Fprintf(m, format, args...) }

// head writes the verdict and what was judged. The sentences of the verdict are
// ours, but for why a run could not judge.
func (m *markdown) head() {
	verdict, reason := m.run.Headline, ""
	if m.run.Verdict == judge.Error {
		verdict, reason, _ = strings.Cut(m.run.Headline, ": ")
	}
	m.printf("## %s %s\n\n", styles[m.run.Verdict].mark, prose(verdict))
	if reason != "" {
		m.printf("%s\n\n", code(reason))
	}
	if m.run.Failure != "" && m.run.Verdict == judge.Deviates {
		m.printf("Part of it could not be judged: %s\n\n", code(m.run.Failure))
	}
	for i, text := range unknownJobTexts(m.run) {
		if i == summaryNames {
			m.printf("There are more such jobs, in %s.\n\n", result.PageFile)
			break
		}
		m.printf("**Caution**: %s\n\n", code(text))
	}
	for _, f := range factsOf(m.run) {
		m.printf("- %s: %s\n", f.Name, code(f.Value))
	}
	m.printf("\n")
}

// counts writes the only table. Nothing in it comes from the target.
func (m *markdown) counts() {
	all := totalsOf(m.run.Requirements, m.run.Cases)
	if len(all) == 0 {
		return
	}
	m.printf("| verdict | requirements | cases |\n|---|---:|---:|\n")
	for _, n := range all {
		m.printf("| %s %s | %d | %d |\n", styles[n.Verdict].mark, n.Verdict, n.Requirements, n.Cases)
	}
	m.printf("| in all | %d | %d |\n\n", len(m.run.Requirements), len(m.run.Cases))
}

// coverage writes what was exercised, and why the rest was not, a line each.
func (m *markdown) coverage() {
	exercised := coverageInShort(m.run)
	if exercised == "" {
		return
	}
	m.printf("Coverage: %s.\n", prose(exercised))
	if missing := missingInShort(m.run); missing != "" {
		m.printf("Not exercised: %s.\n", code(missing))
	}
	m.printf("\n")
}

// section writes as many items as there is room for, and how many there was none
// for.
func (m *markdown) section(title string, room int, items []string) {
	if len(items) == 0 {
		return
	}
	m.printf("### %s\n\n", prose(title))
	for i, item := range items {
		if room -= len(item); room < 0 {
			m.printf("\n%d of %d are left out here; %s have them all.\n", len(items)-i, len(items), m.all)
			break
		}
		m.WriteString(item)
	}
	m.printf("\n")
}

// broken is an item for each broken requirement: its first failure with the
// curl line, and how else it fails in a line each.
func (m *markdown) broken() []string {
	failures := map[string][]*failure{}
	for _, f := range failuresOf(m.run, m.run.Breaks) {
		failures[f.finding.Requirement] = append(failures[f.finding.Requirement], f)
	}
	var items []string
	for _, r := range m.run.Broken() {
		var b strings.Builder
		if len(items) > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "#### %s (%s)\n\n%s\n\n", code(r.ID), r.Level, prose(r.Text))
		for i, f := range failures[r.ID] {
			if i == summaryNames {
				fmt.Fprintf(&b, "- and %d more\n", len(failures[r.ID])-i)
				break
			}
			fmt.Fprintf(&b, "- %s\n", m.evidenceLine(f))
		}
		if len(failures[r.ID]) > 0 {
			b.WriteString(curlBlock(failures[r.ID][0]))
		}
		items = append(items, b.String())
	}
	return items
}

// evidenceLine says in a line what came, where, and what would have been lawful.
func (m *markdown) evidenceLine(f *failure) string {
	line := "got " + code(f.finding.Got) + " in " + code(f.first.Case)
	if n := len(f.others); n > 0 {
		line += fmt.Sprintf(" and %d more %s", n, printable.Plural(n, "case", "cases"))
	}
	if len(f.finding.Lawful) > 0 {
		line += "; lawful is " + code(strings.Join(f.finding.Lawful, "; "))
	}
	return line
}

// curlBlock is the request of a failure, to be sent again.
func curlBlock(f *failure) string {
	x := f.first.Exchange(f.finding.Exchange)
	if x == nil {
		return ""
	}
	line := Curl(*x)
	if len(line) > summaryCurl {
		return fmt.Sprintf("\nThe curl line has %d bytes; it is in %s.\n", len(line), result.PageFile)
	}
	return "\n" + fenced("sh", line)
}

func (m *markdown) advice() []string {
	var items []string
	for _, f := range failuresOf(m.run, m.run.Advises) {
		items = append(items, fmt.Sprintf("- %s (%s): %s\n", code(f.finding.Requirement), f.finding.Level, m.evidenceLine(f)))
	}
	return items
}

// known is an item for each deviation that was expected, and for each expectation
// that is out of date.
func (m *markdown) known() []string {
	var items []string
	for _, f := range failuresOf(m.run, m.run.Known) {
		because := m.run.Expectation(f.first, f.finding).Because()
		items = append(items, fmt.Sprintf("- %s (%s), %s: %s\n", code(f.finding.Requirement), f.finding.Level, code(because), m.evidenceLine(f)))
	}
	for _, state := range outOfDate {
		for _, e := range m.run.ExpectationsIn(state.State) {
			items = append(items, fmt.Sprintf("- %s, %s: %s\n", code(e.Name()), code(e.Because()), state.Title))
		}
	}
	return items
}

// comparison writes what has changed since the baseline, by class.
func (m *markdown) comparison() {
	c := m.run.Comparison
	if c == nil {
		return
	}
	var items []string
	for _, g := range c.Groups() {
		for i, change := range g.Changes {
			if i == shownChanges {
				items = append(items, fmt.Sprintf("- %s: and %d more, which are in %s\n", g.Title, len(g.Changes)-i, result.PageFile))
				break
			}
			items = append(items, fmt.Sprintf("- %s: %s: %s\n", g.Title, code(change.Name()), code(change.Before.String()+" -> "+change.After.String())))
		}
	}
	if len(items) == 0 {
		items = []string{"Nothing that was compared is different.\n"}
	}
	m.section(capitalised(changesInShort(c)), sectionBytes, items)
}

func (m *markdown) notes() []string {
	var items []string
	for _, note := range m.run.Notes {
		items = append(items, fmt.Sprintf("- %s\n", code(note)))
	}
	return items
}

func reasonItems(reasons []result.Reason) []string {
	var items []string
	for _, row := range reasons {
		names := make([]string, 0, summaryNames)
		for _, id := range row.Names[:min(len(row.Names), summaryNames)] {
			names = append(names, code(id))
		}
		more := ""
		if n := len(row.Names) - len(names); n > 0 {
			more = fmt.Sprintf(" and %d more", n)
		}
		items = append(items, fmt.Sprintf("- **%d**: %s: %s%s\n", len(row.Names), code(row.Reason), strings.Join(names, ", "), more))
	}
	return items
}

// markup is what could be markup in a sentence.
var markup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "&", `\&`, "|", `\|`,
	"~", `\~`, "#", `\#`, "!", `\!`, "$", `\$`,
)

// prose writes a sentence of the contract or of ours as text.
func prose(s string) string { return markup.Replace(cut(printable.Line(s), summaryLine, "…")) }

// code writes what others have sent as a code span. In there Markdown knows no
// escapes: the fence is longer than any run of backticks in it.
func code(s string) string {
	s = cut(printable.Line(s), summaryLine, "…")
	if s == "" {
		return "(nothing)"
	}
	fence := strings.Repeat("`", longestRun(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// fenced writes a line as a block of code.
func fenced(language, line string) string {
	fence := strings.Repeat("`", max(3, longestRun(line)+1))
	return fence + language + "\n" + printable.Escape(line) + "\n" + fence + "\n"
}

// longestRun is how many backticks stand in a row at most.
func longestRun(s string) int {
	longest, run := 0, 0
	for _, r := range s {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
