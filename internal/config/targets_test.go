package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
)

// one has the mandatory options of a target.
const one = "- {name: a, region: cn-north-4, project-id: 0123, graph-id: g, token: $TOKEN}\n"

// targetsOf reads a targets file, with flags as pairs of name and value.
func targetsOf(t *testing.T, text string, environ []string, flags ...string) (*config.Targets, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "targets.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, given := config.Default(), map[string]bool{}
	for i := 0; i < len(flags); i += 2 {
		at := slices.IndexFunc(config.Options, func(o *config.Option) bool { return o.Name == flags[i] })
		if err := config.Options[at].Set(&cfg, flags[i+1]); err != nil {
			t.Fatal(err)
		}
		given[flags[i]] = true
	}
	targets, err := config.LoadTargets(path, &cfg, given, nil, environ)
	if err != nil && strings.Contains(err.Error(), "MARKED") {
		t.Errorf("expected an error without the secret, got %v", err)
	}
	return targets, err
}

func TestLoadTargets(t *testing.T) {
	targets, err := targetsOf(t, `
defaults:
  request-timeout: 20s
  concurrency: 3
  region: cn-north-1
  token: ${TOKEN}
targets:
  - name: cn-north-4
    region: cn-north-4
    project-id: 0123456789abcdef0123456789abcdef
    graph-id: 53205529-026b-455a-9e07-228fae4b12b9
    concurrency: 5
  - {name: private, endpoint: "https://ges.example.com/", project-id: 007, graph-id: 1e3, access-key: $AK, secret-key: $SK, confirm-graph: ges}
  - {name: by-default, project-id: p, graph-id: g}
`, []string{"TOKEN=t", "AK=ak", "SK=sk", "GESCONFORM_MAX_REQUESTS=7", "GESCONFORM_OUTPUT=folder"}, "strict", "true", "concurrency", "9")
	if err != nil || len(targets.Targets) != 3 || targets.Output != "folder" {
		t.Fatalf("expected three targets and the folder of the variable, got %+v, %v", targets, err)
	}
	a, b, c := targets.Targets[0], targets.Targets[1], targets.Targets[2]
	for _, n := range targets.Targets {
		if n.Unusable != nil || n.Config.RequestTimeout != 20*time.Second || !n.Config.Strict || n.Config.Concurrency != 9 || n.Config.MaxRequests != 7 || n.Config.Output != "" {
			t.Errorf("%s: expected the default's time, the flags and the variable to hold, got %+v", n.Name, n)
		}
	}
	if a.Name != "cn-north-4" || a.Config.Endpoint != "https://ges.cn-north-4.myhuaweicloud.com" || a.Config.Token != "t" || !strings.HasSuffix(a.Place, "targets.yaml:8") {
		t.Errorf("expected the region's endpoint and the default's token, got %+v", a)
	}
	if b.Config.ProjectID != "007" || b.Config.GraphID != "1e3" || b.Config.Region != "" || b.Config.Token != "" || b.Config.AccessKey != "ak" || b.Config.SecretKey != "sk" {
		t.Errorf("expected ids as they stand there, and neither the region nor the token of the defaults, got %+v", b)
	}
	if c.Config.Endpoint != "https://ges.cn-north-1.myhuaweicloud.com" {
		t.Errorf("expected the default's region, got %+v", c)
	}
}

