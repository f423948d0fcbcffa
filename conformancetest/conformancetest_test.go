package conformancetest_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/conformancetest"
	"github.com/gesconform/gesconform/fakeserver"
)

// passes runs a test and reports whether it has passed. The test's output goes to standard
// error, because an example compares its standard output.
func passes(test func(*testing.T)) bool {
	stdout := os.Stdout
	os.Stdout = os.Stderr
	defer func() { os.Stdout = stdout }()
	all := func(_, _ string) (bool, error) { return true, nil }
	return testing.RunTests(all, []testing.InternalTest{{Name: "TestMyService", F: test}})
}

// target returns a Target for a fake server at a URL.
func target(url string, f fakeserver.Fixtures) conformancetest.Target {
	return conformancetest.Target{
		URL: url, ProjectID: f.ProjectID, GraphID: f.GraphID, Token: f.Token, ReadonlyToken: f.ReadonlyToken,
		ExpiredToken: f.ExpiredToken, StoppedGraphID: f.StoppedGraphID, ForeignGraphID: f.ForeignGraphID,
		UpgradeVersions: f.Versions,
		Options:         map[string]string{"request-timeout": "5s", "job-timeout": "10s"},
	}
}

func TestTheFakeConforms(t *testing.T) {
	fake := fakeserver.Start(t)
	whole := target(fake.URL, fake.Fixtures())
	whole.Risk = conformancetest.Destructive
	whole.Options["keep-going"], whole.Options["confirm-foreign-graph"] = "true", "true"
	conformancetest.Run(t, whole)
}

// childVariable is the environment variable with the target, in JSON, that TestChild
// judges. Other tests, of this package and of internal/selftest, run TestChild in a process
// of its own and check its output and whether it passes.
const childVariable = "CONFORMANCETEST_CHILD"

// TestChild is a test as the author of a service would write it.
func TestChild(t *testing.T) {
	text := os.Getenv(childVariable)
	if text == "" {
		t.Skip("runs for other tests only, in a process of its own")
	}
	var service conformancetest.Target
	if err := json.Unmarshal([]byte(text), &service); err != nil {
		t.Fatal(err)
	}
	conformancetest.Run(t, service)
}

// A served is a fake server that records the requests it gets.
type served struct {
	*httptest.Server
	fixtures fakeserver.Fixtures

	mu       sync.Mutex
	requests []string // the methods and paths
}

func serve(t *testing.T, options ...fakeserver.Option) *served {
	t.Helper()
	fake := fakeserver.New(options...)
	s := &served{fixtures: fake.Fixtures()}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r.Method+" "+r.URL.EscapedPath())
		s.mu.Unlock()
		fake.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// child runs those subtests of TestChild that match a pattern, against a server.
func child(t *testing.T, s *served, pattern string, changes ...func(*conformancetest.Target)) (output string, passed bool) {
	t.Helper()
	judged := target(s.URL, s.fixtures)
	for _, change := range changes {
		change(&judged)
	}
	service, err := json.Marshal(judged)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$"+pattern, "-test.v", "-test.count=1")
	command.Env = append(os.Environ(), childVariable+"="+string(service))
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	passed = command.Run() == nil
	return out.String(), passed
}

// named returns the defect with the given name.
func named(t *testing.T, name string) fakeserver.Defect {
	t.Helper()
	i := slices.IndexFunc(fakeserver.Defects(), func(d fakeserver.Defect) bool { return d.Name == name })
	if i < 0 {
		t.Fatalf("the fake has no defect %q", name)
	}
	return fakeserver.Defects()[i]
}

func TestAFailureSaysAllThatIsNeeded(t *testing.T) {
	t.Parallel()
	s := serve(t, fakeserver.WithDefect(named(t, "null-version-500")))
	out, passed := child(t, s, "")
	if passed {
		t.Fatalf("expected a failure, got\n%s", out)
	}
	if !regexp.MustCompile(`--- FAIL: TestChild/conformance/[a-z.-]+/upgradeGraph/body/upgrade_version/null `).MatchString(out) {
		t.Errorf("expected the case to fail by its name, got\n%s", out)
	}
	last := 0
	for _, want := range []string{"(MUST)", "contract: openapi.yaml:", "case:     upgradeGraph/body/upgrade_version/null", "lawful:   400", "got:      500", "request:  curl ", "$GESCONFORM_TOKEN", "answer:   HTTP 500 Internal Server Error"} {
		at := strings.Index(out[last:], want)
		if at < 0 {
			t.Fatalf("expected %q in this order, got\n%s", want, out)
		}
		last += at
	}
	if strings.Contains(out, s.fixtures.Token) {
		t.Error("the output shows the token")
	}
}

