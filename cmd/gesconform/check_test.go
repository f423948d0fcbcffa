package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/session"
)

// A watched fake keeps the methods of the requests that come to it.
type watched struct {
	*fakeserver.Server
	environ []string

	mu      sync.Mutex
	methods []string
}

// watch serves a fake through a handler, which may be nil.
func watch(t *testing.T, through func(w http.ResponseWriter, r *http.Request, fake *watched), options ...fakeserver.Option) *watched {
	t.Helper()
	w := &watched{Server: fakeserver.New(options...)}
	endpoint := serverOf(t, func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		if r.URL.Path != "/v3/auth/tokens" { // the login
			w.methods = append(w.methods, r.Method)
		}
		w.mu.Unlock()
		if through != nil {
			through(rw, r, w)
			return
		}
		w.ServeHTTP(rw, r)
	})
	w.environ = append(environOf(t, w.Fixtures(), endpoint), "GESCONFORM_REQUEST_TIMEOUT=20s")
	return w
}

// came returns how many requests have come, and fails for any that is no read.
func (w *watched) came(t *testing.T) int {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, method := range w.methods {
		if method != http.MethodGet {
			t.Errorf("expected reads only, got %q", w.methods)
		}
	}
	return len(w.methods)
}

// jwt returns a token that ends after a time.
func jwt(after time.Duration) string {
	claims := fmt.Sprintf(`{"exp":%d}`, time.Now().Add(after).Unix())
	return "eyJhbGciOiJIUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2lnbmF0dXJl"
}

// withAnyToken lets each token through that looks like one of jwt's.
func withAnyToken(w http.ResponseWriter, r *http.Request, fake *watched) {
	if strings.HasPrefix(r.Header.Get("X-Auth-Token"), "eyJ") {
		r.Header.Set("X-Auth-Token", fake.Fixtures().Token)
	}
	fake.ServeHTTP(w, r)
}

