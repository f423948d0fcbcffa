package report

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// shownOperations is how many operations a terminal lists; a page shows more.
const (
	shownOperations     = 40
	shownPageOperations = 2000
)

// An operationRow is what a run by a document says of one operation.
type operationRow struct {
	Operation string
	Verdict   judge.Verdict // of its cases, the gravest
	Cases     int
	Decided   int
	Answers   string   // the statuses that came, and how often
	Broken    []string // the requirements of its deviations
	Reason    string   // why no case was decided, if none was
}

// Share returns how much of it was decided.
func (r *operationRow) Share() share { return share{N: r.Decided, Of: r.Cases} }

// Shown returns what the row shows.
func (r *operationRow) Shown() judge.Verdict {
	return shown(r.Verdict, r.Decided < r.Cases)
}

// operationsOf returns the operations of a run by a document, in the order of their names; none for
// other runs.
func operationsOf(run *result.Run) []*operationRow {
	if run.Document == nil {
		return nil
	}
	rows := map[string]*operationRow{}
	for i := range run.Cases {
		c := &run.Cases[i]
		row := rows[c.Operation]
		if row == nil {
			row = &operationRow{Operation: c.Operation, Verdict: c.Verdict}
			rows[c.Operation] = row
		}
		row.add(run, c)
	}
	counts := statusesByOperation(run)
	all := slices.SortedFunc(maps.Values(rows), func(a, b *operationRow) int { return cmp.Compare(a.Operation, b.Operation) })
	for _, row := range all {
		row.Answers = counts[row.Operation].String()
		if row.Decided > 0 {
			row.Reason = ""
		}
	}
	return all
}

func (r *operationRow) add(run *result.Run, c *result.Case) {
	r.Cases++
	if c.Verdict.Exercised() {
		r.Decided++
	}
	r.Verdict = judge.Worse(r.Verdict, c.Verdict)
	r.Reason = cmp.Or(r.Reason, printable.Line(c.Reason))
	for _, f := range c.Findings {
		if run.Breaks(c, f) && !slices.Contains(r.Broken, f.Requirement) {
			r.Broken = append(r.Broken, f.Requirement)
		}
	}
}

// statusCounts has how often each status came; 0 for no answer.
type statusCounts map[int]int

// String returns the statuses, each with how often.
func (n statusCounts) String() string {
	var parts []string
	for _, status := range slices.Sorted(maps.Keys(n)) {
		name := strconv.Itoa(status)
		if status == 0 {
			name = "none"
		}
		parts = append(parts, fmt.Sprintf("%s (%d)", name, n[status]))
	}
	return strings.Join(parts, ", ")
}

func statusesByOperation(run *result.Run) map[string]statusCounts {
	counts := map[string]statusCounts{}
	for _, x := range run.DistinctExchanges() {
		if x.SetAside != "" {
			continue
		}
		of := x.Operation()
		if counts[of] == nil {
			counts[of] = statusCounts{}
		}
		counts[of][x.Status()]++
	}
	return counts
}

// nothingOf reports whether a run by a document has nothing to say of a requirement, which the document
// may have no use for, but why not.
func (d *digest) nothingOf(r *result.Requirement) bool { return d.Document != nil && r.Cases == 0 }

// Underived returns the operations that have no case, by reason.
func (d *digest) Underived() []result.LeftOut { return d.underived(false) }

// UnderivedParts returns what has no case of operations that have others, by reason: mostly values of
// which nothing would be sent, or that would break something else, too.
func (d *digest) UnderivedParts() []result.LeftOut { return d.underived(true) }

func (d *digest) underived(inPart bool) []result.LeftOut {
	if d.Document == nil {
		return nil
	}
	without := map[string]bool{}
	for _, operation := range d.Document.Without {
		without[operation] = true
	}
	all := d.Document.NotDerived(func(operation string) bool { return without[operation] != inPart })
	for i := range all {
		all[i].Reason = printable.Line(all[i].Reason)
	}
	return all
}

// Undecided returns the cases of a run by a document that were not decided, by reason, which says what to give or to
// allow. Those that could not be judged are elsewhere.
func (d *digest) Undecided() []result.LeftOut {
	if d.Document == nil {
		return nil
	}
	var all []result.Underived
	for i := range d.Cases {
		if c := &d.Cases[i]; !c.Verdict.Exercised() && c.Verdict != judge.Error {
			all = append(all, result.Underived{Operation: c.Operation, Part: c.Case, Reason: cmp.Or(printable.Line(ofAll(c.Reason)), "no reason given")})
		}
	}
	return result.LeftOutByReason(all)
}

