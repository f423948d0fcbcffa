package fakeserver_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

func TestWriteEnv(t *testing.T) {
	f := fakeserver.New().Fixtures()
	var file bytes.Buffer
	if err := f.WriteEnv(&file, "http://127.0.0.1:8080"); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for line := range strings.Lines(file.String()) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		got[name] = value
	}
	want := map[string]string{
		"ENDPOINT": "http://127.0.0.1:8080", "PROJECT_ID": f.ProjectID, "GRAPH_ID": f.GraphID, "TOKEN": f.Token,
		"READONLY_TOKEN": f.ReadonlyToken, "EXPIRED_TOKEN": f.ExpiredToken, "STOPPED_GRAPH_ID": f.StoppedGraphID,
		"FOREIGN_GRAPH_ID": f.ForeignGraphID, "UPGRADE_VERSION": strings.Join(f.Versions, ","), "REQUEST_TIMEOUT": "10s",
		"JOB_TIMEOUT": "5s", "MAX_UPGRADES": "80", "RATE": "0", "CONFIRM_GRAPH": f.GraphName, "CONFIRM_FOREIGN_GRAPH": "true", "KEEP_GOING": "true",
		"HUAWEICLOUD_SDK_AK": f.AccessKey, "HUAWEICLOUD_SDK_SK": f.SecretKey, "HUAWEICLOUD_SDK_PROJECT_ID": f.ProjectID,
		"OS_AUTH_URL": "http://127.0.0.1:8080/v3", "OS_USERNAME": "operator", "OS_PASSWORD": f.Password, "OS_USER_DOMAIN_NAME": "acme",
		"OS_PROJECT_NAME": "cn-north-4", "OS_PROJECT_DOMAIN_NAME": "acme", "OS_REGION_NAME": "cn-north-4",
	}
	for name, value := range want {
		if !strings.Contains(name, "_SDK_") && !strings.HasPrefix(name, "OS_") {
			name = "GESCONFORM_" + name
		}
		if got[name] != value {
			t.Errorf("%s: got %q, want %q", name, got[name], value)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d variables, want %d", len(got), len(want))
	}
}

// The job timeout must suit the scenario's upgrades, and fixtures that the scenario does
// not have must be left out.
func TestWriteEnvOfAScenario(t *testing.T) {
	s := busy(scenario.Upgrade{Takes: time.Minute}, scenario.Upgrade{})
	s.Graphs = s.Graphs[:1]
	var file strings.Builder
	if err := fakeserver.New(fakeserver.WithScenario(s)).Fixtures().WriteEnv(&file, "http://127.0.0.1:1"); err != nil {
		t.Fatal(err)
	}
	if text := file.String(); !strings.Contains(text, "GESCONFORM_JOB_TIMEOUT=3m1s\n") || strings.Contains(text, "STOPPED_GRAPH") || strings.Contains(text, "=\n") {
		t.Errorf("got %s", text)
	}
}

// A shell must read the values as they are, whatever characters the endpoint has.
func TestShellReadsEnv(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh in PATH")
	}
	const endpoint = `http://127.0.0.1:1/it's a "test" $HOME`
	const more = `/tmp/it's a=file.pem`
	path := filepath.Join(t.TempDir(), "fake.env")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	f := fakeserver.New().Fixtures()
	if err := errors.Join(f.WriteEnv(file, endpoint, "GESCONFORM_CA_FILE="+more), file.Close()); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), shell, "-c", `set -a; . "$1"; printf '%s|%s|%s' "$GESCONFORM_ENDPOINT" "$GESCONFORM_TOKEN" "$GESCONFORM_CA_FILE"`, "sh", path)
	out, err := command.Output()
	if err != nil || string(out) != endpoint+"|"+f.Token+"|"+more {
		t.Errorf("got %s, %v", out, err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriteEnvFails(t *testing.T) {
	if err := fakeserver.New().Fixtures().WriteEnv(failing{}, ""); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v", err)
	}
}
