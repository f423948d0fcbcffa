package limits_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/limits"
)

// Only documents that are large need more memory, and none takes all that there is.
func TestMemoryFor(t *testing.T) {
	for document, want := range map[int64]int64{0: limits.Memory, 100_000: limits.Memory, 4 << 20: 440 << 20, 8 << 20: 880 << 20, 1 << 62: 880 << 20} {
		if got := limits.MemoryFor(document); got != want {
			t.Errorf("a document of %d bytes: expected %d, got %d", document, want, got)
		}
	}
}

func TestTheGuideHasTheLimits(t *testing.T) {
	guide, err := os.ReadFile("../../docs/operators.md")
	if err != nil {
		t.Fatal(err)
	}
	mib := func(n int) string { return fmt.Sprintf("%d MiB", n>>20) }
	kib := func(n int) string { return fmt.Sprintf("%d KiB", n>>10) }
	for _, line := range []string{
		"| body of an answer | " + mib(limits.ReadBody) + " |", "| header of an answer | " + kib(limits.ReadHeader) + " |",
		"| body that is kept | " + kib(limits.KeptBody) + " |",
		"| header that is kept of such an answer | " + kib(limits.KeptHeader) + ", " + kib(limits.KeptField) + " of a field |",
		"| memory for all requests and answers of a run, of each target | " + mib(limits.ExchangesFile) + " |",
		fmt.Sprintf("less is kept of each of the following ones, %d bytes of a body at least", limits.LeastBody),
		"| `exchanges.jsonl`, `exchanges.har` | " + mib(limits.ExchangesFile) + " each |", "| `results.json` | " + mib(limits.ResultsFile) + " |",
		fmt.Sprintf("at most %d findings of an answer about the same, and %s of a text in them", limits.Findings, kib(limits.Finding)),
		"| `report.html` | " + mib(limits.PageFile) + " |", "| `junit.xml` | " + mib(limits.JUnitFile) + " |", "| `summary.md` | " + kib(limits.SummaryFile) + " |",
		"| " + kib(limits.PrintedFirst) + " of the beginning, " + kib(limits.PrintedLast) + " of the end |",
		"Above " + mib(limits.Memory) + " of memory",
	} {
		if !strings.Contains(string(guide), line) {
			t.Errorf("expected %q in docs/operators.md", line)
		}
	}
}
