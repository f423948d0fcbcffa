package result_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

// written returns what WriteExpectations writes for a run, without its comments and empty lines.
func written(t *testing.T, run result.Run) string {
	t.Helper()
	c, _ := resulttest.Shipped(t)
	var text strings.Builder
	if err := result.WriteExpectations(&text, run, resulttest.Names(t, c)); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.SplitSeq(text.String(), "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

const (
	empty    = "  reason:\n  ticket:\n  expires:\n"
	accepted = "- requirement: upgrade.target-later\n  case: " + resulttest.OlderVersion + "\n"
	noJSON   = "- requirement: answer.json\n  case: upgradeGraph/method/put\n"
)

func TestWriteExpectations(t *testing.T) {
	later := resulttest.Entry("requirement: upgrade.target-later", resulttest.Because)
	for name, tt := range map[string]struct {
		change  func([]judge.Result)
		entries []string
		want    string
	}{
		"new":           {nil, nil, accepted + empty + noJSON + empty},
		"known":         {nil, []string{later}, "- requirement: upgrade.target-later\n  reason: \"it has always been so\"\n  ticket: \"OPS-1\"\n  expires: 2025-06-01\n" + noJSON + empty},
		"expired":       {nil, []string{strings.Replace(later, "2025", "2024", 1)}, "- requirement: upgrade.target-later\n  reason: \"it has always been so\"\n  ticket: \"OPS-1\"\n  expires:\n" + noJSON + empty},
		"gone":          {resulttest.Mend, []string{resulttest.Entry("case: "+resulttest.OlderVersion, resulttest.Because)}, noJSON + empty},
		"not exercised": {resulttest.Mend, []string{later}, "- requirement: upgrade.target-later\n  reason: \"it has always been so\"\n  ticket: \"OPS-1\"\n  expires: 2025-06-01\n" + noJSON + empty},
		"what is no plain text": {nil, []string{resulttest.Entry("requirement: upgrade.target-later", `reason: "a: \"b\" # c"`, "ticket: 'null'", "expires: 2025-06-01")},
			"- requirement: upgrade.target-later\n  reason: \"a: \\\"b\\\" # c\"\n  ticket: \"null\"\n  expires: 2025-06-01\n" + noJSON + empty},
		"nothing": {func(rs []judge.Result) {
			resulttest.Mend(rs)
			rs[3].Findings[1].Verdict, rs[3].Verdict = judge.Conforms, judge.Conforms
		}, nil, "[] # nothing deviates\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.entries == nil {
				tt.entries = []string{"[]"}
			}
			got := written(t, resulttest.Known(t, tt.change, tt.entries...))
			if got != tt.want {
				t.Fatalf("expected\n%sgot\n%s", tt.want, got)
			}
			c, _ := resulttest.Shipped(t)
			_, err := result.ReadExpectations("known.yaml", []byte(got), resulttest.Names(t, c))
			const refused = "expected a value, got nothing; a known deviation needs a reason, a ticket and an expiry date"
			if incomplete := strings.Contains(got, "expires:\n"); incomplete != (err != nil) || err != nil && !strings.HasSuffix(err.Error(), refused) {
				t.Errorf("expected that it is read once it is complete, got %v", err)
			}
		})
	}
}

// An entry names the cases that deviate and no other one, so that it does not excuse what has not
// been seen. Where that takes too many entries, one is for the requirement.
func TestWriteExpectationsNamesWhatDeviates(t *testing.T) {
	c, _ := resulttest.Shipped(t)
	all, err := cases.Of(c)
	if err != nil {
		t.Fatal(err)
	}
	deviating := func(of func(int, string) bool) result.Run {
		run := result.Run{}
		for i, k := range all {
			verdict := judge.Conforms
			if of(i, k.ID) {
				verdict = judge.Deviates
			}
			run.Cases = append(run.Cases, result.Case{Result: judge.Result{Case: k.ID, Requirement: k.Requirement, Findings: []judge.Finding{
				resulttest.Finding("answer.json", contract.Must, verdict, "a page\n# in \x1b lines\u2028"),
			}}})
		}
		return run
	}
	const put = "upgradeGraph/method/put"
	methods := func(_ int, id string) bool { return strings.HasPrefix(id, "upgradeGraph/method/") }
	if got, want := written(t, deviating(methods)), "- requirement: answer.json\n  case: upgradeGraph/method/*\n"+empty; got != want {
		t.Errorf("expected %s, got %s", want, got)
	}
	but := func(i int, id string) bool { return methods(i, id) && id != put }
	got := written(t, deviating(but))
	for line := range strings.SplitSeq(got, "\n") {
		pattern, isCase := strings.CutPrefix(line, "  case: ")
		prefix, several := strings.CutSuffix(pattern, "*")
		if isCase && (pattern == put || several && strings.HasPrefix(put, prefix)) {
			t.Errorf("%s names a case that conforms", pattern)
		}
	}
	if got, want := written(t, deviating(func(i int, _ string) bool { return i%2 == 0 })), "- requirement: answer.json\n"+empty; got != want {
		t.Errorf("expected %s, got %s", want, got)
	}
}

func TestWriteExpectationsFails(t *testing.T) {
	c, _ := resulttest.Shipped(t)
	if err := result.WriteExpectations(fullDisk{}, resulttest.Known(t, nil, "[]"), resulttest.Names(t, c)); err == nil || err.Error() != "write expectations: no space" {
		t.Errorf("got %v", err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space") }
