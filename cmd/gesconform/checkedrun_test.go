package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/session"
)

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
		"no fixtures":           {[]string{"--risk", "destructive", "--stopped-graph-id", "x"}, false},
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
	if c := callIn(ctx, t, fake.environ, "check"); c.status != exitInterrupted || strings.Contains(c.stdout, "a run makes sense") {
		t.Errorf("status %d: %s%s", c.status, c.stdout, c.stderr)
	}
}
