package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// Limits of a summary. GitHub limits the summaries of a job to 1 MiB, but nobody reads even
// a tenth of that.
const (
	brokenBytes  = 20 << 10
	sectionBytes = 6 << 10
	summaryLine  = 300  // characters of a text from the target or the contract
	summaryCurl  = 4096 // bytes of a curl command; a longer one is omitted, since half of one is useless
	summaryNames = 20   // ids in a line, or cautions
)

// WriteMarkdown writes a summary of the run for the page of a CI job, in the order of the
// page: the verdict, each broken requirement with its evidence and a curl command, the counts,
// what was not exercised, and at the end by what was judged. It is at most 64 KiB long, and says how much was omitted. Text from the target
// is only written in code spans and blocks, so that it cannot inject markup.
func WriteMarkdown(w io.Writer, run result.Run) error {
	d := digestOf(&run)
	m := &markdown{all: result.PageFile + " and " + result.ResultsFile}
	m.head(d)
	broken := each(d.Broken, brokenItem)
	for i := 1; i < len(broken); i++ {
		broken[i] = "\n" + broken[i]
	}
	m.section("Broken requirements", brokenBytes, broken)
	m.section("Could not be judged", sectionBytes, each(d.NotJudged, reasonItem))
	if d.Comparison != nil {
		m.section(capitalised(d.Difference), sectionBytes, changeItems(d.Changes))
	}
	m.counts(d.Counts)
	m.section("Decided in part", sectionBytes, each(d.InPart, d.inPartItem))
	m.section("Advice", sectionBytes, each(d.Advice, adviceItem))
	m.section("Known deviations", sectionBytes, knownItems(d))
	m.section("Operations", sectionBytes, each(sortedByGravity(d.Operations), operationItem))
	m.section("Not derived", sectionBytes, append(each(d.Underived(), leftOutItem), each(d.UnderivedParts(), leftOutItem)...))
	m.section("Not decided", sectionBytes, each(d.Undecided(), leftOutItem))
	m.section("Not sent for --max-requests or --time", sectionBytes, each(d.Unsent(), noteItem))
	m.section("Left over, to be deleted by hand", sectionBytes, each(d.Left(), noteItem))
	m.section("Upgrades", sectionBytes, each(timelinesOf(d.Run).Upgrades, upgradeItem))
	m.coverage(d)
	m.section("Not exercised", sectionBytes, each(d.NotExercised, reasonItem))
	m.section("Counted apart", sectionBytes, each(d.Apart, reasonItem))
	m.section("Run", sectionBytes, each(d.Facts, factItem))
	m.section("Notes", sectionBytes, each(d.Notes, noteItem))
	m.section("Digests", sectionBytes, each(d.Digests, factItem))
	return m.writeTo(w)
}

// markdown builds a summary.
type markdown struct {
	strings.Builder
	all string // names the files that contain what is omitted
}

func (m *markdown) printf(format string, args ...any) { fmt.Fprintf(m, format, args...) }

func (m *markdown) writeTo(w io.Writer) error {
	if _, err := io.WriteString(w, m.String()); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return nil
}

func (m *markdown) title(verdict judge.Verdict, headline string) {
	m.printf("## %s %s\n\n", styles[verdict].mark, prose(headline))
}

func (m *markdown) facts(facts []fact) {
	m.printf("%s\n", strings.Join(each(facts, factItem), ""))
}

func factItem(f fact) string { return fmt.Sprintf("- %s: %s\n", f.Name, code(f.Value)) }

func operationItem(r *operationRow) string {
	return fmt.Sprintf("- %s %s: %s decided%s\n", styles[r.Shown()].mark, code(r.Operation), r.decided(), printable.Prefixed("; ", code(r.note())))
}

func leftOutItem(l result.LeftOut) string {
	return countedItem(len(l.Parts), l.Reason, l.Operations)
}

func upgradeItem(l *timeline) string {
	return fmt.Sprintf("- to %s (exchange %d): %s\n", code(cmp.Or(l.To, "no version")), l.Exchange, code(l.Words()))
}

