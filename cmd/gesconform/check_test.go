package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
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
		{name: "no later version", args: []string{"--risk", "destructive", "--upgrade-version", "2.2.7,2.2.8"}, says: []string{"will not work upgrade-version none of those given (2.2.7, 2.2.8) is later than the graph's 2.2.8", "0 upgrades of the 7"}},
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
		{name: "no source of a token", args: []string{"--token-file", "no-such-file"}, environ: []string{"GESCONFORM_TOKEN="}, says: []string{"will not work credentials", "token-file: "}},
		{name: "another project", args: []string{"--project-id", "0123456789abcdef0123456789abcdef"}, says: []string{"will not work project-id read the graph: project"}},
		{name: "no such graph", args: []string{"--graph-id", "no-such-graph"}, says: []string{"will not work graph-id read the graph: there is no graph"}},
		{name: "graph of another name", args: []string{"--risk", "destructive", "--confirm-graph", "movie"}, says: []string{"will not work confirm-graph expected the graph's name"}},
		{name: "no read of jobs", options: []fakeserver.Option{fakeserver.WithoutOperations("showJob")}, sense: true, says: []string{"unknown showJob showJob is not there"}},
		{name: "no reads", options: []fakeserver.Option{fakeserver.WithoutOperations("showGraph", "showJob")}, says: []string{"will not work endpoint read the graph: showGraph is not there"}},
		{name: "no reads, with an absent graph", options: []fakeserver.Option{fakeserver.WithoutOperations("showGraph", "showJob")}, args: []string{"--absent-graph-id", "00000000-1111-4222-8333-444444444444"}, sense: true,
			says: []string{"unknown credentials no read is accepted (404", "ok graph-id none is read", "unknown absent-graph-id no read shows", "0 guarded and 0 destructive requests; 0 upgrades of"}},
		{name: "no reads, with an absent graph and a risk", options: []fakeserver.Option{fakeserver.WithoutOperations("showGraph", "showJob")}, args: []string{"--absent-graph-id", "00000000-1111-4222-8333-444444444444", "--risk", "guarded"},
			says: []string{"will not work graph-id nothing but inert requests can be sent: showGraph is not there"}},
		{name: "absent graph that is there", args: []string{"--absent-graph-id", "$STOPPED"}, environ: []string{"GESCONFORM_STOPPED_GRAPH_ID="}, says: []string{"will not work absent-graph-id read the absent graph: there is a graph"}},
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
