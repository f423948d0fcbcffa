package implied_test

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
)

// What no list shows is read when the run has made it, and an example of the document, which may not be there, does not
// keep it from that.
func TestReadsOfWhatIsMade(t *testing.T) {
	const read = "GET /notes/{noteId}: plain"
	for name, document := range map[string]string{
		"":                notes,
		"with an example": strings.Replace(notes, "{type: integer, minimum: 1}}", "{type: integer, minimum: 1}, example: 10}", 1),
	} {
		for risk, want := range map[cases.Risk]judge.Verdict{cases.Inert: judge.NotApplicable, cases.Destructive: judge.Conforms} {
			server := &noteServer{notes: map[int]map[string]any{}}
			report := judged(t, document, server, func(o *implied.Options) { o.Risk = risk })
			if r := verdictOf(t, report, read); r.Verdict != want || want == judge.NotApplicable && !strings.Contains(r.Reason, "needs --fixture noteId") {
				t.Errorf("%s, %s: expected %s, got %s %s", name, risk, want, r.Verdict, r.Reason)
			}
			if len(server.notes) > 0 || len(broken(report, judge.Deviates)) > 0 {
				t.Errorf("%s, %s: left %v, broken %q", name, risk, server.notes, broken(report, judge.Deviates))
			}
		}
	}
}

// A fixture for what something would belong to does not keep the run from reading what it has made elsewhere, and nothing is
// made in what the fixture names.
func TestReadsOfWhatIsMadeBesideAFixture(t *testing.T) {
	m := newRoom("")
	report := inEarnest(t, books+makesShelves, m, implied.Fixture{Name: "shelfId", Value: "s-1"})
	if r := verdictOf(t, report, "GET /shelves/{shelfId}/books/{bookId}: plain"); r.Verdict != judge.Conforms {
		t.Errorf("got %s %s", r.Verdict, r.Reason)
	}
	for _, change := range m.changed {
		if strings.Contains(change+"/", "/s-1/") {
			t.Errorf("what is not the run's was changed: %s", change)
		}
	}
}
