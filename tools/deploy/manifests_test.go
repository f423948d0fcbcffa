package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/gesconform/gesconform/internal/config"
)

var manifestsDir = filepath.Join(repository, "deploy", "kubernetes")

// decoder refuses what the API server would only warn about: unknown and duplicate keys.
var decoder = func() runtime.Decoder {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{batchv1.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	return serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
}()

// manifests has the objects in deploy/kubernetes, by kind.
type manifests struct {
	configMap      *corev1.ConfigMap
	secret         *corev1.Secret
	claim          *corev1.PersistentVolumeClaim
	networkPolicy  *networkingv1.NetworkPolicy
	cronJob        *batchv1.CronJob
	sharded, merge *batchv1.Job
}

func readManifests(t *testing.T) manifests {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(manifestsDir, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var m manifests
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue // kustomize itself reads it: TestKustomization
		}
		object, _, err := decoder.Decode([]byte(contents(t, file)), nil, nil)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if !m.keep(filepath.Base(file), object) {
			t.Fatalf("%s: expected a kind that is looked at, and one of each, got %T", file, object)
		}
	}
	if m.configMap == nil || m.secret == nil || m.claim == nil || m.networkPolicy == nil || m.cronJob == nil || m.sharded == nil || m.merge == nil {
		t.Fatalf("expected one of each kind, got %+v", m)
	}
	return m
}

// keep stores an object by its type. It reports false if there was one already, or for other types.
func (m *manifests) keep(file string, object runtime.Object) bool {
	free := false
	switch o := object.(type) {
	case *corev1.ConfigMap:
		free, m.configMap = m.configMap == nil, o
	case *corev1.Secret:
		free, m.secret = m.secret == nil, o
	case *corev1.PersistentVolumeClaim:
		free, m.claim = m.claim == nil, o
	case *networkingv1.NetworkPolicy:
		free, m.networkPolicy = m.networkPolicy == nil, o
	case *batchv1.CronJob:
		free, m.cronJob = m.cronJob == nil, o
	case *batchv1.Job:
		place := map[string]**batchv1.Job{"job.yaml": &m.sharded, "merge.yaml": &m.merge}[file]
		if free = place != nil; free {
			*place = o
		}
	}
	return free
}

// pods returns the pod templates by the file that has them.
func (m *manifests) pods() map[string]corev1.PodTemplateSpec {
	return map[string]corev1.PodTemplateSpec{
		"job.yaml": m.sharded.Spec.Template, "merge.yaml": m.merge.Spec.Template, "cronjob.yaml": m.cronJob.Spec.JobTemplate.Spec.Template,
	}
}

// TestStrict tests decoder: it must find misspelt and duplicate keys.
func TestStrict(t *testing.T) {
	text := contents(t, manifestsDir, "job.yaml")
	for from, to := range map[string]string{
		"backoffLimitPerIndex: 1": "backofLimitPerIndex: 1",
		"runAsNonRoot: true":      "runAsNonroot: true",
		"parallelism: 4":          "parallelism: 4\n  parallelism: 4",
		"completions: 4":          "completions: four",
	} {
		spoilt := strings.Replace(text, from, to, 1)
		if _, _, err := decoder.Decode([]byte(spoilt), nil, nil); spoilt == text || err == nil {
			t.Errorf("expected %q to be refused, got no error", to)
		}
	}
}

// TestKustomization checks that `kubectl apply -k` would send valid objects, and no Secret, which
// would overwrite the user's own.
func TestKustomization(t *testing.T) {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), manifestsDir)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, r := range built.Resources() {
		text, err := r.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := decoder.Decode(text, nil, nil); err != nil {
			t.Errorf("%s: %v", r.CurId(), err)
		}
		kinds = append(kinds, r.GetKind())
	}
	slices.Sort(kinds)
	if want := []string{"ConfigMap", "CronJob", "NetworkPolicy", "PersistentVolumeClaim"}; !slices.Equal(kinds, want) {
		t.Errorf("expected %q, got %q", want, kinds)
	}
}

// TestReferencesExist checks that the names to which a manifest refers exist.
func TestReferencesExist(t *testing.T) {
	m := readManifests(t)
	for file, template := range m.pods() {
		c := onlyContainer(t, file, template.Spec)
		volumes := map[string]bool{}
		for _, v := range template.Spec.Volumes {
			volumes[v.Name] = false
			switch {
			case v.ConfigMap != nil && v.ConfigMap.Name == m.configMap.Name:
			case v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == m.claim.Name:
			default:
				t.Errorf("%s: volume %s: expected a reference to an object in deploy/kubernetes, got %+v", file, v.Name, v.VolumeSource)
			}
		}
		for _, mount := range c.VolumeMounts {
			if _, there := volumes[mount.Name]; !there {
				t.Errorf("%s: there is no volume for the mount %s", file, mount.Name)
			}
			volumes[mount.Name] = true
		}
		for name, mounted := range volumes {
			if !mounted {
				t.Errorf("%s: volume %s is not mounted", file, name)
			}
		}
		for _, from := range c.EnvFrom {
			if from.SecretRef == nil || from.SecretRef.Name != m.secret.Name || from.Prefix != "" {
				t.Errorf("%s: expected the variables of the Secret %s, got %+v", file, m.secret.Name, from)
			}
		}
		if c.Image != "ghcr.io/gesconform/gesconform:"+config.ToolVersion {
			t.Errorf("%s: expected the image of this release, %s, got %s", file, config.ToolVersion, c.Image)
		}
		for key, value := range m.networkPolicy.Spec.PodSelector.MatchLabels {
			if template.Labels[key] != value {
				t.Errorf("%s: expected the label %s: %s, by which the network policy finds the pod, got %v", file, key, value, template.Labels)
			}
		}
	}
}