// Missing or bad credentials of one target do not affect the others.
func TestTargetsUnusableTargets(t *testing.T) {
	for name, tt := range map[string]struct{ keys, want string }{
		"no such variable":       {"token: $MISSING", "token: the variable $MISSING is not set"},
		"empty variable":         {"token: $EMPTY", "token: the variable $EMPTY is not set"},
		"variable does not fit":  {"token: $TOKEN, request-timeout: $SK", "request-timeout: the value of the variable $SK cannot be used"},
		"no credentials":         {"strict: true", "token: is missing"},
		"half an access key":     {"access-key: ak", "secret-key: is missing; set GESCONFORM_SECRET_KEY"},
		"line break":             {"token: $BROKEN", "token: expected the value alone, got a line break in it"},
		"no such CA file":        {"token: $TOKEN, ca-file: no-such.pem", "ca-file: "},
		"endpoint of a variable": {"token: $MISSING", "$MISSING"},
	} {
		targets, err := targetsOf(t, "targets:\n"+one+"- {name: bad, region: cn-north-1, project-id: p, graph-id: g, "+tt.keys+"}\n",
			[]string{"TOKEN=t", "EMPTY=", "BROKEN=MARKED\nx", "SK=MARKED"})
		if err != nil || targets.Targets[0].Unusable != nil {
			t.Errorf("%s: expected the other target to be judged, got %v", name, err)
			continue
		}
		if got := targets.Targets[1].Unusable; got == nil || !strings.Contains(got.Error(), tt.want) || strings.Contains(got.Error(), "MARKED") {
			t.Errorf("%s: expected %q, got %v", name, tt.want, got)
		}
	}
}

// A target whose credentials are missing does not get those of another target or tool.
func TestTargetsCredentialsOfOthers(t *testing.T) {
	environ := []string{"HW_ACCESS_KEY=ak", "HW_SECRET_KEY=sk", "GESCONFORM_TOKEN=t"}
	targets, err := targetsOf(t, "targets:\n"+one+"- {name: b, region: cn-north-1, project-id: p, graph-id: g}\n", environ)
	if err != nil {
		t.Fatal(err)
	}
	if a := targets.Targets[0]; a.Unusable == nil || a.Config.AccessKey+a.Config.Token != "" {
		t.Errorf("expected no credentials, got %+v", a)
	}
	if b := targets.Targets[1]; b.Unusable != nil || b.Config.AccessKey != "ak" || b.Config.Token != "" {
		t.Errorf("expected the access key of other tools, as a single run takes it, got %+v", b)
	}
	if len(targets.Warnings) != 1 || !strings.HasPrefix(targets.Warnings[0], "GESCONFORM_TOKEN is ignored with --targets") {
		t.Errorf("expected a warning about the variable, got %q", targets.Warnings)
	}
	targets, err = targetsOf(t, "targets:\n"+strings.Replace(one, "$TOKEN", "$GESCONFORM_CN", 1), []string{"GESCONFORM_CN=t", "GESCONFORM_SED=1"})
	if err != nil || len(targets.Warnings) != 1 || !strings.HasPrefix(targets.Warnings[0], "GESCONFORM_SED is unknown") {
		t.Errorf("expected a warning about what nothing names, got %+v, %v", targets, err)
	}
}

func TestTargetsRisk(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		environ    string
		flags      []string
		want       cases.Risk
		err        string
	}{
		{name: "nothing said", want: cases.Inert},
		{name: "a flag", flags: []string{"risk", "guarded"}, want: cases.Guarded},
		{name: "the file alone", file: "risk: guarded", err: ":2: risk: expected at most inert, which is what --risk allows, got guarded; to allow it, set --risk guarded"},
		{name: "the file above the flag", file: "risk: destructive", flags: []string{"risk", "guarded"}, err: "expected at most guarded"},
		{name: "the file below the flag", file: "risk: inert", flags: []string{"risk", "destructive"}, want: cases.Inert},
		{name: "both", file: "risk: destructive", flags: []string{"risk", "destructive"}, want: cases.Destructive},
		{name: "a variable", environ: "GESCONFORM_RISK=guarded", err: "GESCONFORM_RISK lowers a guard"},
		{name: "a variable on loopback", file: "region: null", environ: "GESCONFORM_RISK=guarded", want: cases.Guarded},
	} {
		line := "region: cn-north-4, " + tt.file
		if tt.file == "region: null" {
			line = "endpoint: 'http://127.0.0.1:1'"
		}
		targets, err := targetsOf(t, "targets:\n- {name: a, project-id: p, graph-id: g, token: $TOKEN, "+strings.TrimSuffix(line, ", ")+"}\n", []string{"TOKEN=t", tt.environ}, tt.flags...)
		switch {
		case tt.err != "":
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: expected %q, got %v", tt.name, tt.err, err)
			}
		case err != nil || targets.Targets[0].Config.Risk != tt.want:
			t.Errorf("%s: expected %s, got %v", tt.name, tt.want, err)
		}
	}
}

