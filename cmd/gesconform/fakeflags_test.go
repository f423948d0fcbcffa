package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
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

// A suite and a client find what a scenario file says.
func TestTheFakeServesAScenario(t *testing.T) {
	dir := t.TempDir()
	file, envFile := filepath.Join(dir, "mine.yaml"), filepath.Join(dir, "fake.env")
	const mine = `
projects: [{name: mine, id: abc123}]
users: [{name: me, password: secret-one, tokens: [{value: my-own-token, project: mine}], access-keys: [{access: AK1, secret: SK1}]}]
graphs: [{name: only, id: g1, project: mine, version: 1.0.5}]
versions: [1.0.6, 1.1.8]
upgrades: [{takes: 40ms}]
`
	if err := os.WriteFile(file, []byte(mine), 0o600); err != nil {
		t.Fatal(err)
	}
	startFake(t, "--scenario", file, "--env-file", envFile)
	environ := environOf(t, envFile)
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

// The suite judges the fake in each of the scenarios that come with it: the one
// whose gateway is in trouble cannot be judged or deviates, the others conform.
func TestReadyScenariosAreServed(t *testing.T) {
	for _, name := range scenario.Ready() {
		if name == "trouble" {
			continue // whether a run gets through is chance, by a seed
		}
		t.Run(name, func(t *testing.T) {
			envFile := filepath.Join(t.TempDir(), "fake.env")
			startFake(t, "--scenario", name, "--env-file", envFile)
			if c := call(t, environOf(t, envFile), "run", "--risk", "guarded"); c.status != exitConforms {
				t.Errorf("status %d: %.1500s %s", c.status, c.stdout, c.stderr)
			}
		})
	}
}

// The administration is there on a loopback address, and elsewhere only where
// it is asked for.
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

// The seed counts for a scenario that varies, too.
func TestTheFakeVariesAsTheScenarioSays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "varied.yaml")
	const varied = "projects: [{name: p}]\nusers: [{name: u, tokens: [{project: p}]}]\ngraphs: [{name: g, project: p}]\nvary: [charset]\n"
	if err := os.WriteFile(file, []byte(varied), 0o600); err != nil {
		t.Fatal(err)
	}
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
	for _, name := range scenario.Ready() {
		if !strings.HasPrefix(scenarios.stdout, name+" ") && !strings.Contains(scenarios.stdout, "\n"+name+" ") {
			t.Errorf("the list lacks %s: %s", name, scenarios.stdout)
		}
		printed := call(t, nil, "fake", "--print-scenario", name)
		if _, err := scenario.Parse(name, []byte(printed.stdout)); err != nil || printed.status != exitConforms {
			t.Errorf("%s as printed: status %d, %v", name, printed.status, err)
		}
	}
}

// What the fake cannot do is a sentence and status 2, and nothing is written.
func TestFakeRefusesBadInput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.yaml")
	if err := os.WriteFile(broken, []byte("projects: [{name: a}]\nusers: [{name: b, role: king}]\ngraphs: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--defect", "no-such"}, `unknown defect "no-such"`},
		{[]string{"--vary", "mesages"}, `unknown variation "mesages", did you mean "messages"?`},
		{[]string{"--vary", "messages,no-such"}, `unknown variation "no-such"`},
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

// A dry run says what would be sent, and sends nothing.
func TestDryRun(t *testing.T) {
	envFile := filepath.Join(t.TempDir(), "fake.env")
	address := startFake(t, "--env-file", envFile)
	environ := environOf(t, envFile)
	c := call(t, environ, "run", "--risk", "destructive", "--dry-run")
	if c.status != exitConforms || !strings.HasPrefix(c.stdout, "plan: 283 cases against "+address) || !strings.Contains(c.stdout, `-H "X-Auth-Token: $GESCONFORM_TOKEN"`) {
		t.Errorf("status %d: %.500s %s", c.status, c.stdout, c.stderr)
	}
	if _, metrics := get(t, address+"/_fake/metrics"); strings.Contains(metrics, "gesconform_fake_requests_total{") {
		t.Errorf("something was sent: %s", metrics)
	}
	regional := call(t, nil, "run", "--dry-run", "--region", "cn-north-4", "--project-id", "p", "--graph-id", "g", "--token", "t")
	if regional.status != exitConforms || !strings.HasPrefix(regional.stdout, "plan: 283 cases against https://ges.cn-north-4.myhuaweicloud.com, ") {
		t.Errorf("of a region: status %d: %.300s %s", regional.status, regional.stdout, regional.stderr)
	}
	if c := call(t, nil, "run", "--dry-run"); c.status != exitConforms || !strings.HasPrefix(c.stdout, "plan: 283 cases against the fake server in this process") {
		t.Errorf("of the fake in this process: status %d: %.300s %s", c.status, c.stdout, c.stderr)
	}
}

