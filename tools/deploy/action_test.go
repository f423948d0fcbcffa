package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/config"
)

// An action is the file of a composite action.
type action struct {
	Name        string
	Description string
	Branding    struct{ Icon, Color string }
	Inputs      map[string]struct {
		Description string
		Required    bool
		Default     string
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []step
	}
}

// A step is a step of a composite action.
type step struct {
	Name, ID, Shell, Run string
	Env                  map[string]string
}

func readAction(t *testing.T) action {
	t.Helper()
	var a action
	decode(t, filepath.Join(repository, "action.yml"), &a)
	if a.Runs.Using != "composite" || len(a.Runs.Steps) == 0 {
		t.Fatalf("expected a composite action with steps, got %+v", a.Runs)
	}
	return a
}

// input matches the value of an environment variable that is exactly one input.
var input = regexp.MustCompile(`^\$\{\{ inputs\.([a-z-]+) \}\}$`)

// TestActionKeepsInputsOutOfScripts fails if a script contains an expression: GitHub inserts its
// value before a shell reads the script, so an input could inject a command.
func TestActionKeepsInputsOutOfScripts(t *testing.T) {
	a := readAction(t)
	used := map[string]bool{}
	for _, s := range a.Runs.Steps {
		if strings.Contains(s.Run, "${{") || s.Run == "" || s.Shell == "" {
			t.Errorf("step %q: expected a shell and a script without expressions, got %q and %q", s.Name, s.Shell, s.Run)
		}
		for name, value := range s.Env {
			found := input.FindStringSubmatch(value)
			if found == nil {
				t.Errorf("step %q: expected one input in %s and nothing else, got %q", s.Name, name, value)
				continue
			}
			used[found[1]] = true
			if _, declared := a.Inputs[found[1]]; !declared {
				t.Errorf("step %q: %s: expected a declared input, got %q", s.Name, name, found[1])
			}
		}
	}
	for name, in := range a.Inputs {
		if !used[name] || in.Description == "" {
			t.Errorf("input %s: expected a description and a step that uses it, got %q and %t", name, in.Description, used[name])
		}
	}
	if got := a.Inputs["version"].Default; got != config.ToolVersion {
		t.Errorf("expected the action to run its own release, %s, got %q", config.ToolVersion, got)
	}
}

// A job runs the steps of the action like the runner of GitHub Actions.
type job struct {
	t         *testing.T
	action    action
	workspace string
	env       []string
	summary   string // the file with the job's summary
	printed   string
	outputs   map[string]string
}

func newJob(t *testing.T, env ...string) *job {
	t.Helper()
	_, address := serve(t)
	j := &job{t: t, action: readAction(t), workspace: t.TempDir(), summary: filepath.Join(t.TempDir(), "summary"), outputs: map[string]string{}}
	j.env = append(shellEnv(t,
		"GITHUB_ACTIONS=true", "GITHUB_ACTION_PATH="+absolute(t, repository), "GITHUB_STEP_SUMMARY="+j.summary,
		"RUNNER_TEMP="+t.TempDir(), "GESCONFORM_RELEASES="+address), env...)
	return j
}

// do runs the steps with inputs, and returns the exit status of the last one.
func (j *job) do(with map[string]string) int {
	j.t.Helper()
	value := func(name string) string {
		if v, given := with[name]; given {
			return v
		}
		return j.action.Inputs[name].Default
	}
	status, path := 0, os.Getenv("PATH")
	for _, s := range j.action.Runs.Steps {
		dir := j.t.TempDir()
		outputFile, pathFile, text := filepath.Join(dir, "output"), filepath.Join(dir, "path"), filepath.Join(dir, "step.sh")
		if err := os.WriteFile(text, []byte(s.Run), 0o600); err != nil {
			j.t.Fatal(err)
		}
		env := append(slices.Clone(j.env), "PATH="+path, "GITHUB_OUTPUT="+outputFile, "GITHUB_PATH="+pathFile)
		for name, v := range s.Env {
			env = append(env, name+"="+value(input.FindStringSubmatch(v)[1]))
		}
		got := finish(j.t, j.workspace, env, s.Shell, "--noprofile", "--norc", "-e", "-o", "pipefail", text)
		j.printed += got.stdout + got.stderr
		j.keepOutputs(s.ID, outputFile)
		if added, err := os.ReadFile(pathFile); err == nil {
			path = strings.TrimSpace(string(added)) + string(os.PathListSeparator) + path
		}
		if status = got.status; status != 0 {
			break
		}
	}
	return status
}