// An option that lowers a guard must have its value in the file: a variable could have been
// set for something else.
func TestTargetsGuardsOfAVariable(t *testing.T) {
	for _, guard := range []string{"rate: $GUARD", "max-upgrades: $GUARD"} {
		for where, want := range map[string]string{
			"region: cn-north-4":              ":1: " + strings.TrimSuffix(guard, " $GUARD") + " lowers a guard",
			"endpoint: 'http://127.0.0.1:1'":  "",
			"endpoint: 'https://example.org'": ": lowers a guard",
		} {
			_, err := targetsOf(t, "defaults: {"+guard+"}\ntargets:\n- {name: a, project-id: p, graph-id: g, token: $TOKEN, "+where+"}\n", []string{"TOKEN=t", "GUARD=3"})
			if got := fmt.Sprint(err); (want == "") != (err == nil) || !strings.Contains(got, want) && err != nil {
				t.Errorf("%s, %s: expected %q, got %v", guard, where, want, err)
			}
		}
	}
}

func TestTargetsGuardsMayStandInTheFile(t *testing.T) {
	targets, err := targetsOf(t, "defaults: {max-upgrades: 2, rate: 3, keep-going: true}\ntargets:\n"+
		"- {name: a, region: cn-north-4, project-id: p, graph-id: g, token: $T, confirm-graph: ges, confirm-foreign-graph: true}\n", []string{"T=t"})
	if err != nil {
		t.Fatal(err)
	}
	if c := targets.Targets[0].Config; c.MaxUpgrades != 2 || c.Rate != 3 || !c.KeepGoing || c.ConfirmGraph != "ges" || !c.ConfirmForeignGraph {
		t.Errorf("expected what the file says, got %+v", c)
	}
}