func TestOnlySelectedCasesAreSent(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if out, passed := child(t, s, "/conformance/.*/showGraph/path/project_id"); !passed || !strings.Contains(out, "--- PASS: TestChild/conformance/request.project/showGraph/path/project_id/") {
		t.Fatalf("got\n%s", out)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.requests, func(r string) bool { return !strings.HasPrefix(r, "GET ") }); i >= 0 {
		t.Errorf("expected reads only, got %s", s.requests[i])
	}
	if len(s.requests) == 0 || len(s.requests) > 40 {
		t.Errorf("expected a few requests, got %d", len(s.requests))
	}
}

// If Risk is not set, graphs that exist must only get reads.
func TestTheDefaultIsInert(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if out, passed := child(t, s, ""); !passed || !strings.Contains(out, "needs --risk guarded") {
		t.Fatalf("expected the rest to be skipped with the reason, got\n%s", out)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	posts := 0
	for _, r := range s.requests {
		method, path, _ := strings.Cut(r, " ")
		if method == http.MethodPost {
			posts++
		}
		for _, id := range []string{s.fixtures.GraphID, s.fixtures.StoppedGraphID, s.fixtures.ForeignGraphID} {
			if method != http.MethodGet && method != http.MethodHead && strings.Contains(path, id) {
				t.Errorf("expected no %s to a graph that exists, got %s", method, r)
			}
		}
	}
	if posts < 100 {
		t.Errorf("expected the inert cases to be sent, got %d POSTs", posts)
	}
}

// The guards are those of the command: if the graph has another name than ConfirmGraph,
// only the read of the graph is sent.
func TestTheGraphsNameMustBeRight(t *testing.T) {
	t.Parallel()
	s := serve(t)
	out, passed := child(t, s, "", func(target *conformancetest.Target) {
		target.Risk, target.ConfirmGraph = conformancetest.Destructive, "another"
	})
	if passed || !strings.Contains(out, `confirm-graph: expected the graph's name`) {
		t.Errorf("expected a failure that says why, got\n%.2000s", out)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) != 1 || !strings.HasPrefix(s.requests[0], "GET ") {
		t.Errorf("expected one read, got %q", s.requests)
	}
}

// Credentials go over HTTP to this machine only, unless an option says otherwise.
func TestPlainHTTPElsewhereIsRefused(t *testing.T) {
	t.Parallel()
	s := serve(t)
	out, passed := child(t, s, "", func(target *conformancetest.Target) { target.URL = "http://ges.example.com" })
	if passed || !strings.Contains(out, "ges.example.com is not a loopback address") || strings.Count(out, "--- FAIL: ") != 1 {
		t.Errorf("expected a failure that says why, got\n%.2000s", out)
	}
}

// What will not be possible is logged, once.
func TestWhatWillNotBePossibleIsLogged(t *testing.T) {
	t.Parallel()
	s := serve(t)
	out, _ := child(t, s, "/conformance/upgrade.method$", func(target *conformancetest.Target) {
		target.Risk, target.UpgradeVersions = conformancetest.Destructive, []string{"1.0.0"}
	})
	if strings.Count(out, "upgrade-version: none of those given (1.0.0) is later than the graph's 2.2.8") != 1 {
		t.Errorf("expected the reason, got\n%.2000s", out)
	}
}

// If nothing can be judged, one subtest fails, and not one for each case.
func TestOneFailureSaysThatNothingAnswers(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.Close()
	out, passed := child(t, s, "")
	if passed || strings.Count(out, "check the host and the port in --endpoint") < 1 || strings.Count(out, "\n        --- FAIL: ") != 1 {
		t.Errorf("expected one subtest to fail with the reason, got %d\n%.2000s", strings.Count(out, "\n        --- FAIL: "), out)
	}
}

// The package must not depend on Ginkgo, Gomega or the fake server, so that its users do
// not, either.
func TestGinkgoIsNoDependency(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "gesconform/internal/engine") {
		t.Fatalf("expected the packages that this one needs, got %s", out)
	}
	for pkg := range strings.Lines(string(out)) {
		if strings.Contains(pkg, "onsi") || strings.Contains(pkg, "gesconform/fakeserver") {
			t.Errorf("conformancetest depends on %s", pkg)
		}
	}
}
