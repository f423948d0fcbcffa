package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// counted is the action for a failed pod that no rule of the policy matches.
const counted = batchv1.PodFailurePolicyActionCount

// decide returns the action of the Job controller for a failed pod: that of the first matching
// rule.
func decide(policy *batchv1.PodFailurePolicy, status int32, disrupted bool) batchv1.PodFailurePolicyAction {
	for _, rule := range policy.Rules {
		for _, on := range rule.OnPodConditions {
			if disrupted && on.Type == corev1.DisruptionTarget && on.Status == corev1.ConditionTrue {
				return rule.Action
			}
		}
		if on := rule.OnExitCodes; on != nil && slices.Contains(on.Values, status) == (on.Operator == batchv1.PodFailurePolicyOnExitCodesOpIn) {
			return rule.Action
		}
	}
	return counted
}

// TestExitStatuses checks what happens to a shard and to the nightly run for each exit status.
func TestExitStatuses(t *testing.T) {
	m := readManifests(t)
	night := m.cronJob.Spec.JobTemplate.Spec
	for _, row := range []struct {
		what           string
		status         int32
		disrupted      bool
		sharded, night batchv1.PodFailurePolicyAction
	}{
		{what: "deviates", status: 1, sharded: batchv1.PodFailurePolicyActionFailIndex, night: batchv1.PodFailurePolicyActionFailJob},
		{what: "could not judge", status: 2, sharded: counted, night: counted},
		{what: "interrupted", status: 130, sharded: counted, night: counted},
		{what: "out of memory", status: 137, sharded: counted, night: counted},
		{what: "its node was drained", status: 130, disrupted: true, sharded: batchv1.PodFailurePolicyActionIgnore, night: batchv1.PodFailurePolicyActionIgnore},
	} {
		if got := decide(m.sharded.Spec.PodFailurePolicy, row.status, row.disrupted); got != row.sharded {
			t.Errorf("a shard that %s: expected %s, got %s", row.what, row.sharded, got)
		}
		if got := decide(night.PodFailurePolicy, row.status, row.disrupted); got != row.night {
			t.Errorf("a night that %s: expected %s, got %s", row.what, row.night, got)
		}
	}
	// The API server only allows FailIndex with backoffLimitPerIndex, and a policy only with
	// restartPolicy Never.
	if !is(m.sharded.Spec.BackoffLimitPerIndex, 1) || m.sharded.Spec.BackoffLimit != nil || !is(night.BackoffLimit, 1) || !is(m.merge.Spec.BackoffLimit, 0) {
		t.Error("expected one retry for a shard and for the nightly run, and none for the merge")
	}
	for file, policy := range map[string]*batchv1.PodFailurePolicy{"job.yaml": m.sharded.Spec.PodFailurePolicy, "cronjob.yaml": night.PodFailurePolicy} {
		container := onlyContainer(t, file, m.pods()[file].Spec).Name
		for _, rule := range policy.Rules {
			if on := rule.OnExitCodes; on != nil && !is(on.ContainerName, container) {
				t.Errorf("%s: expected the rule to be for the container %s, got %v", file, container, on.ContainerName)
			}
		}
	}
}

// TestJobsEnd checks that every Job has a deadline, and is removed some time after it ended.
func TestJobsEnd(t *testing.T) {
	m := readManifests(t)
	for file, spec := range map[string]batchv1.JobSpec{"job.yaml": m.sharded.Spec, "merge.yaml": m.merge.Spec, "cronjob.yaml": m.cronJob.Spec.JobTemplate.Spec} {
		if spec.ActiveDeadlineSeconds == nil || *spec.ActiveDeadlineSeconds > 4*3600 {
			t.Errorf("%s: expected an end within hours, got %v", file, spec.ActiveDeadlineSeconds)
		}
		if file != "cronjob.yaml" && spec.TTLSecondsAfterFinished == nil {
			t.Errorf("%s: expected ended Jobs to be removed", file)
		}
	}
	c := m.cronJob.Spec
	if c.ConcurrencyPolicy != batchv1.ForbidConcurrent || c.StartingDeadlineSeconds == nil || c.SuccessfulJobsHistoryLimit == nil || c.FailedJobsHistoryLimit == nil || c.TimeZone == nil {
		t.Errorf("expected one run at a time, a deadline, a time zone and a limit of what is kept, got %+v", c)
	}
}

// TestEachRunHasAFolder checks that each Job has a unique name. It is also the name of its
// folder, and the results of an earlier Job must not be taken for its own.
func TestEachRunHasAFolder(t *testing.T) {
	m := readManifests(t)
	if m.sharded.Name != "" || m.sharded.GenerateName == "" || m.merge.Name != "" || m.merge.GenerateName == "" {
		t.Errorf("expected generated names, got %q and %q", m.sharded.Name, m.merge.Name)
	}
	for _, file := range []string{"job.yaml", "cronjob.yaml"} {
		first := pod{job: "gesconform-a", index: "0"}.args(t, onlyContainer(t, file, m.pods()[file].Spec))
		second := pod{job: "gesconform-b", index: "0"}.args(t, onlyContainer(t, file, m.pods()[file].Spec))
		if slices.Equal(first, second) {
			t.Errorf("%s: expected another folder for another Job, got %q twice", file, first)
		}
	}
}