// brokenTargets has invalid files, with the line and a part of the error.
var brokenTargets = []struct{ name, text, want string }{
	{"empty", "", ":1: expected targets, got nothing"},
	{"text", "token:MARKED", ":1: expected a mapping with defaults, targets, got text"},
	{"no list", "targets: MARKED", ":1: targets: expected a list of targets, got text"},
	{"no target", "defaults: {strict: true}\n", ":1: targets: expected a list with at least one target, got none"},
	{"unknown top", "target: []\n", `:1: unknown key "target", did you mean "targets"?`},
	{"unknown key", "targets:\n- name: a\n  tokn: MARKED\n", `:3: unknown key "tokn", did you mean "token"?`},
	{"unknown default", "defaults:\n  graphid: g\ntargets: []\n", `:2: unknown key "graphid", did you mean "graph-id"?`},
	{"name of a default", "defaults: {name: a}\n", `unknown key "name"`},
	{"swallowed key", "targets:\n- {name: a, token: one,MARKED}\n", ":2: unknown key without a value"},
	{"swallowed line", "targets:\n- name: a\n  project-id: p\n    token:MARKED\n", ":3: project-id: expected a value on one line"},
	{"twice", "targets:\n- name: a\n  strict: true\n  strict: false\n", `:4: the key "strict" appears twice`},
	{"same name", "targets:\n" + one + "- {name: a, region: cn-north-1, project-id: p, graph-id: g}\n", `:3: name: the target in line 2 has the same name, "a"`},
	{"a device of Windows", "targets:\n" + strings.Replace(one, "name: a", "name: nul", 1), `:2: name: expected the name of a folder on any system, got "nul", which Windows does not allow`},
	{"a device with an extension", "targets:\n" + strings.Replace(one, "name: a", "name: com1.cn-north-4", 1), `got "com1.cn-north-4", which Windows does not allow`},
	{"a dot at the end", "targets:\n" + strings.Replace(one, "name: a", "name: a.", 1), `got "a.", which Windows does not allow`},
	{"same graph", "targets:\n" + one + strings.Replace(one, "name: a", "name: b", 1), ":3: b: has the same graph as a"},
	{
		"same graph by the usual port",
		"defaults: {project-id: p, graph-id: g, token: $TOKEN}\ntargets:\n- {name: a, endpoint: 'https://ges.example.org/'}\n- {name: b, endpoint: 'https://ges.example.org:443'}\n",
		":4: b: has the same graph as a",
	},
	{
		"same graph in capitals",
		"defaults: {project-id: p, token: $TOKEN}\ntargets:\n- {name: a, endpoint: 'https://ges.example.org', graph-id: 5f}\n- {name: b, endpoint: 'HTTPS://GES.Example.org.', graph-id: 5F}\n",
		":4: b: has the same graph as a",
	},
	{"no name", "targets:\n- {region: cn-north-4}\n", `:2: expected the key "name", got none`},
	{"bad name", "targets:\n- {name: ../a}\n", ":2: name: expected at most 100 of a to z"},
	{"capital", "targets:\n- {name: A}\n", `got "A"`},
	{"taken name", "targets:\n- {name: matrix.json}\n", `got "matrix.json"`},
	{"no endpoint", "targets:\n- {name: a, project-id: p, graph-id: g}\n", `:2: expected the key "endpoint" or "region", got none`},
	{"no graph", "targets:\n- {name: a, region: cn-north-4, project-id: p}\n", `:2: expected the key "graph-id" or "absent-graph-id", got none`},
	{"both places", "targets:\n- {name: a, region: cn-north-4, endpoint: 'https://x', project-id: p, graph-id: g, token: $TOKEN}\n", ":2: a: region: expected either --region or --endpoint"},
	{"secret", "targets:\n- name: a\n  token: MARKED\n  region: cn-north-4\n  project-id: p\n  graph-id: g\n", ":3: token: expected a variable"},
	{"secret with a dollar", "targets:\n- {name: a, secret-key: $marked, region: cn-north-4, project-id: p, graph-id: g}\n", ":2: secret-key: expected a variable"},
	{"password in the endpoint", "targets:\n- {name: a, endpoint: 'https://u:MARKED@x', project-id: p, graph-id: g, token: $TOKEN}\n", ":2: a: endpoint: expected no user or password"},
	{"value that does not fit", "defaults:\n  request-timeout: 20\ntargets:\n" + one, ":2: request-timeout: expected a duration"},
	{"limit", "defaults: {concurrency: 0}\ntargets:\n" + one, ":3: a: concurrency: expected 1 to 1000, got 0"},
	{"output", "defaults:\n  output: x\n", ":2: output: is for the whole run"},
	{"list as value", "defaults:\n  seed: [1]\n", ":2: seed: expected a value, got a list"},
	{"no value", "defaults:\n  seed:\n", ":2: seed: expected a value, got nothing"},
	{"alias", "defaults: &d {strict: true}\ntargets:\n- *d\n", ":1: expected no anchors"},
	{"tag", "defaults: {strict: !!str true}\n", ":1: expected no tag"},
	{"merge", "defaults: {<<: {strict: true}}\n", ":1: expected a plain key"},
	{"too large", strings.Repeat("#", 2<<20), ":1: expected at most"},
}

func TestBrokenTargets(t *testing.T) {
	for _, tt := range brokenTargets {
		targets, err := targetsOf(t, tt.text, []string{"TOKEN=t"})
		if err == nil || targets != nil || !strings.Contains(err.Error(), "targets.yaml"+tt.want) && !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "load targets: ") {
			t.Errorf("%s: expected %q, got %v", tt.name, tt.want, err)
		}
		if err != nil && len(err.Error()) > 400 {
			t.Errorf("%s: expected a short error, got %d bytes", tt.name, len(err.Error()))
		}
	}
	if _, err := targetsOf(t, "targets:\n"+one, nil, "graph-id", "g"); err == nil || !strings.HasPrefix(err.Error(), "graph-id: describes one deployment and cannot be combined with --targets") {
		t.Errorf("expected a flag of one target to be refused, got %v", err)
	}
	c := config.Default()
	if _, err := config.LoadTargets(filepath.Join(t.TempDir(), "none.yaml"), &c, nil, nil, nil); err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("expected the name of the file, got %v", err)
	}
}