// With an access key alone the suite goes as far as with a token, but for what
// is about tokens; the key may be given as the SDKs have it.
func TestRunWithAnAccessKey(t *testing.T) {
	envFile := filepath.Join(t.TempDir(), "fake.env")
	startFake(t, "--env-file", envFile)
	environ := slices.DeleteFunc(environOf(t, envFile), func(v string) bool {
		return strings.HasPrefix(v, "GESCONFORM_TOKEN=") || strings.HasPrefix(v, "OS_")
	})
	output := filepath.Join(t.TempDir(), "report")
	c := call(t, environ, "run", "--risk", "destructive", "--output", output, "-v")
	if c.status != exitConforms || c.stderr != "" || !strings.Contains(c.stdout, "\npartial: conforms as far as exercised: ") {
		t.Errorf("status %d: %.1500s %s", c.status, c.stdout, c.stderr)
	}
	secret := ""
	for _, v := range environ {
		if value, ok := strings.CutPrefix(v, "HUAWEICLOUD_SDK_SK="); ok {
			secret = value
		}
	}
	files, err := os.ReadDir(output)
	if err != nil || len(files) < 3 || len(secret) < 20 {
		t.Fatalf("got %d files, %v", len(files), err)
	}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(output, f.Name()))
		if err != nil || strings.Contains(string(text), secret) {
			t.Errorf("%s holds the secret key, or %v", f.Name(), err)
		}
	}
	if strings.Contains(c.stdout, secret) {
		t.Error("the secret key is printed")
	}
	i := slices.Index(environ, "HUAWEICLOUD_SDK_SK="+secret)
	environ[i] = "HUAWEICLOUD_SDK_SK=wrong"
	if c := call(t, environ, "run"); c.status != exitNotJudged || !strings.Contains(c.stderr, "the credentials were refused (401 APIGW.0301); check --token or --access-key") {
		t.Errorf("with a wrong key: status %d: %s", c.status, c.stderr)
	}
}

// With a token that comes from elsewhere the suite goes as far as with one that
// is given.
func TestRunWithATokenFromElsewhere(t *testing.T) {
	envFile := filepath.Join(t.TempDir(), "fake.env")
	startFake(t, "--env-file", envFile)
	var environ []string
	token := ""
	for _, v := range environOf(t, envFile) {
		if value, ok := strings.CutPrefix(v, "GESCONFORM_TOKEN="); ok {
			token = value
			continue
		}
		environ = append(environ, v)
	}
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	exercised := ""
	for name, variable := range map[string]string{
		"given": "GESCONFORM_TOKEN=" + token, "file": "GESCONFORM_TOKEN_FILE=" + file, "command": "GESCONFORM_TOKEN_COMMAND=cat '" + file + "'",
	} {
		output := filepath.Join(t.TempDir(), "report")
		c := call(t, append(slices.Clone(environ), variable), "run", "--risk", "guarded", "--output", output)
		_, rest, _ := strings.Cut(c.stdout, "\n")
		headline, _, _ := strings.Cut(rest, "\n")
		if exercised == "" {
			exercised = headline
		}
		if c.status != exitConforms || c.stderr != "" || headline != exercised || strings.Contains(c.stdout, token) {
			t.Errorf("%s: status %d, %q, elsewhere %q: %s", name, c.status, headline, exercised, c.stderr)
		}
		if log, err := os.ReadFile(filepath.Join(output, "exchanges.jsonl")); err != nil || strings.Contains(string(log), token) {
			t.Errorf("%s: the log holds the token, or %v", name, err)
		}
	}
	c := call(t, environ[:3:3], "run", "--endpoint", strings.TrimPrefix(environ[0], "GESCONFORM_ENDPOINT="), "--token-file", file+"x")
	if c.status != exitNotJudged || !strings.Contains(c.stderr, "token-file: expected a file with a token") {
		t.Errorf("without the file: status %d: %s", c.status, c.stderr)
	}
}

// Whatever is sent to the fake, and however it fails, no credential reaches its
// standard output, its standard error or the log.
func TestTheFakeLogsNoCredential(t *testing.T) {
	const planted = "planted-credential-0123456789"
	var said syncBuffer
	log.SetOutput(&said)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	envFile := filepath.Join(t.TempDir(), "fake.env")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- execute(ctx, []string{"fake", "--scenario", "trouble", "--vary", "all", "--env-file", envFile}, nil, &said, &said)
	}()
	address := ""
	for address == "" { // the address comes in the first line
		address, _, _ = strings.Cut(said.String(), "\n")
		runtime.Gosched()
	}
	environ := environOf(t, envFile)
	for i, path := range []string{"/v2/" + planted + "/graphs", "/v2/p/graphs/g/upgrade?token=" + planted, "/v3/auth/tokens", "/_fake/journal?after=" + planted, "/%zz" + planted} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		body := `{"password":"` + planted + `"}`
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-Auth-Token: %s\r\nAuthorization: Bearer %s\r\nCookie: a=%s\r\nContent-Length: %d\r\n\r\n%s",
			path, planted, planted, planted, len(body)+i%2, body) // every second body is cut off
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.CloseWrite()
		}
		_, _ = io.Copy(io.Discard, conn) // resets are part of the scenario
		_ = conn.Close()
	}
	cancel()
	<-ended
	text := said.String()
	if !strings.HasPrefix(text, "http://127.0.0.1:") || strings.Contains(text, planted) {
		t.Errorf("got %s", text)
	}
	for _, v := range environ {
		name, value, _ := strings.Cut(v, "=")
		if secret := strings.HasSuffix(name, "_TOKEN") || strings.HasSuffix(name, "_SK") || name == "OS_PASSWORD"; secret && strings.Contains(text, value) {
			t.Errorf("%s is printed: %s", name, text)
		}
	}
}

// A syncBuffer may be written to and read by several goroutines.
type syncBuffer struct {
	mu   sync.Mutex
	text []byte
}

// Write keeps what is written.
func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p...)
	return len(p), nil
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text)
}