// TestSecretsAreNamedAndEmpty checks that the example Secret has exactly the variables of
// targets.yaml, without values.
func TestSecretsAreNamedAndEmpty(t *testing.T) {
	m := readManifests(t)
	var named []string
	for _, found := range regexp.MustCompile(`: \$([A-Z0-9_]+)\n`).FindAllStringSubmatch(m.configMap.Data["targets.yaml"], -1) {
		named = append(named, found[1])
		if value, there := m.secret.StringData[found[1]]; !there || value != "" {
			t.Errorf("expected the key %s in the Secret, without a value; found: %t", found[1], there)
		}
	}
	if len(named) == 0 || len(named) != len(m.secret.StringData) || len(m.secret.Data) > 0 {
		t.Errorf("expected just the keys %q in the Secret, got %v and %v", named, m.secret.StringData, m.secret.Data)
	}
}

// TestPodsAreHardened checks the requirements of the Pod Security Standard "restricted", and
// more.
func TestPodsAreHardened(t *testing.T) {
	m := readManifests(t)
	for file, template := range m.pods() {
		pod := template.Spec
		c := onlyContainer(t, file, pod)
		group, inner := pod.SecurityContext, c.SecurityContext
		if group == nil || inner == nil {
			t.Fatalf("%s: expected security contexts of the pod and the container", file)
		}
		for what, holds := range map[string]bool{
			"runs as the image's user, not root":   isTrue(group.RunAsNonRoot) && is(group.RunAsUser, 65532) && is(group.RunAsGroup, 65532),
			"may write to the volume":              is(group.FSGroup, 65532),
			"seccomp RuntimeDefault":               group.SeccompProfile != nil && group.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault,
			"no token of a service account":        is(pod.AutomountServiceAccountToken, false),
			"no variables of services":             is(pod.EnableServiceLinks, false),
			"shares nothing with the node":         !pod.HostNetwork && !pod.HostPID && !pod.HostIPC,
			"read-only root file system":           isTrue(inner.ReadOnlyRootFilesystem),
			"no privilege escalation":              is(inner.AllowPrivilegeEscalation, false) && inner.Privileged == nil,
			"no capabilities":                      inner.Capabilities != nil && slices.Equal(inner.Capabilities.Drop, []corev1.Capability{"ALL"}) && inner.Capabilities.Add == nil,
			"at most 256 MiB":                      c.Resources.Limits.Memory().Value() == 256<<20,
			"asks for a share of CPU and memory":   !c.Resources.Requests.Cpu().IsZero() && !c.Resources.Requests.Memory().IsZero(),
			"has time to write its report":         pod.TerminationGracePeriodSeconds != nil && *pod.TerminationGracePeriodSeconds >= 30,
			"is not started again by the kubelet":  pod.RestartPolicy == corev1.RestartPolicyNever,
			"the image's own entrypoint":           c.Command == nil,
			"no secret in the manifest's own text": !strings.Contains(strings.Join(c.Args, " "), "key=") && !strings.Contains(strings.Join(c.Args, " "), "token="),
		} {
			if !holds {
				t.Errorf("%s: expected: %s", file, what)
			}
		}
	}
}

func isTrue(b *bool) bool { return is(b, true) }

func is[T comparable](got *T, want T) bool { return got != nil && *got == want }

// onlyContainer returns the container of a pod, which must have exactly one.
func onlyContainer(t *testing.T, file string, pod corev1.PodSpec) corev1.Container {
	t.Helper()
	if len(pod.Containers) != 1 || len(pod.InitContainers) > 0 {
		t.Fatalf("%s: expected one container, got %d and %d init containers", file, len(pod.Containers), len(pod.InitContainers))
	}
	return pod.Containers[0]
}

func TestNetworkPolicy(t *testing.T) {
	spec := readManifests(t).networkPolicy.Spec
	if want := []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}; !slices.Equal(spec.PolicyTypes, want) || len(spec.Ingress) > 0 {
		t.Errorf("expected nothing to be let in, got %v and %v", spec.PolicyTypes, spec.Ingress)
	}
	var ports []int32
	for _, rule := range spec.Egress {
		for _, p := range rule.Ports {
			ports = append(ports, p.Port.IntVal)
		}
	}
	if !slices.Equal(ports, []int32{53, 53, 443}) {
		t.Errorf("expected name servers and HTTPS to be let out, got the ports %v", ports)
	}
}

func TestVolumeIsForManyNodes(t *testing.T) {
	if got := readManifests(t).claim.Spec.AccessModes; !slices.Equal(got, []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}) {
		t.Errorf("expected ReadWriteMany, for the shards' pods are on several nodes, got %v", got)
	}
}

// TestEveryManifestIsLookedAt fails if there is a file that these tests do not read.
func TestEveryManifestIsLookedAt(t *testing.T) {
	entries, err := os.ReadDir(manifestsDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".yaml") {
			t.Errorf("%s: expected nothing but .yaml files, which are decoded", e.Name())
		}
	}
}
