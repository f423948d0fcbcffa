package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const vouchedFor = "ab5e0000-0000-4000-8000-000000000000, vouched for by"

// A deployment without the reads is judged as far as it can be, which all reports say, and so does
// the plan; the exchanges give the same verdicts again, and a plan the same run.
func TestRunWithoutReads(t *testing.T) {
	skipIfShort(t)
	dir := t.TempDir()
	envFile, report := filepath.Join(dir, "fake.env"), filepath.Join(dir, "report")
	startFake(t, "--without", "showGraph,showJob", "--env-file", envFile)
	environ := environIn(t, envFile)
	c := call(t, environ, "run", "--risk", "destructive", "--output", report)
	for _, want := range []string{
		"WARNING: absent graph: " + vouchedFor + " you", "partial: conforms as far as exercised: ", "absent:   graph " + vouchedFor + " the operator",
		"showGraph is not there: 404 APIGW.0101", "showJob is not there: 404 APIGW.0101", "upgrades: 0 accepted",
	} {
		if !strings.Contains(c.stdout, want) {
			t.Errorf("expected %q in the output, got %.3000s", want, c.stdout)
		}
	}
	if c.status != exitConforms || c.stderr != "" {
		t.Errorf("status %d: %s", c.status, c.stderr)
	}
	for _, name := range []string{"report.html", "summary.md", "results.json"} {
		text, err := os.ReadFile(filepath.Join(report, name))
		if err != nil || !strings.Contains(string(text), "showGraph is not there: 404 APIGW.0101") || !strings.Contains(string(text), "ab5e0000-0000-4000-8000-000000000000") {
			t.Errorf("%s does not say what was missing: %v", name, err)
		}
	}
	if again := call(t, nil, "judge", report); again.status != exitConforms {
		t.Errorf("judged again: status %d: %.500s %s", again.status, again.stdout, again.stderr)
	}
	if dry := call(t, environ, "run", "--dry-run", "--label-filter", "security"); !strings.Contains(dry.stdout, vouchedFor+" you") || !strings.Contains(dry.stdout, "upgradeGraph/path/graph_id/unknown ") {
		t.Errorf("expected the plan to have the plain upgrade and a warning, got %.1000s", dry.stdout)
	}
	if planned := call(t, environ, "run", "--plan", filepath.Join(report, "plan.json")); planned.status != exitConforms {
		t.Errorf("as planned: status %d: %.500s %s", planned.status, planned.stdout, planned.stderr)
	}
	required := call(t, environ, "run", "--require", "all-must")
	if required.status != exitNotJudged || !strings.Contains(required.stderr+required.stdout, "showGraph is not there: 404 APIGW.0101") {
		t.Errorf("with what is missing required: status %d: %s", required.status, required.stderr)
	}
	var without []string
	for _, pair := range environ {
		if !strings.HasPrefix(pair, "GESCONFORM_ABSENT_GRAPH_ID=") {
			without = append(without, pair)
		}
	}
	bare := call(t, without, "run")
	if bare.status != exitNotJudged {
		t.Errorf("without the flag: status %d", bare.status)
	}
	oneSentence(t, bare, "showGraph is not there", "--absent-graph-id")
}

// Bad use of the flag ends with one sentence before anything is sent.
func TestAbsentGraphIDRefused(t *testing.T) {
	t.Parallel()
	to := []string{"run", "--endpoint", "https://ges.example.com", "--project-id", "p", "--graph-id", "g1", "--token", "t"}
	for _, tt := range []struct {
		environ []string
		args    []string
		want    string
	}{
		{nil, append(to[:len(to):len(to)], "--absent-graph-id", ""), "got an empty one"},
		{nil, append(to[:len(to):len(to)], "--absent-graph-id", "a/b"), `got "a/b"`},
		{nil, append(to[:len(to):len(to)], "--absent-graph-id", "G1"), "could take for --graph-id"},
		{nil, []string{"run", "--absent-graph-id", "a"}, "endpoint, project-id and token: are missing; set --endpoint https://HOST"},
		{[]string{"GESCONFORM_ABSENT_GRAPH_ID=a"}, to, "lowers a guard"},
	} {
		c := call(t, tt.environ, tt.args...)
		if c.status != exitNotJudged {
			t.Errorf("%q: status %d", tt.args, c.status)
		}
		oneSentence(t, c, tt.want)
	}
}
