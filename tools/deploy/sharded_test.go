package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/gesconform/gesconform/fakeserver"
)

// A targetsFile has the parts of targets.yaml that are changed to judge fakes.
type targetsFile struct {
	Defaults map[string]string   `yaml:"defaults"`
	Targets  []map[string]string `yaml:"targets"`
}

// A cluster runs the containers of pods on this machine, with their arguments and environment,
// and with folders for their volumes.
type cluster struct {
	t       *testing.T
	bin     string
	mounts  map[string]string // folders, by their path in the container
	secrets []string          // NAME=value
	names   []string          // of the targets
}

// newCluster replaces each target in the ConfigMap with a fake. The first has a defect.
func newCluster(t *testing.T, m manifests) *cluster {
	t.Helper()
	defect, err := fakeserver.LookupDefect("error-code-missing")
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{t: t, bin: installed(t), mounts: map[string]string{"/etc/gesconform": t.TempDir(), "/results": t.TempDir()}}
	var file targetsFile
	if err := yaml.Unmarshal([]byte(m.configMap.Data["targets.yaml"]), &file); err != nil {
		t.Fatal(err)
	}
	for i, target := range file.Targets {
		var options []fakeserver.Option
		if i == 0 {
			options = append(options, fakeserver.WithDefect(defect))
		}
		fake := fakeserver.Start(t, options...)
		f := fake.Fixtures()
		delete(target, "region")
		target["endpoint"], target["project-id"], target["graph-id"] = fake.URL, f.ProjectID, f.GraphID
		for key, value := range map[string]string{"access-key": f.AccessKey, "secret-key": f.SecretKey} {
			name, _ := strings.CutPrefix(target[key], "$")
			if _, there := m.secret.StringData[name]; !there {
				t.Fatalf("%s: expected the %s to be a key of the Secret, got %q", target["name"], key, target[key])
			}
			c.secrets = append(c.secrets, name+"="+value)
		}
		c.names = append(c.names, target["name"])
	}
	text, err := yaml.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.mounts["/etc/gesconform"], "targets.yaml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// carryOut runs the container of a pod.
func (c *cluster) carryOut(p pod, file string, template corev1.PodTemplateSpec) finished {
	c.t.Helper()
	container := onlyContainer(c.t, file, template.Spec)
	var env []string
	for name, value := range p.environment(c.t, container) {
		env = append(env, name+"="+value)
	}
	if len(container.EnvFrom) > 0 {
		env = append(env, c.secrets...)
	}
	args := p.args(c.t, container)
	for i, arg := range args {
		for _, mount := range container.VolumeMounts {
			arg = strings.Replace(arg, mount.MountPath, c.mounts[mount.MountPath], 1)
		}
		args[i] = arg
	}
	return finish(c.t, c.t.TempDir(), env, filepath.Join(c.bin, here.command()), args...)
}

// results returns a folder of the results volume.
func (c *cluster) results(path ...string) string {
	return filepath.Join(append([]string{c.mounts["/results"]}, path...)...)
}

// TestShardedRun runs the Indexed Job and the merge against fakes, one of which deviates.
func TestShardedRun(t *testing.T) {
	m := readManifests(t)
	c := newCluster(t, m)
	deviating := 0
	for i := range int(*m.sharded.Spec.Completions) {
		got := c.carryOut(pod{job: "gesconform-sharded-x", index: fmt.Sprint(i)}, "job.yaml", m.sharded.Spec.Template)
		switch got.status {
		case 0:
		case 1:
			deviating++
			if action := decide(m.sharded.Spec.PodFailurePolicy, 1, false); action != batchv1.PodFailurePolicyActionFailIndex {
				t.Errorf("expected the index to fail at once, got %s", action)
			}
		default:
			t.Fatalf("shard %d: expected status 0 or 1, got %d and\n%s%s", i, got.status, got.stdout, got.stderr)
		}
		if got.stderr != "" {
			t.Errorf("shard %d: expected no warning, got %s", i, got.stderr)
		}
		if entries, err := os.ReadDir(c.results("gesconform-sharded-x", fmt.Sprintf("shard-%d", i))); err != nil || len(entries) == 0 {
			t.Errorf("shard %d: expected results in a folder of its own, got %v (%v)", i, entries, err)
		}
	}
	if deviating != 1 {
		t.Errorf("expected one shard to deviate, got %d", deviating)
	}
	got := c.carryOut(pod{run: "gesconform-sharded-x"}, "merge.yaml", m.merge.Spec.Template)
	if got.status != 1 {
		t.Errorf("expected the merge to end with 1, as one target deviates, got %d and\n%s%s", got.status, got.stdout, got.stderr)
	}
	c.expectAllTargets("gesconform-sharded-x", "all")
	if got := c.carryOut(pod{run: "gesconform-sharded-y"}, "merge.yaml", m.merge.Spec.Template); got.status != 2 {
		t.Errorf("expected the merge of a run that there was not to end with 2, got %d", got.status)
	}
}

// TestNightlyRun runs the CronJob's pod, which judges all targets and writes one report.
func TestNightlyRun(t *testing.T) {
	m := readManifests(t)
	c := newCluster(t, m)
	got := c.carryOut(pod{job: "gesconform-nightly-1"}, "cronjob.yaml", m.cronJob.Spec.JobTemplate.Spec.Template)
	if got.status != 1 || got.stderr != "" {
		t.Errorf("expected status 1, as one target deviates, and no warning, got %d and\n%s%s", got.status, got.stdout, got.stderr)
	}
	c.expectAllTargets("gesconform-nightly-1")
}

// expectAllTargets checks that the page names each target, and that no file has a secret.
func (c *cluster) expectAllTargets(path ...string) {
	c.t.Helper()
	var pages, all strings.Builder
	err := filepath.WalkDir(c.results(path...), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text := contents(c.t, path)
		all.WriteString(text)
		if strings.HasSuffix(path, ".html") {
			pages.WriteString(text)
		}
		return nil
	})
	if err != nil {
		c.t.Error(err)
	}
	for _, name := range c.names {
		if !strings.Contains(pages.String(), name) {
			c.t.Errorf("expected a page that names the target %s", name)
		}
	}
	for _, secret := range c.secrets {
		if name, value, _ := strings.Cut(secret, "="); strings.HasSuffix(name, "_SECRET_KEY") && strings.Contains(all.String(), value) {
			c.t.Errorf("expected the value of %s not to be in the results", name)
		}
	}
}

