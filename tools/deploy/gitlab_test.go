package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/config"
)

// A gitlabJob has the keys of a GitLab job that the template uses.
type gitlabJob struct {
	Image        string
	Variables    map[string]string
	BeforeScript []string `yaml:"before_script"`
	Script       []string
	Artifacts    struct {
		When     string
		ExpireIn string `yaml:"expire_in"`
		Paths    []string
		Reports  struct{ JUnit string }
	}
}

func readGitLab(t *testing.T) gitlabJob {
	t.Helper()
	var jobs map[string]gitlabJob
	decode(t, filepath.Join(repository, "deploy", "gitlab", "gesconform.gitlab-ci.yml"), &jobs)
	template, ok := jobs[".gesconform"]
	if !ok || len(jobs) != 1 {
		t.Fatalf("expected the one job .gesconform, which the dot keeps from being run, got %v", jobs)
	}
	return template
}

func TestGitLabJobJudges(t *testing.T) {
	template := readGitLab(t)
	if got := template.Variables["GESCONFORM_VERSION"]; got != config.ToolVersion {
		t.Errorf("expected the template to run its own release, %s, got %q", config.ToolVersion, got)
	}
	_, address := serve(t)
	fake := fakeserver.Start(t)
	f := fake.Fixtures()
	named := map[string]string{"GESCONFORM_ENDPOINT": fake.URL, "GESCONFORM_PROJECT_ID": f.ProjectID, "GESCONFORM_GRAPH_ID": f.GraphID, "GESCONFORM_TOKEN": f.Token}
	for _, row := range []struct {
		name   string
		job    map[string]string // the job's own variables
		script []string          // the job's own script
		status int
		says   string
	}{
		{name: "conforms", job: named, status: 0, says: "verdict: partial"},
		{name: "with a flag", job: named, script: []string{"sh .gesconform/ci.sh run --risk=guarded"}, status: 0, says: "guarded"},
		{name: "without a deployment", status: 2, says: "name the deployment"},
	} {
		t.Run(row.name, func(t *testing.T) {
			env := shellEnv(t)
			for name, value := range template.Variables {
				env = append(env, name+"="+value)
			}
			for name, value := range row.job {
				env = append(env, name+"="+value)
			}
			env = append(env, "GESCONFORM_RELEASES="+address)
			script := template.Script
			if row.script != nil {
				script = row.script
			}
			workspace := t.TempDir()
			// The runner joins both scripts, and ends at the first line that fails.
			lines := strings.Join(append([]string{"set -eo pipefail"}, append(template.BeforeScript, script...)...), "\n")
			got := finish(t, workspace, env, "bash", "-c", lines)
			if got.status != row.status || !strings.Contains(got.stdout+got.stderr, row.says) {
				t.Fatalf("expected status %d and %q, got %d and\n%s%s", row.status, row.says, got.status, got.stdout, got.stderr)
			}
			if strings.Contains(got.stdout+got.stderr, f.Token) || strings.Contains(got.stderr, "warning") {
				t.Errorf("expected neither the token nor a warning, got\n%s%s", got.stdout, got.stderr)
			}
			if row.status == 0 {
				expectArtifacts(t, template, workspace)
			}
		})
	}
}

// variable matches a variable in `artifacts`.
var variable = regexp.MustCompile(`\$\w+`)

// expectArtifacts checks that the artifacts of the job exist.
func expectArtifacts(t *testing.T, template gitlabJob, workspace string) {
	t.Helper()
	if template.Artifacts.When != "always" {
		t.Errorf("expected the artifacts of failed jobs, too, got when: %q", template.Artifacts.When)
	}
	expand := func(pattern string) string {
		return variable.ReplaceAllStringFunc(pattern, func(name string) string { return template.Variables[name[1:]] })
	}
	for _, path := range template.Artifacts.Paths {
		if info, err := os.Stat(filepath.Join(workspace, expand(path))); err != nil || !info.IsDir() {
			t.Errorf("expected a folder for the path %q (%v)", path, err)
		}
	}
	junit := strings.Replace(expand(template.Artifacts.Reports.JUnit), "/**/", "/", 1) // ** may stand for no folder
	if !strings.Contains(contents(t, workspace, junit), "<testsuite") {
		t.Errorf("expected a JUnit report in %s", junit)
	}
}