// keepOutputs reads the outputs that a step set.
func (j *job) keepOutputs(id, file string) {
	text, _ := os.ReadFile(file) // a step without outputs writes none
	for line := range bytes.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(string(line)), "=")
		j.outputs["${{ steps."+id+".outputs."+name+" }}"] = value
	}
}

// output returns an output of the action.
func (j *job) output(name string) string {
	j.t.Helper()
	return j.outputs[j.action.Outputs[name].Value]
}

// expect checks the outputs of the action.
func (j *job) expect(status int, exitStatus, verdict, report string) {
	j.t.Helper()
	want := map[string]string{"exit-status": exitStatus, "verdict": verdict, "report": report}
	for name, value := range want {
		if got := j.output(name); got != value {
			j.t.Errorf("output %s: expected %q, got %q", name, value, got)
		}
	}
	for name := range j.action.Outputs {
		if _, known := want[name]; !known {
			j.t.Errorf("output %s is not checked by this test", name)
		}
	}
	if want := map[string]int{"0": 0, "1": 1, "2": 2}[exitStatus]; status != want {
		j.t.Errorf("expected the step to end with %d, got %d", want, status)
	}
	if j.t.Failed() {
		j.t.Logf("the job printed\n%s", j.printed)
	}
}

// describing returns the inputs with which a workflow would describe a fake.
func describing(fake *fakeserver.Running) map[string]string {
	f := fake.Fixtures()
	return map[string]string{"endpoint": fake.URL, "project-id": f.ProjectID, "graph-id": f.GraphID, "token": f.Token}
}

func TestActionJudges(t *testing.T) {
	defect, err := fakeserver.LookupDefect("job-id-missing")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name       string
		options    []fakeserver.Option
		with       map[string]string
		exitStatus string
		verdict    string
	}{
		{name: "in part", exitStatus: "0", verdict: "partial"},
		{
			name: "deviates", exitStatus: "1", verdict: "deviates", options: []fakeserver.Option{fakeserver.WithDefect(defect)},
			with: map[string]string{"risk": "destructive"},
		},
		{name: "credentials refused", exitStatus: "2", verdict: "not-judged", with: map[string]string{"token": "made-up-token"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			fake := fakeserver.Start(t, row.options...)
			j, with := newJob(t), describing(fake)
			for name, value := range row.with {
				with[name] = value
			}
			with["args"] = "--upgrade-version=" + fake.Fixtures().Versions[0]
			j.expect(j.do(with), row.exitStatus, row.verdict, "gesconform-report")
			if row.exitStatus == "2" {
				return
			}
			for _, name := range []string{"report.html", "junit.xml", "results.json"} {
				if contents(t, j.workspace, j.output("report"), name) == "" {
					t.Errorf("expected %s not to be empty", name)
				}
			}
			if !strings.Contains(contents(t, j.summary), row.verdict) {
				t.Errorf("expected %q in the job's summary", row.verdict)
			}
		})
	}
}

// TestActionWithoutDeployment checks that a job that names no deployment fails. The command
// alone would judge the fake server, and succeed.
func TestActionWithoutDeployment(t *testing.T) {
	j := newJob(t)
	j.expect(j.do(map[string]string{"token": "a-token", "args": "--label-filter=body"}), "2", "not-judged", "gesconform-report")
	if !strings.Contains(j.printed, "name the deployment") {
		t.Errorf("expected to be told to name the deployment, got %q", j.printed)
	}
}