// section writes a section with as many items as fit into room bytes, and the number of the
// others.
func (m *markdown) section(title string, room int, items []string) {
	if len(items) == 0 {
		return
	}
	m.printf("### %s\n\n", prose(title))
	for i, item := range items {
		if room -= len(item); room < 0 {
			m.printf("\n%d of %d are omitted here; %s have all of them.\n", len(items)-i, len(items), m.all)
			break
		}
		m.WriteString(item)
	}
	m.printf("\n")
}

// head writes the verdict and what was judged. Only the reason why a run could not judge may
// contain text from the target.
func (m *markdown) head(d *digest) {
	verdict, reason := d.Headline, ""
	if d.Verdict == judge.Error {
		verdict, reason, _ = strings.Cut(d.Headline, ": ")
	}
	m.title(d.Shown, verdict)
	if reason != "" {
		m.printf("%s\n\n", code(reason))
	}
	if d.BrokenOff != "" {
		m.printf("Part of it could not be judged: %s\n\n", code(d.BrokenOff))
	}
	cautions := firstOf(d.Cautions, summaryNames)
	for _, text := range cautions.Shown {
		m.printf("**Caution**: %s\n\n", code(text))
	}
	if cautions.More > 0 {
		m.printf("More such jobs are listed in %s.\n\n", result.PageFile)
	}
	m.printf("%s\n\n", code(whereOf(d.Run)))
}

// counts writes a table. It contains no text from the target.
func (m *markdown) counts(c counts) {
	if len(c.Rows) == 0 {
		return
	}
	cell := func(n int) string { return fmt.Sprintf(" %d |", n) }
	m.printf("### Verdicts\n\n| verdict | %s |\n|---|%s\n", strings.Join(c.Of, " | "), strings.Repeat("---:|", len(c.Of)))
	for _, row := range c.Rows {
		m.printf("| %s %s |%s\n", styles[row.Verdict].mark, row.Verdict, strings.Join(each(row.Counts, cell), ""))
	}
	m.printf("| total |%s\n\n", strings.Join(each(c.Sums, cell), ""))
}

// coverage writes one line about what was exercised, and one about why the rest was not.
func (m *markdown) coverage(d *digest) {
	if d.Coverage == nil {
		return
	}
	m.printf("Coverage: %s.\n", prose(d.coverageInShort()))
	missing := each(d.Coverage.Missing, func(r result.Reason) string {
		if d.Client != nil {
			return fmt.Sprintf("%d: %s", len(r.Names), r.Reason)
		}
		names := firstOf(r.Names, 3)
		more := ""
		if names.More > 0 {
			more = fmt.Sprintf(" and %d more", names.More)
		}
		return fmt.Sprintf("%s%s: %s", strings.Join(names.Shown, ", "), more, r.Reason)
	})
	if len(missing) > 0 {
		title := "Not exercised"
		if d.Client != nil {
			title = "Not taken correctly"
		}
		m.printf("%s: %s.\n", title, code(strings.Join(missing, "; ")))
	}
	m.printf("\n")
}

// brokenItem returns a broken requirement: a line for each of its failures, and the curl
// command of the first.
func brokenItem(r brokenRequirement) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#### %s (%s)\n\n%s\n\n", code(r.ID), r.Level, prose(r.Text))
	failures := firstOf(r.Failures, summaryNames)
	origin := &failure{} // of all of them
	for _, f := range failures.Shown {
		origin.alsoFrom(f.Origin)
	}
	for _, s := range origin.Origin {
		fmt.Fprintf(&b, "- origin: %s\n", sourceText(s))
	}
	for _, f := range failures.Shown {
		fmt.Fprintf(&b, "- %s\n", evidenceLine(f))
	}
	if failures.More > 0 {
		fmt.Fprintf(&b, "-%s\n", andMore(failures.More))
	}
	if s := r.Failures[0].Scenario; s != nil {
		b.WriteString("\n" + fenced("text", s.inBrief()))
	}
	b.WriteString(curlBlock(r.Failures[0].Curl(), r.Failures[0].CurlNote()))
	return b.String()
}

