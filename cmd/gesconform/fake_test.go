package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// The env file and the server must have what a scenario file says.
func TestTheFakeServesAScenario(t *testing.T) {
	skipIfShort(t)
	dir := t.TempDir()
	file, envFile := filepath.Join(dir, "mine.yaml"), filepath.Join(dir, "fake.env")
	const mine = `
projects: [{name: mine, id: abc123}]
users: [{name: me, password: secret-one, tokens: [{value: my-own-token, project: mine}], access-keys: [{access: AK1, secret: SK1}]}]
graphs: [{name: only, id: g1, project: mine, version: 1.0.5}]
versions: [1.0.6, 1.1.8]
upgrades: [{takes: 40ms}]
`
	write(t, file, mine)
	startFake(t, "--scenario", file, "--env-file", envFile)
	environ := environIn(t, envFile)
	for _, want := range []string{
		"GESCONFORM_PROJECT_ID=abc123", "GESCONFORM_GRAPH_ID=g1", "GESCONFORM_TOKEN=my-own-token", "GESCONFORM_UPGRADE_VERSION=1.0.6,1.1.8",
		"HUAWEICLOUD_SDK_AK=AK1", "HUAWEICLOUD_SDK_SK=SK1", "OS_USERNAME=me", "OS_PASSWORD=secret-one", "OS_PROJECT_NAME=mine",
	} {
		if !strings.Contains("\n"+strings.Join(environ, "\n")+"\n", "\n"+want+"\n") {
			t.Errorf("the env file lacks %s: %q", want, environ)
		}
	}
	if c := call(t, environ, "run", "--risk", "destructive"); c.status != exitConforms || c.stderr != "" {
		t.Errorf("status %d: %.1500s %s", c.status, c.stdout, c.stderr)
	}
}

// A run can judge the fake with each of the built-in scenarios.
func TestReadyScenariosAreServed(t *testing.T) {
	for _, name := range scenario.Names() {
		if name == "trouble" {
			continue // whether a run survives the faults of its gateway depends on chance
		}
		t.Run(name, func(t *testing.T) {
			envFile := filepath.Join(t.TempDir(), "fake.env")
			startFake(t, "--scenario", name, "--env-file", envFile)
			if c := call(t, environIn(t, envFile), "run", "--risk", "guarded"); c.status != exitConforms {
				t.Errorf("status %d: %.1500s %s", c.status, c.stdout, c.stderr)
			}
		})
	}
}

// The administration is served on a loopback address, and on others only with --admin.
func TestAdministration(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want int
	}{
		{"loopback", nil, http.StatusOK},
		{"loopback, turned off", []string{"--admin=false"}, http.StatusNotFound},
		{"everywhere", []string{"--addr", "0.0.0.0:0"}, http.StatusNotFound},
		{"everywhere, asked for", []string{"--addr", "0.0.0.0:0", "--admin"}, http.StatusOK},
		{"by name", []string{"--addr", "localhost:0"}, http.StatusOK},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address := startFake(t, tt.args...)
			if status, body := get(t, address+"/_fake/metrics"); status != tt.want {
				t.Errorf("expected status %d, got %d: %s", tt.want, status, body)
			}
		})
	}
}

func TestTheFakeSaysWhatItWasTold(t *testing.T) {
	defect := fakeserver.Defects()[0].Name
	lines := announcedBy(t, 6, "--scenario", "states", "--seed", "7", "--defect", defect, "--vary", "messages,charset", "--vary-seed", "9")
	want := []string{lines[0], "administration: " + lines[0] + "/_fake/", "scenario: states", "seed: 7", "defect: " + defect, "variations: messages, charset, seed 9"}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", lines, want)
	}
}

// --vary-seed is also for the variations that a scenario asks for.
func TestTheFakeVariesAsTheScenarioSays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "varied.yaml")
	const varied = "projects: [{name: p}]\nusers: [{name: u, tokens: [{project: p}]}]\ngraphs: [{name: g, project: p}]\nvary: [charset]\n"
	write(t, file, varied)
	lines := announcedBy(t, 5, "--scenario", file, "--vary-seed", "9")
	if lines[4] != "variations: charset, seed 9" {
		t.Errorf("got %q", lines)
	}
	answer, err := http.Get(lines[0] + "/v2/p/graphs/g") //nolint:noctx // it answers at once
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if got := answer.Header.Get("X-Fake-Variation"); !strings.HasPrefix(got, "seed=9; request=1; ") {
		t.Errorf("got the header %q", got)
	}
}