// TestActionTakesTheJobsVariables checks that the environment can replace inputs, as it can for
// the command.
func TestActionTakesTheJobsVariables(t *testing.T) {
	fake := fakeserver.Start(t)
	f := fake.Fixtures()
	j := newJob(t, "GESCONFORM_ENDPOINT="+fake.URL, "GESCONFORM_PROJECT_ID="+f.ProjectID, "GESCONFORM_GRAPH_ID="+f.GraphID, "GESCONFORM_TOKEN="+f.Token)
	j.expect(j.do(map[string]string{"output": "a report"}), "0", "partial", "a report")
	if strings.Contains(j.printed, "GESCONFORM_RELEASES") {
		t.Errorf("expected no warning of a variable that is the script's own, got\n%s", j.printed)
	}
}

// TestActionTellsPartFromWhole checks that only a run that decided everything is said to
// conform, wherever its report goes.
func TestActionTellsPartFromWhole(t *testing.T) {
	for _, row := range []struct{ name, risk, output, args, verdict, report string }{
		{"whole", "destructive", "a report", "", "conforms", "a report"},
		{"whole, without a report", "destructive", "", "", "conforms", ""},
		{"in part, without a report", "guarded", "", "", "partial", ""},
		{"in part, with its report elsewhere", "guarded", "a report", "--output=elsewhere", "partial", "elsewhere"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			fake := fakeserver.Start(t)
			var env strings.Builder
			if err := fake.Fixtures().WriteEnv(&env, fake.URL); err != nil {
				t.Fatal(err)
			}
			j := newJob(t, strings.Split(strings.TrimSpace(env.String()), "\n")...)
			j.expect(j.do(map[string]string{"risk": row.risk, "output": row.output, "args": row.args}), "0", row.verdict, row.report)
		})
	}
}

// TestActionSplitsArguments checks that each line of args is one flag, which no shell interprets.
func TestActionSplitsArguments(t *testing.T) {
	const hostile = "$(touch pwned) `touch pwned` ; touch pwned *"
	for _, row := range []struct {
		name, args, exitStatus, verdict string
		says                            string
	}{
		{"values with blanks", "--label-filter=body && MUST\n\n--verbose", "0", "partial", "upgradeGraph/body/"},
		{"values that a shell would carry out", "--seed=" + hostile, "2", "not-judged", `got "` + hostile + `"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			j, with := newJob(t), describing(fakeserver.Start(t))
			with["args"], with["output"] = row.args, hostile
			j.expect(j.do(with), row.exitStatus, row.verdict, hostile)
			if !strings.Contains(j.printed, row.says) || strings.Contains(j.printed, "upgradeGraph/security/") {
				t.Errorf("expected %q and no case of the security, got\n%s", row.says, j.printed)
			}
			if _, err := os.Stat(filepath.Join(j.workspace, "pwned")); !os.IsNotExist(err) {
				t.Errorf("expected no input to be run as a command, got %v", err)
			}
		})
	}
}

// TestActionHidesSecrets looks for secrets in everything that a job writes.
func TestActionHidesSecrets(t *testing.T) {
	fake := fakeserver.Start(t)
	f := fake.Fixtures()
	for name, secret := range map[string]map[string]string{
		"token":      {"token": f.Token},
		"access key": {"token": "", "access-key": f.AccessKey, "secret-key": f.SecretKey},
		"refused":    {"token": "a-secret-that-nobody-knows"},
	} {
		t.Run(name, func(t *testing.T) {
			j, with := newJob(t), describing(fake)
			for input, value := range secret {
				with[input] = value
			}
			j.do(with)
			left := j.printed
			err := filepath.WalkDir(j.workspace, func(path string, d os.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					left += contents(t, path)
				}
				return err
			})
			if err != nil || !strings.Contains(left, "verdict: ") {
				t.Fatalf("expected a verdict (%v), got\n%s", err, left)
			}
			for _, input := range []string{"token", "secret-key"} {
				if with[input] != "" && strings.Contains(left, with[input]) {
					t.Errorf("expected the %s not to be in the output of the job", input)
				}
			}
		})
	}
}