// answersAs answers each read of a graph that is not the fixture's with a status and a body.
func answersAs(status int, body string) func(http.ResponseWriter, *http.Request, *watched) {
	return func(w http.ResponseWriter, r *http.Request, fake *watched) {
		if strings.Contains(r.URL.Path, fake.Fixtures().GraphID) || strings.Contains(r.URL.Path, "/jobs") {
			fake.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// lostAfter answers so many requests, and then closes each connection.
func lostAfter(n int) func(http.ResponseWriter, *http.Request, *watched) {
	return func(w http.ResponseWriter, r *http.Request, fake *watched) {
		fake.mu.Lock()
		lost := len(fake.methods) > n
		fake.mu.Unlock()
		if lost {
			panic(http.ErrAbortHandler)
		}
		fake.ServeHTTP(w, r)
	}
}

func withFault(operation string, status int, calls ...int) fakeserver.Option {
	return fakeserver.WithFault(scenario.Fault{Match: scenario.Match{Operation: operation, Calls: calls}, Answer: &scenario.Answer{Status: status}})
}

// What a check says of a deployment: words of a line, which begins with the state and the subject.
func TestCheck(t *testing.T) {
	shown := `{"graph":{"id":"g","name":"g","status":"200","data_store_version":"1.0.5"}}`
	for _, tt := range []struct {
		name    string
		through func(http.ResponseWriter, *http.Request, *watched)
		options []fakeserver.Option
		environ []string
		args    []string
		says    []string
		sense   bool
	}{
		{
			name: "as it should be", args: []string{"--risk", "destructive"}, sense: true,
			says: []string{
				"ok endpoint GET http://127.0.0.1", "ok deployment the fake server", "ok TLS none, to an address of this machine", "ok clock",
				"ok credentials the token is accepted", "ok graph-id \"ges_demo\"", "version 2.2.8, running (status 200)", "ok upgrade-version 80 of the 80 given are later: 2.2.9 to 2.2.88;",
				"unknown token does not say when it ends", "ok absent-graph-id a graph that does not exist is answered 404 GES.0047",
				"ok readonly-token is accepted", "ok expired-token is refused (401", "ok stopped-graph-id is stopped (status 900)", "ok foreign-graph-id is not shown",
				"ok showJob", "ok listJobs", "ok rate none of 8 reads was throttled", "destructive 94 of 96 requirements", "a run makes sense",
			},
		},
		{name: "inert", environ: []string{"GESCONFORM_UPGRADE_VERSION="}, sense: true, says: []string{"ok upgrade-version 0 of the 0 given are later; --risk inert starts no upgrade"}},
		{name: "no later version", args: []string{"--risk", "destructive", "--upgrade-version", "2.2.7,2.2.8"}, says: []string{"will not work upgrade-version none of those given (2.2.7, 2.2.8) is later than the graph's 2.2.8", "0 upgrades of the 15"}},
		{name: "some later versions", args: []string{"--risk", "destructive", "--upgrade-version", "2.2.8,2.2.9"}, sense: true, says: []string{"ok upgrade-version 1 of the 2 given are later: 2.2.9;"}},
		{name: "no version", environ: []string{"GESCONFORM_UPGRADE_VERSION="}, args: []string{"--risk", "destructive"}, says: []string{"will not work upgrade-version no version is given", "give versions later than 2.2.8"}},
		{name: "no upgrade allowed", args: []string{"--risk", "destructive", "--max-upgrades", "0", "--upgrade-version", "2.2.8"}, sense: true, says: []string{"ok upgrade-version 0 of the 1 given are later; --max-upgrades 0 lets none start"}},
		{name: "readonly token is the token", args: []string{"--readonly-token", "$TOKEN"}, says: []string{"will not work readonly-token is the token of the run itself"}},
		{name: "readonly token is refused", args: []string{"--readonly-token", "no-such-token"}, says: []string{"will not work readonly-token is refused even for a plain read (401"}},
		{name: "expired token is the token", args: []string{"--expired-token", "$TOKEN"}, says: []string{"will not work expired-token is the token of the run itself"}},
		{name: "expired token is the readonly one", args: []string{"--expired-token", "$READONLY"}, says: []string{"will not work expired-token is the same as --readonly-token"}},
		{name: "expired token is accepted", options: []fakeserver.Option{withDefect(t, "expired-token-accepted")}, sense: true, says: []string{"unknown expired-token is accepted (200)", "make sure that it has expired"}},
		{name: "stopped graph is the graph", args: []string{"--stopped-graph-id", "$GRAPH"}, says: []string{"will not work stopped-graph-id is the graph under test"}},
		{name: "stopped graph is not there", args: []string{"--stopped-graph-id", "no-such-graph"}, says: []string{"will not work stopped-graph-id is not shown (404 GES.0047)"}},
		{name: "foreign graph is not foreign", args: []string{"--foreign-graph-id", "$STOPPED"}, says: []string{"will not work foreign-graph-id is a graph of this project"}},
		{name: "foreign graph is shown", options: []fakeserver.Option{withDefect(t, "foreign-graph-shown")}, sense: true, says: []string{"unknown foreign-graph-id is shown (200)"}},
		{name: "every graph is shown", through: answersAs(http.StatusOK, shown), says: []string{"will not work absent-graph-id a graph that should not exist is answered 200"}},
		{name: "no graph is said to be absent", through: answersAs(http.StatusConflict, `{"error_code":"GES.9999","error_msg":"x"}`), says: []string{"will not work absent-graph-id a graph that should not exist is answered 409 GES.9999"}},
		{name: "500 for what is absent", options: []fakeserver.Option{withDefect(t, "unknown-graph-500")}, sense: true, says: []string{"unknown absent-graph-id a graph that does not exist cannot be read (500"}},
		{name: "lost after the first read", through: lostAfter(1), says: []string{"ok credentials", "will not work endpoint plain reads are no longer answered as at first: the connection ended without an answer"}},
		{name: "lost later", through: lostAfter(4), says: []string{"ok readonly-token", "will not work endpoint plain reads are no longer answered"}},
		{name: "never there", through: lostAfter(0), says: []string{"will not work endpoint read the graph"}},
		{name: "5xx", options: []fakeserver.Option{withFault("showGraph", 500)}, says: []string{"will not work endpoint read the graph: server error (500"}},
		{name: "throttled once", options: []fakeserver.Option{withFault("showGraph", 429, 2)}, sense: true, says: []string{"unknown rate 1 of 10 reads were throttled", "set a lower --rate"}},
		{name: "refused token", args: []string{"--token", "no-such-token"}, says: []string{"ok endpoint", "will not work credentials read the graph: the credentials were refused (401"}},
		{name: "no source of a token", args: []string{"--token", "", "--token-file", "no-such-file"}, environ: []string{"GESCONFORM_TOKEN="}, says: []string{"will not work credentials", "token-file: "}},
		{name: "another project", args: []string{"--project-id", "0123456789abcdef0123456789abcdef"}, says: []string{"will not work project-id read the graph: project"}},
		{name: "no such graph", args: []string{"--graph-id", "no-such-graph"}, says: []string{"will not work graph-id read the graph: there is no graph"}},
		{name: "graph of another name", args: []string{"--risk", "destructive", "--confirm-graph", "movie"}, says: []string{"will not work confirm-graph expected the graph's name"}},
		{name: "no read of jobs", options: []fakeserver.Option{fakeserver.WithoutOperations("showJob")}, sense: true, says: []string{"unknown showJob showJob is not there"}},
		{name: "no reads", options: []fakeserver.Option{fakeserver.WithoutOperations("showGraph", "showJob")}, says: []string{"will not work endpoint read the graph: showGraph is not there"}},
		{name: "no reads, with an absent graph", options: []fakeserver.Option{fakeserver.WithoutOperations("showGraph", "showJob")}, args: []string{"--absent-graph-id", "00000000-1111-4222-8333-444444444444"}, sense: true,
			says: []string{"unknown credentials no read is accepted (404", "ok graph-id none is read", "unknown absent-graph-id no read shows", "0 guarded and 0 destructive requests; 0 upgrades of"}},
		{name: "no reads, with an absent graph and a risk", options: []fakeserver.Option{fakeserver.WithoutOperations("showGraph", "showJob")}, args: []string{"--absent-graph-id", "00000000-1111-4222-8333-444444444444", "--risk", "guarded"},
			says: []string{"will not work graph-id nothing but inert requests can be sent: showGraph is not there"}},
		{name: "absent graph that is there", args: []string{"--absent-graph-id", "$STOPPED", "--stopped-graph-id", ""}, environ: []string{"GESCONFORM_STOPPED_GRAPH_ID="}, says: []string{"will not work absent-graph-id read the absent graph: there is a graph"}},
		{name: "token about to end", through: withAnyToken, args: []string{"--token", jwt(2 * time.Minute)}, says: []string{"will not work token ends at ", "the run may take 5m0s"}},
		{name: "token that ends during upgrades", through: withAnyToken, args: []string{"--token", jwt(time.Hour), "--risk", "destructive", "--job-timeout", "30m"}, sense: true, says: []string{"unknown token ends at ", "with upgrades of up to 30m0s each"}},
		{name: "token that has ended", through: withAnyToken, args: []string{"--token", jwt(-time.Hour)}, sense: true, says: []string{"unknown token says that it ended at"}},
		{name: "token with time", through: withAnyToken, args: []string{"--token", jwt(24 * time.Hour)}, sense: true, says: []string{"ok token ends at "}},
		{name: "until", args: []string{"--risk", "guarded", "--job-timeout", "2h", "--until", time.Now().Add(time.Hour).Format(time.RFC3339)}, says: []string{"will not work until is in ", "an upgrade may take 2h0m0s"}},
		{name: "required", args: []string{"--require", "all-must"}, says: []string{"will not work require at best, "}},
		{name: "required, with all that is needed", args: []string{"--require", "all-must", "--risk", "destructive"}, sense: true, says: []string{"a run makes sense"}},
		{name: "few requests", args: []string{"--max-requests", "100"}, says: []string{"will not work max-requests a run may send up to 393 requests"}},
		{name: "nothing selected that could be decided", args: []string{"--label-filter", "lifecycle"}, says: []string{"will not work cases none of the 26 selected could be decided"}},
		{name: "access key", environ: []string{"GESCONFORM_TOKEN=", "OS_AUTH_URL="}, sense: true, says: []string{"ok credentials the access key is accepted"}},
		{name: "login", environ: []string{"GESCONFORM_TOKEN="}, sense: true, says: []string{"ok token ends at ", "another one is fetched before then"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fake := watch(t, tt.through, tt.options...)
			f := fake.Fixtures()
			names := strings.NewReplacer("$TOKEN", f.Token, "$READONLY", f.ReadonlyToken, "$GRAPH", f.GraphID, "$STOPPED", f.StoppedGraphID)
			args := []string{"check"}
			for _, a := range tt.args {
				args = append(args, names.Replace(a))
			}
			c := call(t, append(slices.Clone(fake.environ), tt.environ...), args...)
			text := strings.Join(strings.Fields(c.stdout), " ")
			for _, say := range tt.says {
				if !strings.Contains(text, say) {
					t.Errorf("expected %q in:\n%s%s", say, c.stdout, c.stderr)
				}
			}
			want, end := exitNotJudged, ""
			if tt.sense {
				want, end = exitConforms, "a run makes sense\n"
			}
			if c.status != want || !strings.HasSuffix(c.stdout, end) || tt.sense != (c.stderr == "") {
				t.Errorf("expected status %d, got %d: %s%s", want, c.status, c.stdout, c.stderr)
			}
			if fake.came(t) == 0 && !strings.Contains(text, "token-file") {
				t.Error("expected a read")
			}
			plain(t, c)
		})
	}
}

// In every state that a graph can have, a check says its name. Only a running one takes more than
// inert requests.
func TestCheckOfEachState(t *testing.T) {
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range document.GraphStates() {
		sc := *scenario.Default()
		sc.Graphs = slices.Clone(sc.Graphs)
		sc.Graphs[0].Status, sc.Graphs[0].ID = state.Name, "53205529-026b-455a-9e07-228fae4b12b9"
		fake := watch(t, nil, fakeserver.WithScenario(&sc))
		for risk, runs := range map[string]bool{"inert": true, "guarded": state.Name == "running"} {
			c := call(t, append(slices.Clone(fake.environ), "GESCONFORM_STOPPED_GRAPH_ID="), "check", "--graph-id", sc.Graphs[0].ID, "--risk", risk)
			text := strings.Join(strings.Fields(c.stdout), " ")
			if state.Name == "deleted" { // such a graph is not shown
				runs = false
			} else if !strings.Contains(text, state.Name+" (status "+state.Status+")") {
				t.Errorf("%s, %s: expected the state, got\n%s%s", state.Name, risk, c.stdout, c.stderr)
			}
			if (c.status == exitConforms) != runs {
				t.Errorf("%s, %s: status %d: %s%s", state.Name, risk, c.status, c.stdout, c.stderr)
			}
		}
		fake.came(t)
	}
}

// What a run may decide at most, by a check, it never exceeds; where all is given, it decides that.
func TestCheckSaysTheMostThatARunDecides(t *testing.T) {
	skipIfShort(t)
	for name, tt := range map[string]struct {
		args  []string
		exact bool
	}{
		"inert":                 {[]string{"--risk", "inert"}, false},
		"guarded":               {[]string{"--risk", "guarded"}, false},
		"destructive":           {[]string{"--risk", "destructive"}, true},
		"no later version":      {[]string{"--risk", "destructive", "--upgrade-version", "1.0.0"}, false},
		"no later version left": {[]string{"--risk", "destructive", "--upgrade-version", "1.0.0", "--label-filter", "lifecycle"}, false},
		"one upgrade":           {[]string{"--risk", "destructive", "--max-upgrades", "1"}, false},
		"part":                  {[]string{"--risk", "destructive", "--label-filter", "body"}, false},
		"no fixtures":           {[]string{"--risk", "destructive", "--readonly-token", "", "--stopped-graph-id", "x"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environ, dir := servedFake(t), t.TempDir()
			var most session.Check
			if c := call(t, environ, append([]string{"check", "--json"}, tt.args...)...); json.Unmarshal([]byte(c.stdout), &most) != nil {
				t.Fatalf("%s%s", c.stdout, c.stderr)
			}
			call(t, environ, append([]string{"run", "--output", dir}, tt.args...)...)
			run, decided, whole := resultsIn(t, dir), 0, 0
			for i := range run.Cases {
				if run.Cases[i].Verdict.Exercised() {
					decided++
				}
			}
			for i := range run.Requirements {
				if r := &run.Requirements[i]; r.Decided > 0 && r.Undecided() == 0 {
					whole++
				}
			}
			risk, _ := cases.ParseRisk(most.Risk)
			e := most.Risks[risk]
			if decided > e.Cases || tt.exact && (decided < e.Cases || whole != e.Whole) || e.Of != len(run.Requirements) {
				t.Errorf("expected at most %d cases and %d of %d requirements, got %d, and %d of %d", e.Cases, e.Whole, e.Of, decided, whole, len(run.Requirements))
			}
			t.Logf("%d of at most %d cases, %d of at most %d requirements", decided, e.Cases, whole, e.Whole)
		})
	}
}

// The clock of the endpoint may be off, by which signatures are dated.
func TestCheckOfTheClock(t *testing.T) {
	fake := watch(t, nil)
	fake.Advance(20 * time.Minute)
	if c := call(t, fake.environ, "check"); c.status != exitConforms || !strings.Contains(c.stdout, "ok             clock             the endpoint's is ") || !strings.Contains(c.stdout, " ahead of this machine's\n") {
		t.Errorf("with a token: status %d: %s%s", c.status, c.stdout, c.stderr)
	}
	signed := append(slices.Clone(fake.environ), "GESCONFORM_TOKEN=", "OS_AUTH_URL=")
	if c := call(t, signed, "check"); !strings.Contains(c.stdout, "unknown        clock") || !strings.Contains(c.stdout, "set this machine's clock") {
		t.Errorf("with an access key: status %d: %s%s", c.status, c.stdout, c.stderr)
	}
}

// With TLS, a check says what it has seen of the certificate.
func TestCheckOfTLS(t *testing.T) {
	fake := fakeserver.New()
	server := httptest.NewTLSServer(fake)
	defer server.Close()
	ca := writeCA(t, server.Certificate().Raw)
	environ := environOf(t, fake.Fixtures(), server.URL)
	for _, tt := range []struct {
		args   []string
		status int
		want   string
	}{
		{nil, exitNotJudged, "will not work  TLS"},
		{[]string{"--ca-file", ca}, exitConforms, "TLS 1.3, certificate of \"O=Acme Co\" by \"O=Acme Co\" until 2084-01-29, chain of 1"},
		{[]string{"--insecure"}, exitConforms, "which is not verified (--insecure) and would be refused: x509: "},
		{[]string{"--insecure", "--ca-file", ca}, exitConforms, "which is not verified (--insecure) and would be accepted"},
	} {
		if c := call(t, environ, append([]string{"check"}, tt.args...)...); c.status != tt.status || !strings.Contains(c.stdout, tt.want) {
			t.Errorf("%q: expected status %d and %q, got %d:\n%s%s", tt.args, tt.status, tt.want, c.status, c.stdout, c.stderr)
		}
	}
}

// What may be a tunnel to a deployment is said, by a check, and by a run that could change something.
func TestALoopbackAddressMayBeATunnel(t *testing.T) {
	fake := fakeserver.New()
	environ := environOf(t, fake.Fixtures(), serverOf(t, func(w http.ResponseWriter, r *http.Request) {
		fake.ServeHTTP(unnamed{w}, r)
	}))
	const warning = "is an address of this machine but does not say that it is the fake server; if it is a tunnel"
	if c := call(t, environ, "check"); c.status != exitConforms || !strings.Contains(c.stdout, "unknown        deployment") || !strings.Contains(c.stdout, warning) {
		t.Errorf("check: status %d:\n%s%s", c.status, c.stdout, c.stderr)
	}
	for risk, warned := range map[string]bool{"inert": false, "guarded": true} {
		c := call(t, environ, "run", "--risk", risk, "--label-filter", "method")
		lines := strings.SplitN(c.stdout, "\n", 4)
		if !strings.HasPrefix(lines[1], `graph: "ges_demo" (`) || !strings.HasSuffix(lines[1], "version 2.2.8, running (status 200), of no fake server") ||
			strings.HasPrefix(lines[2], "WARNING: the endpoint "+warning) != warned {
			t.Errorf("run with --risk %s: %q", risk, lines)
		}
	}
	c := call(t, servedFake(t), "run", "--risk", "guarded", "--label-filter", "method")
	if lines := strings.Split(c.stdout, "\n"); !strings.HasSuffix(lines[1], ", of the fake server") || strings.HasPrefix(lines[2], "WARNING") {
		t.Errorf("the fake: %q", lines[:3])
	}
}

// unnamed hides who has answered.
type unnamed struct{ http.ResponseWriter }

func (u unnamed) WriteHeader(status int) {
	u.Header().Del("Server")
	u.ResponseWriter.WriteHeader(status)
}

func (u unnamed) Write(b []byte) (int, error) {
	u.Header().Del("Server")
	return u.ResponseWriter.Write(b)
}

// Before a run sends anything but a read, it says what will not be possible.
func TestRunSaysWhatWillNotBePossible(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"no later version":    {[]string{"--risk", "destructive", "--upgrade-version", "2.2.8"}, "WARNING: upgrade-version: none of those given (2.2.8) is later than the graph's 2.2.8, so that no upgrade can start; give later ones"},
		"a stopped graph":     {[]string{"--risk", "guarded", "--graph-id", "$STOPPED", "--stopped-graph-id", "x"}, `WARNING: graph-id: "ges_stopped" is stopped (status 900): only inert requests can be sent`},
		"a token that ends":   {[]string{"--token", jwt(2 * time.Minute)}, "WARNING: token: ends at "},
		"a time that is near": {[]string{"--risk", "guarded", "--job-timeout", "2h", "--until", time.Now().Add(time.Hour).Format(time.RFC3339)}, "WARNING: until: is in "},
	} {
		fake := watch(t, withAnyToken)
		args := []string{"run"}
		for _, a := range tt.args {
			args = append(args, strings.ReplaceAll(a, "$STOPPED", fake.Fixtures().StoppedGraphID))
		}
		c := call(t, fake.environ, args...)
		if lines := strings.SplitN(c.stdout, "\n", 4); !strings.HasPrefix(lines[0], "plan: ") || !strings.HasPrefix(lines[1], "graph: ") || !strings.HasPrefix(lines[2], tt.want) {
			t.Errorf("%s: expected %q, got %q", name, tt.want, lines)
		}
		if strings.Contains(c.stderr, "no longer running") { // it never was
			t.Errorf("%s: %s", name, c.stderr)
		}
	}
}

// A check takes what a run takes, and writes nothing.
func TestCheckTakesWhatRunTakes(t *testing.T) {
	fake, dir := watch(t, nil), t.TempDir()
	output := filepath.Join(dir, "report")
	c := call(t, fake.environ, "run", "--dry-run", "--risk", "destructive", "--output", output)
	if c.status != exitConforms {
		t.Fatalf("status %d: %s", c.status, c.stderr)
	}
	plan := filepath.Join(output, "plan.json")
	before, _ := os.ReadDir(output)
	c = call(t, append(slices.Clone(fake.environ), "GESCONFORM_OUTPUT="+output), "check", "--plan", plan, "-v")
	if c.status != exitConforms || !strings.Contains(c.stdout, "by --risk (here: destructive)") {
		t.Errorf("with a plan: status %d: %s%s", c.status, c.stdout, c.stderr)
	}
	if after, _ := os.ReadDir(output); len(after) != len(before) {
		t.Errorf("expected nothing to be written, got %v", after)
	}
	if n := fake.came(t); n == 0 || n > 12 {
		t.Errorf("expected a few reads, got %d", n)
	}
	for name, args := range map[string][]string{
		"dry-run":              {"check", "--dry-run"},
		"baseline":             {"check", "--baseline", "no-such-file"},
		"inert, guarded":       {"check", "--risk", "high"},
		"accepts no arguments": {"check", "now"},
	} {
		c := call(t, fake.environ, args...)
		if c.status != exitNotJudged || name != "accepts no arguments" && !strings.Contains(c.stderr, name) {
			t.Errorf("%q: status %d: %s", args, c.status, c.stderr)
		}
	}
}

// Credentials go over HTTP to another machine no more for a check than for a run.
func TestCheckRefusesPlainHTTP(t *testing.T) {
	c := call(t, nil, "check", "--endpoint", "http://ges.example.com", "--project-id", "p", "--graph-id", "g", "--token", "t")
	if c.status != exitNotJudged || c.stdout != "" || !strings.Contains(c.stderr, "--allow-http") {
		t.Errorf("status %d: %s%s", c.status, c.stdout, c.stderr)
	}
}

// Whatever a server repeats, no line shows a credential, and none breaks the terminal.
func TestCheckShowsNoCredentials(t *testing.T) {
	fake := watch(t, func(w http.ResponseWriter, r *http.Request, fake *watched) {
		token := r.Header.Get("X-Auth-Token")
		text := token + "\x1b[2J\n" + strings.Repeat("x", 1000)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Date", text)
		if strings.Contains(r.URL.Path, fake.Fixtures().GraphID) {
			_ = json.NewEncoder(w).Encode(map[string]any{"graph": map[string]string{"id": text, "name": text, "status": text, "data_store_version": text}, "job_list": []map[string]string{{"job_id": text, "status": text}}})
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_ = json.NewEncoder(w).Encode(map[string]string{"error_code": text, "error_msg": text})
	})
	f := fake.Fixtures()
	for _, args := range [][]string{{"check"}, {"check", "--risk", "destructive"}, {"check", "--json"}, {"run", "--risk", "guarded", "--label-filter", "method"}} {
		c := call(t, fake.environ, args...)
		for _, secret := range []string{f.Token, f.ReadonlyToken, f.ExpiredToken} {
			if strings.Contains(c.stdout+c.stderr, secret) {
				t.Errorf("%q shows a token:\n%s%s", args, c.stdout, c.stderr)
			}
		}
		if strings.Contains(c.stdout+c.stderr, "\x1b") {
			t.Errorf("%q: a control character:\n%q", args, c.stdout)
		}
		if args[0] == "check" && len(c.stdout) > 8<<10 {
			t.Errorf("%q: expected a short text, got %d bytes", args, len(c.stdout))
		}
	}
}

func TestCheckInJSON(t *testing.T) {
	fake := watch(t, nil)
	c := call(t, fake.environ, "check", "--json", "--readonly-token", fake.Fixtures().Token)
	var got session.Check
	if err := json.Unmarshal([]byte(c.stdout), &got); err != nil {
		t.Fatalf("%v: %s", err, c.stdout)
	}
	if c.status != exitNotJudged || got.Sense || !slices.Equal(got.Fails(), []string{"readonly-token"}) || len(got.Risks) != 3 || got.Risk != "inert" || strings.Contains(c.stdout, fake.Fixtures().Token) {
		t.Errorf("status %d: %s", c.status, c.stdout)
	}
}

func TestCheckOfTargets(t *testing.T) {
	good, bad := watch(t, nil), watch(t, nil)
	targets := &fakeTargets{t: t}
	targets.add("good", variableOf(good.environ, "GESCONFORM_ENDPOINT"), good.Fixtures())
	f := bad.Fixtures()
	f.Token = "no-such-token"
	targets.add("bad", variableOf(bad.environ, "GESCONFORM_ENDPOINT"), f)
	file := targets.file()
	c := call(t, targets.environ, "check", "--targets", file)
	if c.status != exitNotJudged || !strings.HasPrefix(c.stdout, "good\ncheck: ") || !strings.Contains(c.stdout, "a run makes sense\n\nbad\ncheck: ") ||
		!strings.Contains(c.stderr, "a run does not make sense for 1 of 2 targets: bad") {
		t.Errorf("status %d: %s%s", c.status, c.stdout, c.stderr)
	}
	good.came(t)
	bad.came(t)
	var all []struct {
		Target string
		session.Check
	}
	c = call(t, targets.environ, "check", "--targets", file, "--json")
	if err := json.Unmarshal([]byte(c.stdout), &all); err != nil || len(all) != 2 || all[0].Target != "good" || !all[0].Sense || all[1].Sense {
		t.Errorf("%v: %s", err, c.stdout)
	}
}

func TestCheckIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	fake := watch(t, func(w http.ResponseWriter, r *http.Request, fake *watched) {
		if !strings.Contains(r.URL.Path, fake.Fixtures().GraphID) { // the second read
			cancel()
			<-r.Context().Done()
			return
		}
		fake.ServeHTTP(w, r)
	})
	var stdout, stderr bytes.Buffer
	if status := execute(ctx, []string{"check"}, fake.environ, &stdout, &stderr); status != exitInterrupted || strings.Contains(stdout.String(), "a run makes sense") {
		t.Errorf("status %d: %s%s", status, stdout.String(), stderr.String())
	}
}
