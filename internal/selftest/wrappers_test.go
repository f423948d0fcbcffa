package selftest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/gesconform/gesconform/conformancetest"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/embedded"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// The outcomes of the test of a case, or of a requirement about every answer.
const (
	passed  = "passed"
	failed  = "failed"
	skipped = "skipped"
)

// saidOf returns the test outcome of a verdict.
func saidOf(v judge.Verdict) string {
	switch v {
	case judge.Deviates, judge.Error:
		return failed
	case judge.Masked, judge.NotApplicable:
		return skipped
	default:
		return passed
	}
}

// judgedFake starts a fake that gives the same results however busy the machine is.
func judgedFake(t *testing.T, options ...fakeserver.Option) (url string, f fakeserver.Fixtures) {
	t.Helper()
	fake, handler, err := embedded.Build(options...)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL, fake.Fixtures()
}

// limits are the options of all three runs, apart from the fixtures.
var limits = map[string]string{
	"risk": "destructive", "keep-going": "true", "confirm-foreign-graph": "true", "request-timeout": "2s", "job-timeout": "2s",
	"concurrency": "16", "seed": "1",
}

// byCommand judges a fake with the command.
func byCommand(t *testing.T, options ...fakeserver.Option) map[string]string {
	t.Helper()
	url, f := judgedFake(t, options...)
	folder := t.TempDir()
	run := exec.CommandContext(t.Context(), command(t), "run", "--output", folder)
	run.Env = variablesOf(t, url, f)
	out, err := run.CombinedOutput()
	found, unread := evidence.ReadDir(folder)
	if unread != nil {
		t.Fatalf("%v, %v\n%s", err, unread, out)
	}
	said := map[string]string{}
	for _, k := range found.Cases {
		said[k.Case] = saidOf(k.Verdict)
	}
	for _, r := range found.Requirements {
		said[r.ID] = saidOf(r.Verdict)
	}
	return said
}

// variablesOf returns the environment variables for a fake, with the limits.
func variablesOf(t *testing.T, url string, f fakeserver.Fixtures) []string {
	t.Helper()
	var env bytes.Buffer
	if err := f.WriteEnv(&env, url); err != nil {
		t.Fatal(err)
	}
	variables := append(childEnvironment(), strings.Split(strings.TrimSpace(env.String()), "\n")...)
	for name, value := range limits {
		variables = append(variables, "GESCONFORM_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_"))+"="+value)
	}
	return variables
}

// childEnvironment returns this process's environment, and has the garbage of a small heap
// collected less often.
func childEnvironment() []string { return append(os.Environ(), "GOGC=400") }

// goTestBinary compiles the tests of a folder of this module, once for all tests.
var goTestBinary = func() func(t *testing.T, folder string) string {
	var mu sync.Mutex
	built := map[string]string{}
	return func(t *testing.T, folder string) string {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if built[folder] == "" {
			binary := filepath.Join(binaries, folder+".test")
			if out, err := exec.Command("go", "test", "-c", "-o", binary, repository(folder)).CombinedOutput(); err != nil {
				t.Fatalf("compile the tests of %s: %v\n%s", folder, err, out)
			}
			built[folder] = binary
		}
		return built[folder]
	}
}()

// bySpecs judges a fake with the Ginkgo specs.
func bySpecs(t *testing.T, options ...fakeserver.Option) map[string]string {
	t.Helper()
	url, f := judgedFake(t, options...)
	file := filepath.Join(t.TempDir(), "report.json")
	specs := exec.CommandContext(t.Context(), goTestBinary(t, "conformance"), "-test.run=^TestConformance$", "-ginkgo.json-report="+file)
	specs.Env = variablesOf(t, url, f)
	out, err := specs.CombinedOutput()
	text, unread := os.ReadFile(file)
	var reports []types.Report
	if unread == nil {
		unread = json.Unmarshal(text, &reports)
	}
	if unread != nil || len(reports) != 1 {
		t.Fatalf("%v, %v\n%s", err, unread, out)
	}
	said := map[string]string{}
	for _, r := range reports[0].SpecReports {
		id, _, _ := strings.Cut(r.LeafNodeText, ": ") // for a requirement about every answer, its sentence follows
		if id != "" {
			said[id] = map[types.SpecState]string{types.SpecStatePassed: passed, types.SpecStateFailed: failed, types.SpecStateSkipped: skipped}[r.State]
		}
	}
	return said
}

// endOf matches the line of `go test -v` with the outcome of a case or a requirement.
var endOf = regexp.MustCompile(`(?m)^\s+--- (PASS|FAIL|SKIP): TestChild/conformance/(\S+) \(`)

// byGoTest judges a fake with conformancetest.
func byGoTest(t *testing.T, options ...fakeserver.Option) map[string]string {
	t.Helper()
	url, f := judgedFake(t, options...)
	more := map[string]string{}
	for name, value := range limits {
		if name != "risk" {
			more[name] = value
		}
	}
	target, err := json.Marshal(conformancetest.Target{
		URL: url, ProjectID: f.ProjectID, GraphID: f.GraphID, Token: f.Token, ReadonlyToken: f.ReadonlyToken, ExpiredToken: f.ExpiredToken,
		StoppedGraphID: f.StoppedGraphID, ForeignGraphID: f.ForeignGraphID, UpgradeVersions: f.Versions, Risk: limits["risk"],
		MaxUpgrades: len(f.Versions), Options: more,
	})
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), goTestBinary(t, "conformancetest"), "-test.run=^TestChild$", "-test.v")
	child.Env = append(childEnvironment(), "CONFORMANCETEST_CHILD="+string(target))
	out, _ := child.CombinedOutput() // it fails if the fake deviates
	said := map[string]string{}
	for _, m := range endOf.FindAllStringSubmatch(string(out), -1) {
		id := m[2]
		if _, of, isCase := strings.Cut(id, "/"); isCase {
			id = of
		}
		said[id] = map[string]string{"PASS": passed, "FAIL": failed, "SKIP": skipped}[m[1]]
	}
	if len(said) == 0 {
		t.Fatalf("expected subtests, got\n%s", out)
	}
	return said
}

// TestWrappersAgree checks that the command, the Ginkgo specs and conformancetest give the
// same results, for the fake and some of its defects (twenty with TestAll), for each case and
// each requirement about every answer.
func TestWrappersAgree(t *testing.T) {
	t.Parallel()
	subjects := map[string][]fakeserver.Option{"": nil}
	if testing.Short() {
		t.Skip("builds three programs; the whole test runs without -short")
	}
	many := 2
	if os.Getenv(inprocess.TestAll) != "" {
		many = 20
	}
	all := fakeserver.Defects()
	for i := range many { // from all parts of the table
		d := all[i*len(all)/many]
		subjects[d.Name] = []fakeserver.Option{fakeserver.WithDefect(d)}
	}
	if len(subjects) != many+1 {
		t.Fatalf("expected the fake and %d defects, got %d", many, len(subjects))
	}
	for name, options := range subjects {
		t.Run(fmt.Sprintf("defect=%s", name), func(t *testing.T) {
			t.Parallel()
			want := byCommand(t, options...)
			for wrapper, got := range map[string]map[string]string{"the specs": bySpecs(t, options...), "conformancetest": byGoTest(t, options...)} {
				compared := 0
				for id, said := range got {
					if want[id] != said {
						t.Errorf("%s: %s: the command says %s, %s %s", id, name, want[id], wrapper, said)
					}
					compared++
				}
				if compared < len(derived(t)) {
					t.Errorf("%s has said something of %d, expected all %d cases", wrapper, compared, len(derived(t)))
				}
			}
		})
	}
}
