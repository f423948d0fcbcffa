package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A run can log in at IAM, by the variables or the clouds.yaml of OpenStack clients, and
// never shows the password.
func TestRunLogsIn(t *testing.T) {
	skipIfShort(t)
	envFile := filepath.Join(t.TempDir(), "fake.env")
	address := startFake(t, "--env-file", envFile)
	environ := slices.DeleteFunc(environIn(t, envFile), func(v string) bool {
		return strings.HasPrefix(v, "GESCONFORM_TOKEN=") || strings.HasPrefix(v, "HUAWEICLOUD_SDK_")
	})
	const password = "Operate-1"
	clouds := filepath.Join(t.TempDir(), "clouds.yaml")
	text := "clouds:\n  mine:\n    auth: {auth_url: " + address + "/v3, username: operator, password: " + password + ", user_domain_name: acme, project_name: cn-north-4}\n"
	write(t, clouds, text)
	t.Setenv("OS_CLIENT_CONFIG_FILE", clouds)
	without := func(prefix string) []string {
		return slices.DeleteFunc(slices.Clone(environ), func(v string) bool { return strings.HasPrefix(v, prefix) })
	}
	nobody := closedPort(t)
	for _, tt := range []struct {
		name    string
		environ []string
		status  int
		want    string
	}{
		{"by variables", environ, exitConforms, ""},
		{"by a domain of the older name", append(without("OS_USER_DOMAIN_NAME"), "OS_DOMAIN_NAME=acme"), exitConforms, ""},
		{"by clouds.yaml", append(without("OS_"), "OS_CLOUD=mine"), exitConforms, ""},
		{"unknown cloud", append(without("OS_"), "OS_CLOUD=yours"), exitNotJudged, `log in: expected the cloud "yours" in clouds.yaml, got: `},
		{"wrong password", append(without("OS_PASSWORD"), "OS_PASSWORD=Planted-1"), exitNotJudged, `log in at ` + address + `/v3 as "operator", project `},
		{"nobody there", append(without("OS_AUTH_URL"), "OS_AUTH_URL=http://"+nobody+"/v3"), exitNotJudged, "no connection: " + nobody + " refuses connections; check the host and the port in OS_AUTH_URL, and whether the service is up\n"},
		{"no login at all", without("OS_"), exitNotJudged, "token: is missing"},
	} {
		output := t.TempDir()
		c := call(t, tt.environ, "run", "--risk", "guarded", "--label-filter", "method || valid", "--output", output)
		if c.status != tt.status || !strings.Contains(c.stderr, tt.want) {
			t.Errorf("%s: status %d: %.800s %s", tt.name, c.status, c.stdout, c.stderr)
		}
		noneShown(t, leftBy(t, c, output), password, "Planted-1")
	}
}

// With only an access key, a run exercises as much as with a token, except for the cases
// about tokens. The key may be in the SDKs' variables.
func TestRunWithAnAccessKey(t *testing.T) {
	skipIfShort(t)
	envFile := filepath.Join(t.TempDir(), "fake.env")
	startFake(t, "--env-file", envFile)
	environ := slices.DeleteFunc(environIn(t, envFile), func(v string) bool {
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
	texts := leftBy(t, c, output)
	if len(texts) < 2+2*8 || len(secret) < 20 {
		t.Fatalf("expected a secret key and the files of a run, got %d bytes and %d texts", len(secret), len(texts))
	}
	noneShown(t, texts, secret)
	i := slices.Index(environ, "HUAWEICLOUD_SDK_SK="+secret)
	environ[i] = "HUAWEICLOUD_SDK_SK=wrong"
	if c := call(t, environ, "run"); c.status != exitNotJudged || !strings.Contains(c.stderr, "the credentials were refused (401 APIGW.0301); check --token or --access-key") {
		t.Errorf("with a wrong key: status %d: %s", c.status, c.stderr)
	}
}

// With a token from a file or a command, a run exercises as much as with --token.
func TestRunWithATokenFromElsewhere(t *testing.T) {
	skipIfShort(t)
	envFile := filepath.Join(t.TempDir(), "fake.env")
	startFake(t, "--env-file", envFile)
	var environ []string
	token := ""
	for _, v := range environIn(t, envFile) {
		if value, ok := strings.CutPrefix(v, "GESCONFORM_TOKEN="); ok {
			token = value
			continue
		}
		environ = append(environ, v)
	}
	file := filepath.Join(t.TempDir(), "token")
	write(t, file, token+"\n")
	exercised := ""
	for name, variable := range map[string]string{
		"given": "GESCONFORM_TOKEN=" + token, "file": "GESCONFORM_TOKEN_FILE=" + file, "command": "GESCONFORM_TOKEN_COMMAND=cat '" + file + "'",
	} {
		output := filepath.Join(t.TempDir(), "report")
		c := call(t, append(slices.Clone(environ), variable), "run", "--risk", "guarded", "--label-filter", "security || valid", "--output", output)
		_, rest, _ := strings.Cut(c.stdout, "\n")
		headline, _, _ := strings.Cut(rest, "\n")
		if exercised == "" {
			exercised = headline
		}
		if c.status != exitConforms || c.stderr != "" || headline != exercised || strings.Contains(c.stdout, token) {
			t.Errorf("%s: status %d, %q, elsewhere %q: %s", name, c.status, headline, exercised, c.stderr)
		}
		if log, err := os.ReadFile(filepath.Join(output, "exchanges.jsonl")); err != nil || strings.Contains(string(log), token) {
			t.Errorf("%s: the log contains the token, or %v", name, err)
		}
	}
	c := call(t, environ[:3:3], "run", "--endpoint", strings.TrimPrefix(environ[0], "GESCONFORM_ENDPOINT="), "--token-file", file+"x")
	if c.status != exitNotJudged || !strings.Contains(c.stderr, "token-file: expected a file with a token") {
		t.Errorf("without the file: status %d: %s", c.status, c.stderr)
	}
}
