package report

import (
	"testing"

	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestEveryVerdictHasAStyle(t *testing.T) {
	for _, v := range resulttest.Constants(t, "../judge", "Verdict") {
		found := false
		for known, s := range styles {
			found = found || string(known) == v && s.mark != "" && s.ascii != ""
		}
		if !found {
			t.Errorf("verdict %s: expected a mark, got none", v)
		}
	}
}