func (d *digest) inPartItem(r result.Requirement) string {
	return fmt.Sprintf("- %s %s (%s): %s\n", styles[shownRequirement(&r)].mark, code(r.ID), r.Level, d.decided(r.Extent))
}

// evidenceLine returns the outcome, the cases and the lawful outcomes in one line.
func evidenceLine(f *failure) string {
	line := "got " + code(f.Got) + " in " + code(f.Case)
	if n := len(f.Others); n > 0 {
		line += " and " + f.MoreCases(n)
	}
	if len(f.Lawful) > 0 {
		line += "; lawful: " + code(strings.Join(f.Lawful, "; "))
	}
	return line
}

// curlBlock returns a curl command as a block of code, after what is to be said about it.
func curlBlock(line, note string) string {
	if note != "" {
		return "\nThe request: " + code(note) + "\n" + curlBlock(line, "")
	}
	switch {
	case line == "":
		return ""
	case len(line) > summaryCurl:
		return fmt.Sprintf("\nThe curl command is too long for this summary (%d bytes); it is in %s.\n", len(line), result.PageFile)
	}
	return "\n" + fenced("sh", line)
}

func adviceItem(f *failure) string {
	return fmt.Sprintf("- %s (%s): %s%s\n", code(f.Requirement.ID), f.Requirement.Level, evidenceLine(f), originText(f))
}

// originText returns the origins of a finding, to append to its line.
func originText(f *failure) string {
	return printable.Prefixed("; origin: ", strings.Join(each(f.Origin, sourceText), "; "))
}

// sourceText returns a source with its URL as a link.
func sourceText(s contract.Source) string {
	if s.Ours() {
		return prose(s.String())
	}
	url := "<" + s.URL + ">"
	if strings.ContainsAny(s.URL, "<> \\") || !strings.HasPrefix(s.URL, "https://") {
		url = code(s.URL)
	}
	return prose(s.Title+", "+s.Date) + ", " + url
}

// knownItems returns an item for each known deviation that occurred, and for each
// expectation that is out of date.
func knownItems(d *digest) []string {
	var items []string
	for _, f := range d.Known {
		items = append(items, fmt.Sprintf("- %s (%s), %s: %s\n", code(f.Requirement.ID), f.Requirement.Level, code(f.Known), evidenceLine(f)+originText(f)))
	}
	for _, o := range d.OutOfDate {
		for _, e := range o.All {
			items = append(items, fmt.Sprintf("- %s, %s: %s\n", code(e.Name()), code(e.Because()), o.Title))
		}
	}
	return items
}

// changeItems returns an item for each change since the baseline, by class.
func changeItems(groups []result.ChangeGroup) []string {
	if len(groups) == 0 {
		return []string{"There is no difference.\n"}
	}
	var items []string
	for _, g := range groups {
		changes := firstOf(g.Changes, shownChanges)
		for _, change := range changes.Shown {
			items = append(items, fmt.Sprintf("- %s: %s: %s\n", g.Title, code(change.Name()), code(change.Before.String()+" -> "+change.After.String())))
		}
		if changes.More > 0 {
			items = append(items, fmt.Sprintf("- %s: and %d more, in %s\n", g.Title, changes.More, result.PageFile))
		}
	}
	return items
}

func noteItem(note string) string { return "- " + code(note) + "\n" }

func reasonItem(r result.Reason) string {
	return countedItem(len(r.Names), r.Reason, r.Names)
}

// countedItem says for how many a reason holds, and for which.
func countedItem(n int, reason string, all []string) string {
	names := firstOf(all, summaryNames)
	return fmt.Sprintf("- **%d**: %s: %s%s\n", n, code(reason), strings.Join(each(names.Shown, code), ", "), andMore(names.More))
}
