package evidence

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestWriteTargets(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	f := resulttest.Targets(t)
	if err := WriteTargets(dir, f); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{result.MatrixPageFile, result.MatrixFile, result.MatrixSummaryFile}) {
		t.Errorf("files: %v", got)
	}
	text, err := os.ReadFile(filepath.Join(dir, result.MatrixFile))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Verdict, Headline string
		Targets           []struct {
			Name, Folder, Verdict, Headline string
			ExitStatus                      int `json:"exit_status"`
		}
		Requirements []struct {
			ID      string
			Targets map[string]struct{ Verdict, Reason string }
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Verdict != "deviates" || len(got.Targets) != 3 || got.Targets[0].Name != "away" || got.Targets[0].ExitStatus != 2 || got.Targets[1].ExitStatus != 1 || got.Targets[2].ExitStatus != 0 || got.Targets[1].Folder != "cn-north-4" {
		t.Errorf("expected the targets by name with their exit statuses, got %+v", got)
	}
	later := got.Requirements[slices.IndexFunc(f.Requirements, func(r result.Row) bool { return r.ID == "upgrade.later" })]
	if later.Targets["cn-north-4"].Verdict != "deviates" || later.Targets["cn-south-1"].Verdict != "conforms" || later.Targets["away"].Verdict != "error" || later.Targets["away"].Reason != "no connection: <b>refused</b>" {
		t.Errorf("expected the verdicts by target, got %+v", later)
	}
	claims, err := ClaimAll(true, dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := claims.Clear(); err != nil || len(names(t, dir)) != 0 {
		t.Errorf("expected nothing to be left, got %v, %v", names(t, dir), err)
	}
}
