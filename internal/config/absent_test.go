package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
)

// What cannot be the id of no graph is refused with a sentence.
func TestAbsentGraphID(t *testing.T) {
	const graph = "53205529-026b-455a-9e07-228fae4b12b9"
	for _, tt := range []struct{ id, want string }{
		{"e9a1", ""},
		{"63205529-026b-455a-9e07-228fae4b12b9", ""},
		{"", `absent-graph-id: expected an id of 1 to 128 letters, digits, hyphens and underscores that no graph has, got ""`},
		{"a/b", "got \"a/b\""},
		{"..", "got \"..\""},
		{"a b", "got \"a b\""},
		{"%2e%2e", "got"},
		{strings.Repeat("a", 129), "1 to 128"},
		{"stop", "a server could take for --stopped-graph-id"},
		{"their", "a server could take for --foreign-graph-id"},
		{graph, `absent-graph-id: expected the id of no graph, got "` + graph + `", which a server could take for --graph-id "` + graph + `"`},
		{strings.ToUpper(graph), "for --graph-id"},
		{strings.ReplaceAll(graph, "-", ""), "for --graph-id"},
		{graph + "0", "for --graph-id"}, // a server may cut it
		{graph[:20], "for --graph-id"},
	} {
		d := config.Deployment{
			URL: "https://ges.example.com", ProjectID: "p", GraphID: graph, Token: "t", StoppedGraphID: "stopped", ForeignGraphID: "theirs",
		}
		c, err := d.Config()
		if err != nil {
			t.Fatal(err)
		}
		if err = config.Options[indexOf("absent-graph-id")].Set(&c, tt.id); err == nil {
			err = c.Check()
		}
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%q: expected %q, got %v", tt.id, tt.want, err)
		}
	}
}

func indexOf(option string) int {
	for i, o := range config.Options {
		if o.Name == option {
			return i
		}
	}
	return -1
}

// Whoever vouches for an absent graph needs none that is there. The reports say that the user's
// word stands for a read.
func TestAbsentGraphInsteadOfAGraph(t *testing.T) {
	d := config.Deployment{URL: "http://127.0.0.1:1", ProjectID: "p", Token: "t"}
	c, err := d.Config()
	if err == nil {
		err = c.Check()
	}
	if err == nil || !strings.Contains(err.Error(), "graph-id: is missing") {
		t.Errorf("without any graph: %v", err)
	}
	d.Options = map[string]string{"absent-graph-id": "no-such"}
	if c, err = d.Config(); err == nil {
		err = c.Check()
	}
	if err != nil {
		t.Error(err)
	}
	if said := strings.Join(c.Cautions(), " "); !strings.Contains(said, "absent graph: no-such, vouched for by you") {
		t.Errorf("the cautions are %q", said)
	}
}

func TestAbsentGraphIDOfTargets(t *testing.T) {
	file := filepath.Join(t.TempDir(), "targets.yaml")
	const text = "defaults: {region: cn-north-4, project-id: p, token: $TOKEN}\ntargets:\n- {name: stub, absent-graph-id: no-such}\n- {name: other, project-id: q, absent-graph-id: no-such}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := config.Default()
	flags.Risk = cases.Inert
	targets, err := config.LoadTargets(file, &flags, map[string]bool{}, nil, []string{"TOKEN=t"})
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range targets.Targets {
		if target.Unusable != nil || target.Config.AbsentGraphID != "no-such" || target.Config.GraphID != "" {
			t.Errorf("%s: %+v, %v", target.Name, target.Config, target.Unusable)
		}
	}
	flags.AbsentGraphID = "no-such"
	if _, err := config.LoadTargets(file, &flags, map[string]bool{"absent-graph-id": true}, nil, nil); err == nil || !strings.Contains(err.Error(), "describes one deployment") {
		t.Errorf("with a flag: %v", err)
	}
}