// TestShards checks that there are as many shards as pods, that each has a target, and that the
// merge reads all of them.
func TestShards(t *testing.T) {
	m := readManifests(t)
	spec := m.sharded.Spec
	if !is(spec.CompletionMode, batchv1.IndexedCompletion) || spec.Completions == nil {
		t.Fatalf("expected an Indexed Job, got %v", spec.CompletionMode)
	}
	n := int(*spec.Completions)
	if targets := strings.Count(m.configMap.Data["targets.yaml"], "- name: "); n > targets || !is(spec.Parallelism, int32(n)) {
		t.Errorf("expected at most as many shards as targets, %d, and all at once; got %d and %v", targets, n, spec.Parallelism)
	}
	want := []string{"merge", "--output=/results/gesconform-sharded-x/all"}
	for i := range n {
		folder := fmt.Sprintf("/results/gesconform-sharded-x/shard-%d", i)
		want = append(want, folder)
		args := pod{job: "gesconform-sharded-x", index: fmt.Sprint(i)}.args(t, onlyContainer(t, "job.yaml", spec.Template.Spec))
		for _, flag := range []string{fmt.Sprintf("--shard=%d/%d", i, n), "--output=" + folder} {
			if !slices.Contains(args, flag) {
				t.Errorf("pod %d: expected the flag %s, got %q", i, flag, args)
			}
		}
	}
	if got := (pod{run: "gesconform-sharded-x"}).args(t, onlyContainer(t, "merge.yaml", m.merge.Spec.Template.Spec)); !slices.Equal(got, want) {
		t.Errorf("expected the merge to be %q, got %q", want, got)
	}
}

// TestMemoryLimitIsKnownToTheCollector checks that GOMEMLIMIT is below the memory limit.
// Otherwise Go would let the heap grow until the kernel kills the run.
func TestMemoryLimitIsKnownToTheCollector(t *testing.T) {
	m := readManifests(t)
	for file, template := range m.pods() {
		c := onlyContainer(t, file, template.Spec)
		soft, err := resource.ParseQuantity(strings.TrimSuffix(pod{}.environment(t, c)["GOMEMLIMIT"], "B"))
		if err != nil || soft.Value() < 128<<20 || soft.Value() >= c.Resources.Limits.Memory().Value() {
			t.Errorf("%s: expected a GOMEMLIMIT below the limit, got %v (%v)", file, soft.Value(), err)
		}
	}
}

// A pod has the metadata that a pod can read about itself.
type pod struct {
	job, index string
	run        string // replaces the variable RUN, as `kubectl set env` does
}

// reference matches a reference to a variable in a manifest.
var reference = regexp.MustCompile(`\$\(([A-Za-z_][A-Za-z0-9_]*)\)`)

// environment returns the environment of a container, like the kubelet: a value may only refer
// to variables that are defined before it.
func (p pod) environment(t *testing.T, c corev1.Container) map[string]string {
	t.Helper()
	facts := map[string]string{
		"metadata.labels['batch.kubernetes.io/job-name']":                  p.job,
		"metadata.annotations['batch.kubernetes.io/job-completion-index']": p.index,
	}
	env := map[string]string{}
	for _, e := range c.Env {
		switch {
		case e.ValueFrom == nil:
			env[e.Name] = expand(e.Value, env)
		case e.ValueFrom.FieldRef != nil:
			value, known := facts[e.ValueFrom.FieldRef.FieldPath]
			if !known {
				t.Fatalf("%s: the test does not know the field %q of a pod", e.Name, e.ValueFrom.FieldRef.FieldPath)
			}
			env[e.Name] = value
		default:
			t.Fatalf("%s: expected a value or a field, got %+v", e.Name, e.ValueFrom)
		}
	}
	if _, there := env["RUN"]; there && p.run != "" {
		env["RUN"] = p.run
	}
	return env
}

// args returns the arguments of a container, with variables expanded.
func (p pod) args(t *testing.T, c corev1.Container) []string {
	t.Helper()
	env := p.environment(t, c)
	var args []string
	for _, arg := range c.Args {
		arg = expand(arg, env)
		if reference.MatchString(arg) {
			t.Errorf("%s: expected a variable that is defined", arg)
		}
		args = append(args, arg)
	}
	return args
}

// expand replaces references to variables. A reference to an undefined one is unchanged, as with
// the kubelet.
func expand(text string, env map[string]string) string {
	return reference.ReplaceAllStringFunc(text, func(found string) string {
		if value, there := env[found[2:len(found)-1]]; there {
			return value
		}
		return found
	})
}