// flagName matches a flag in the output of --help.
var flagName = regexp.MustCompile(`(?m)^ +(?:-\w, )?--([a-z-]+)`)

// TestFlagsExist checks that the command has every flag that a manifest, the script, the action
// or the GitLab template uses, directly or as a variable.
func TestFlagsExist(t *testing.T) {
	binary := filepath.Join(installed(t), here.command())
	known := map[string]map[string]bool{}
	for _, command := range []string{"run", "merge"} {
		flags := map[string]bool{}
		for _, found := range flagName.FindAllStringSubmatch(finish(t, t.TempDir(), nil, binary, command, "--help").stdout, -1) {
			flags[found[1]] = true
		}
		known[command] = flags
	}
	m := readManifests(t)
	for file, template := range m.pods() {
		c := onlyContainer(t, file, template.Spec)
		for _, arg := range c.Args[1:] {
			name, _, flag := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
			if flag && !known[c.Args[0]][name] {
				t.Errorf("%s: `gesconform %s` has no flag --%s", file, c.Args[0], name)
			}
		}
	}
	own := []string{"VERSION", "RELEASES"} // only the script reads these, and unsets them for the command
	variables := map[string]bool{}
	for _, file := range []string{script, "deploy/gitlab/gesconform.gitlab-ci.yml", "action.yml"} {
		for _, found := range regexp.MustCompile(`\b(?:GESCONFORM|INPUT)_([A-Z_]*[A-Z])\b`).FindAllStringSubmatch(contents(t, repository, file), -1) {
			variables[found[1]] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		flag := strings.ToLower(strings.ReplaceAll(name, "_", "-"))
		if !known["run"][flag] && !slices.Contains(own, name) && name != "ARGS" {
			t.Errorf("`gesconform run` has no flag --%s for the variable GESCONFORM_%s", flag, name)
		}
	}
	if len(variables) < 10 {
		t.Errorf("expected to find the variables, got %v", variables)
	}
}
