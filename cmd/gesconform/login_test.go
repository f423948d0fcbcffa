package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The suite logs in as the fake's IAM wants it, by the variables that clients of
// OpenStack use, or by their clouds.yaml, and shows the password to nobody.
func TestRunLogsIn(t *testing.T) {
	envFile := filepath.Join(t.TempDir(), "fake.env")
	address := startFake(t, "--env-file", envFile)
	environ := slices.DeleteFunc(environOf(t, envFile), func(v string) bool {
		return strings.HasPrefix(v, "GESCONFORM_TOKEN=") || strings.HasPrefix(v, "HUAWEICLOUD_SDK_")
	})
	const password = "Operate-1"
	clouds := filepath.Join(t.TempDir(), "clouds.yaml")
	text := "clouds:\n  mine:\n    auth: {auth_url: " + address + "/v3, username: operator, password: " + password + ", user_domain_name: acme, project_name: cn-north-4}\n"
	if err := os.WriteFile(clouds, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("OS_CLIENT_CONFIG_FILE", clouds)
	without := func(prefix string) []string {
		return slices.DeleteFunc(slices.Clone(environ), func(v string) bool { return strings.HasPrefix(v, prefix) })
	}
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
		{"nobody there", append(without("OS_AUTH_URL"), "OS_AUTH_URL=http://127.0.0.1:1/v3"), exitNotJudged, "connection refused"},
		{"no login at all", without("OS_"), exitNotJudged, "token: is missing"},
	} {
		output := filepath.Join(t.TempDir(), "report")
		c := call(t, tt.environ, "run", "--risk", "guarded", "--output", output)
		if c.status != tt.status || !strings.Contains(c.stderr, tt.want) {
			t.Errorf("%s: status %d: %.800s %s", tt.name, c.status, c.stdout, c.stderr)
		}
		said := c.stdout + c.stderr
		files, _ := filepath.Glob(filepath.Join(output, "*")) // there are none where nothing was judged
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			said += string(text)
		}
		if strings.Contains(said, password) || strings.Contains(said, "Planted-1") {
			t.Errorf("%s: the password is shown", tt.name)
		}
	}
}
