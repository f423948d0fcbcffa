package evidence

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/plan"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
	"github.com/gesconform/gesconform/internal/safefile"
)

// Only the files of an earlier run are replaced, and only if Force is set.
func TestClaim(t *testing.T) {
	run := resulttest.Run(t)
	put := func(names ...string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			for _, name := range names {
				if err := os.WriteFile(filepath.Join(dir, name), []byte("mine"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	ended := func(t *testing.T, dir string) {
		if err := WriteDir(dir, run); err != nil {
			t.Fatal(err)
		}
	}
	killed := func(t *testing.T, dir string) {
		if err := WriteResults(dir, run); err != nil {
			t.Fatal(err)
		}
		put(result.ExchangesFile, safefile.Partial(result.PageFile))(t, dir)
	}
	reviewed := &plan.Plan{SchemaVersion: plan.Version, Settings: map[string]string{"seed": "1"}}
	planned := func(t *testing.T, dir string) {
		if _, err := WritePlan(dir, reviewed); err != nil {
			t.Fatal(err)
		}
	}
	matrix := func(t *testing.T, dir string) {
		var targets result.Targets
		targets.Conclude()
		if err := WriteTargets(dir, &targets); err != nil {
			t.Fatal(err)
		}
	}
	both := func(a, b func(t *testing.T, dir string)) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { a(t, dir); b(t, dir) }
	}
	const mine, earlier = "is not known to be of an earlier run", "or --force to replace it"
	for _, tt := range []struct {
		name    string
		fill    func(t *testing.T, dir string)
		without string // what is said without Force; "" for nothing
		with    string // with it
		plan    *plan.Plan
	}{
		{"empty", put(), "", "", nil},
		{"files of other names", put("README.md", "notes.txt"), "", "", nil},
		{"a run", ended, earlier, "", nil},
		{"a run with files of other names", both(ended, put("README.md")), earlier, "", nil},
		{"a run that was annotated", both(ended, put(result.SummaryFile)), earlier, "", nil},
		{"a run and a comparison of somebody's", both(ended, put(result.ChangesFile)), mine, mine, nil},
		{"a run that was killed", killed, earlier, "", nil},
		{"a run at its start", func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, result.ExchangesFile), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}, earlier, "", nil},
		{"many targets", matrix, earlier, "", nil},
		{"somebody's summary", put(result.SummaryFile), mine, mine, nil},
		{"somebody's results", put(result.ResultsFile), mine, mine, nil},
		{"somebody's sums", func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, result.SumsFile), []byte(strings.Repeat("0", 64)+"  disc.iso\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, mine, mine, nil},
		{"a plan", planned, "set --plan ", "", nil},
		{"another plan", planned, "set --plan ", "", &plan.Plan{SchemaVersion: plan.Version}},
		{"the plan of the run", planned, "", "", reviewed},
		{"a folder in the way", func(t *testing.T, dir string) {
			if err := os.Mkdir(filepath.Join(dir, result.PageFile), 0o700); err != nil {
				t.Fatal(err)
			}
		}, "got a folder", "got a folder", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			tt.fill(t, dir)
			before := names(t, dir)
			for _, o := range []struct {
				force bool
				want  string
			}{{false, tt.without}, {true, tt.with}} {
				claim, err := Output{Folder: dir, Force: o.force, Reviewed: tt.plan}.Claim()
				if o.want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), o.want) {
					t.Errorf("force %t: expected %q, got %v", o.force, o.want, err)
				}
				if got := names(t, dir); strings.Join(got, " ") != strings.Join(before, " ") {
					t.Errorf("expected nothing to be changed, got %q instead of %q", got, before)
				}
				if !o.force || err != nil || tt.plan == reviewed {
					continue
				}
				if err := claim.Clear(); err != nil {
					t.Error(err)
				}
				for _, name := range names(t, dir) {
					if name != "README.md" && name != "notes.txt" {
						t.Errorf("expected %s to be removed", name)
					}
				}
			}
		})
	}
}

// The folder of a target must not lead elsewhere, and if one may not be written to, none is changed.
func TestClaimAll(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	if err := WriteDir(filepath.Join(dir, "a"), resulttest.Run(t)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(dir, "b")); err != nil {
		t.Fatal(err)
	}
	if _, err := ClaimAll(true, dir, "a", "b"); err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "b")+": expected a folder or nothing") {
		t.Errorf("expected an error about the link, got %v", err)
	}
	if _, err := ClaimAll(false, dir, "a", "c"); err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "a")+" holds an earlier run") {
		t.Errorf("expected an error about the run, got %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "a", result.ResultsFile)); err != nil {
		t.Errorf("expected the run to be kept, got %v", err)
	}
	if claims, err := ClaimAll(true, dir, "a", "c"); err != nil || claims.Clear() != nil || len(names(t, filepath.Join(dir, "a"))) > 0 {
		t.Errorf("expected the run to be removed, got %v, %q", err, names(t, filepath.Join(dir, "a")))
	}
}
