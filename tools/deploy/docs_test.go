package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/config"
)

// TestDocs checks that the files, inputs and names in docs/deploy.md and docs/ci.md exist.
func TestDocs(t *testing.T) {
	text := contents(t, repository, "docs", "deploy.md") + contents(t, repository, "docs", "ci.md")
	for _, found := range regexp.MustCompile(`\b(?:action\.yml|(?:deploy|tools/deploy)/[a-z/._-]*[a-z])`).FindAllString(text, -1) {
		if _, err := os.Stat(filepath.Join(repository, found)); err != nil {
			t.Errorf("docs/deploy.md or docs/ci.md names %s, which does not exist", found)
		}
	}
	for _, version := range regexp.MustCompile(`\b\d+\.\d+\.\d+\b`).FindAllString(text, -1) {
		if version != config.ToolVersion {
			t.Errorf("expected version %s, got %s", config.ToolVersion, version)
		}
	}
	for _, p := range imaged[:1] {
		if name := loadableName(fixed(), p); !strings.Contains(text, name) {
			t.Errorf("expected the name of the archive for Docker, %s", name)
		}
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(text, -1)
	if len(blocks) != 2 {
		t.Fatalf("expected the examples of GitHub and GitLab, got %d", len(blocks))
	}
	expectWorkflow(t, blocks[0][1])
	var gitlab struct {
		Judge struct {
			Extends   string
			Variables map[string]string
		}
	}
	if err := yaml.Unmarshal([]byte(blocks[1][1]), &gitlab); err != nil || gitlab.Judge.Extends != ".gesconform" || len(gitlab.Judge.Variables) == 0 {
		t.Errorf("expected a job that extends .gesconform, got %+v (%v)", gitlab, err)
	}
}

// expectWorkflow checks that a workflow only uses inputs and outputs that the action has.
func expectWorkflow(t *testing.T, text string) {
	t.Helper()
	a := readAction(t)
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Uses string
				With map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
		t.Fatal(err)
	}
	steps := workflow.Jobs["judge"].Steps
	if len(steps) == 0 || steps[0].Uses != "gesconform/gesconform@v"+config.ToolVersion {
		t.Fatalf("expected the action of this release, got %+v", steps)
	}
	for name := range steps[0].With {
		if _, there := a.Inputs[name]; !there {
			t.Errorf("the action has no input %s", name)
		}
	}
	for _, found := range regexp.MustCompile(`steps\.ges\.outputs\.([a-z-]+)`).FindAllStringSubmatch(text, -1) {
		if _, there := a.Outputs[found[1]]; !there {
			t.Errorf("the action has no output %s", found[1])
		}
	}
}