// What the gate says of a request that it has kept back, and the paths in that, which differ from one to the next.
var (
	keptBack = regexp.MustCompile(`^(not sent: )[A-Z]+ /\S*: `)
	aPath    = regexp.MustCompile(` /[^\s,;]+`)
)

// ofAll returns what a reason has in common with the same reason of other requests.
func ofAll(reason string) string {
	if !keptBack.MatchString(reason) {
		return reason
	}
	return aPath.ReplaceAllString(keptBack.ReplaceAllString(reason, "$1"), " …")
}

// howMany counts what has no case, or no decision.
func howMany(all []result.LeftOut) (n int) {
	for _, l := range all {
		n += len(l.Parts)
	}
	return n
}

// Unsent returns the cases that a limit has cut off.
func (d *digest) Unsent() []string {
	if d.Document == nil {
		return nil
	}
	return d.Document.Unsent
}

// Left returns the commands that delete what the run has made and could not delete.
func (d *digest) Left() []string {
	if d.Document == nil {
		return nil
	}
	return d.Document.Left
}

// document writes what only a run by a document has: its operations, what has no case, what was not
// sent, and what is left over.
func (t *textReport) document() {
	room := shownOperations
	if t.Verbose {
		room = len(t.Operations)
	}
	t.operations(firstOf(sortedByGravity(t.Operations), room))
	if all := t.Underived(); len(all) > 0 {
		t.title("not derived: %s", plural(len(t.Document.Without), "operation", "operations"))
		t.leftOut(all)
	}
	if all := t.UnderivedParts(); len(all) > 0 {
		t.title("not derived in part: %s of operations%s", plural(howMany(all), "part", "parts"), map[bool]string{false: " (--verbose lists them)"}[t.Verbose])
		t.leftOut(all)
	}
	t.undecided()
	t.list("not sent for --max-requests or --time", "case", t.Unsent())
	t.list("left over, to be deleted by hand", "thing", t.Left())
}

// undecided writes why cases were not decided, a line a reason, with their operations.
func (t *textReport) undecided() {
	all := t.Undecided()
	if len(all) == 0 {
		return
	}
	room := shownOfEach
	if t.Verbose {
		room = len(all)
	}
	reasons := firstOf(all, room)
	t.title("not decided: %d of %s", howMany(all), t.cases())
	for _, r := range reasons.Shown {
		t.reason(len(r.Parts), r.Reason, r.Operations)
	}
	t.more(reasons.More)
}

// leftOut writes each reason with the operations that it holds for, or with all that it holds for.
func (t *textReport) leftOut(all []result.LeftOut) {
	for _, l := range all {
		names := l.Operations
		if t.Verbose {
			names = l.Parts
		}
		t.reason(len(l.Parts), l.Reason, names)
	}
}

// sortedByGravity returns operations with the gravest verdicts first, and otherwise as they are.
func sortedByGravity(rows []*operationRow) []*operationRow {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b *operationRow) int {
		return slices.Index(verdicts, a.Shown()) - slices.Index(verdicts, b.Shown())
	})
	return sorted
}

func (t *textReport) operations(rows partOf[*operationRow]) {
	if len(rows.Shown) == 0 {
		return
	}
	width, decided := 0, 0
	for _, r := range rows.Shown {
		width, decided = max(width, len(r.Operation)), max(decided, len(r.decided()))
	}
	width = min(width, 60)
	t.title("operations")
	for _, r := range rows.Shown {
		room := 0
		if t.Width > 0 && !t.Verbose {
			room = max(width+decided+8, t.Width-18)
		}
		t.line("  ", t.mark(r.Shown()), cut(fmt.Sprintf("  %-*s  %*s  %s", width, printable.Line(r.Operation), decided, r.decided(), r.note()), room, t.ellipsis()))
	}
	t.more(rows.More)
}

func (r *operationRow) decided() string { return fmt.Sprintf("%d of %d", r.Decided, r.Cases) }

// note says what is broken, or why nothing was decided, or what was answered.
func (r *operationRow) note() string {
	return cmp.Or(strings.Join(r.Broken, ", "), r.Reason, printable.Prefixed("answers ", r.Answers))
}

// list writes a list of things under a title, of a long one the first.
func (t *textReport) list(title, word string, all []string) {
	if len(all) == 0 {
		return
	}
	room := shownOfEach
	if t.Verbose {
		room = len(all)
	}
	t.title("%s: %s", title, plural(len(all), word, word+"s"))
	items := firstOf(all, room)
	for _, item := range items.Shown {
		t.line("  ", printable.Line(item))
	}
	t.more(items.More)
}

// PageOperations returns the operations that a page shows, the gravest verdicts first.
func (p *page) PageOperations() partOf[*operationRow] {
	return firstOf(sortedByGravity(p.Operations), shownPageOperations)
}