func TestFakeLists(t *testing.T) {
	t.Parallel()
	schema := call(t, nil, "fake", "--print-scenario-schema")
	if schema.status != exitConforms || schema.stdout != string(scenario.Schema()) {
		t.Errorf("the schema: status %d, %.200s", schema.status, schema.stdout)
	}
	variations := call(t, nil, "fake", "--list-variations")
	for _, v := range fakeserver.Variations() {
		if !strings.Contains(variations.stdout, v.Name+" ") || !strings.Contains(variations.stdout, v.Summary+"\n") {
			t.Errorf("the list lacks %s: %s", v.Name, variations.stdout)
		}
	}
	scenarios := call(t, nil, "fake", "--list-scenarios")
	for _, name := range scenario.Names() {
		if !strings.HasPrefix(scenarios.stdout, name+" ") && !strings.Contains(scenarios.stdout, "\n"+name+" ") {
			t.Errorf("the list lacks %s: %s", name, scenarios.stdout)
		}
		printed := call(t, nil, "fake", "--print-scenario", name)
		if _, err := scenario.Parse(name, []byte(printed.stdout)); err != nil || printed.status != exitConforms {
			t.Errorf("%s as printed: status %d, %v", name, printed.status, err)
		}
	}
}

// Bad input ends the fake with one sentence and status 2, and without writing any files.
func TestFakeRefusesBadInput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.yaml")
	write(t, broken, "projects: [{name: a}]\nusers: [{name: b, role: king}]\ngraphs: []\n")
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--defect", "no-such"}, `unknown defect "no-such"`},
		{[]string{"--vary", "mesages"}, `unknown variation "mesages", did you mean "messages"?`},
		{[]string{"--vary", "messages,no-such"}, `unknown variation "no-such"`},
		{[]string{"--without", "showGrahp"}, `unknown operation "showGrahp", did you mean "showGraph"?`},
		{[]string{"--without", "nothing-like-it"}, `unknown operation "nothing-like-it"; there are `},
		{[]string{"--scenario", "stats"}, `unknown scenario "stats"`},
		{[]string{"--scenario", filepath.Join(dir, "none.yaml")}, "none.yaml"},
		{[]string{"--scenario", dir}, dir},
		{[]string{"--scenario", broken}, broken + ":2: "},
		{[]string{"--print-scenario", "stats"}, `unknown scenario "stats"`},
		{[]string{"--upgrade-time", "-1s"}, "-1s"},
		{[]string{"--upgrade-time", "soon"}, "soon"},
		{[]string{"--journal-bytes", "-1"}, "-1"},
		{[]string{"--seed", "x"}, "x"},
		{[]string{"--addr", "nowhere"}, "nowhere"},
		{[]string{"--addr", "127.0.0.1:99999"}, "99999"},
		{[]string{"--fault", "x"}, "fault"},
		{[]string{"--env-file", filepath.Join(dir, "no", "fake.env")}, "fake.env"},
		{[]string{"more"}, "more"},
	} {
		c := call(t, nil, append([]string{"fake"}, tt.args...)...)
		if c.status != exitNotJudged {
			t.Errorf("%q: expected status 2, got %d", tt.args, c.status)
		}
		oneSentence(t, c, tt.want)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("something was written: %v, %v", files, err)
	}
}

func TestFakeOnATakenPort(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dir := t.TempDir()
	c := call(t, nil, "fake", "--addr", listener.Addr().String(), "--env-file", filepath.Join(dir, "fake.env"))
	if c.status != exitNotJudged {
		t.Errorf("expected status 2, got %d", c.status)
	}
	oneSentence(t, c, listener.Addr().String(), "--addr")
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("an env file was written: %v", files)
	}
}

func TestListDefects(t *testing.T) {
	t.Parallel()
	c := call(t, nil, "fake", "--list-defects")
	lines := strings.Split(strings.TrimSuffix(c.stdout, "\n"), "\n")
	if c.status != exitConforms || len(lines) != len(fakeserver.Defects()) || !slices.IsSorted(lines) {
		t.Errorf("status %d, %d lines of %d defects", c.status, len(lines), len(fakeserver.Defects()))
	}
	for i, d := range fakeserver.Defects() {
		if !strings.HasPrefix(lines[i], d.Name+" ") || !strings.HasSuffix(lines[i], d.Summary) {
			t.Errorf("line %q of %s", lines[i], d.Name)
		}
	}
}
