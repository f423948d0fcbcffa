package contract_test

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/contract"
)

func idsOf(sources []*contract.Source) string {
	var ids []string
	for _, s := range sources {
		ids = append(ids, s.ID)
	}
	return strings.Join(ids, " ")
}

func TestSources(t *testing.T) {
	c := load(t)
	if got := idsOf(c.Sources("ours-d1", "rfc8259-2", "nowhere", "ours-d1", "job-2025-12", "rfc8259-2")); got != "rfc8259-2 job-2025-12 ours-d1" {
		t.Errorf("expected pages and RFCs first and nothing twice, got %s", got)
	}
	for id, want := range map[string]string{
		"upgrade-eu-2024-01": "Upgrading a graph (ges_03_0354), 2024-01-04, https://support.huaweicloud.com/eu/api-ges/ges_03_0354.html",
		"rfc8259-4":          "RFC 8259 (JSON), section 4: names of members should be unique, 2017-12-01, https://www.rfc-editor.org/rfc/rfc8259#section-4",
		"ours-d4":            "ours, D4 (No permission: 403, or 400 GES.7041): Both are published, and both tell a caller the same.",
	} {
		if got := c.Source(id).String(); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
	for pointer, want := range map[string]string{
		"/components/schemas/Job/properties/status/enum":       "job-2025-12 ours-d14", // its own
		"/components/schemas/Job/properties/job_id/minLength":  "job-2025-12",          // that of the schema around it
		"/components/parameters/ProjectId/schema/pattern":      "upgrade-eu-2024-01 upgrade-zh-2025-12 ours-d9",
		"/components/schemas/Error/properties/error_code/type": "error-codes-2021 gateway-codes ours-d3",
		"/x-refusals/unknown-graph":                            "",
		"/no/where":                                            "",
		"":                                                     "",
	} {
		if got := strings.Join(c.SourcesAt(pointer), " "); got != want {
			t.Errorf("%s: got %q, want %q", pointer, got, want)
		}
	}
}

func TestDocumented(t *testing.T) {
	c := load(t)
	for _, test := range []struct {
		id      string
		aspects []string
		want    bool
	}{
		{"upgrade.accepted", nil, true},                    // a page alone
		{"upgrade.version-order", nil, false},              // a decision alone
		{"upgrade.body-json", []string{"not-json"}, false}, // a page, but the sentence is ours
		{"upgrade.graph-known", []string{"unknown"}, true}, // the decision adds only codes
		{"upgrade.target-later", nil, true},
		{"upgrade.target-later", []string{"not-later-older-patch"}, true},
		{"upgrade.target-later", []string{"not-later-equal"}, false},
		{"upgrade.job-id", []string{"", "minLength"}, false},
		{"upgrade.job-id", []string{"", "required"}, true},
	} {
		if got := c.Documented(c.Requirement(test.id), test.aspects...); got != test.want {
			t.Errorf("%s %q: got %v", test.id, test.aspects, got)
		}
	}
}

// Each source is one that a clause names, and each example says which page has it, or that
// it is made up.
func TestSourcesAndExamplesOfTheDocument(t *testing.T) {
	var document yaml.Node
	if err := yaml.Unmarshal(gesconform.OpenAPI, &document); err != nil {
		t.Fatal(err)
	}
	named, sources, examples := map[string]bool{}, []string{}, 0
	keys := []string{"source", "x-source", "x-published"}
	origin := func(node *yaml.Node) {
		examples++
		has := func(key, tag string) bool {
			i := slices.IndexFunc(node.Content, func(n *yaml.Node) bool { return n.Value == key })
			return i >= 0 && node.Content[i+1].Tag == tag
		}
		if has("x-published", "!!seq") == has("x-invented", "!!bool") {
			t.Errorf("line %d: expected an example with either x-published or x-invented: true", node.Line)
		}
	}
	var walk func(node *yaml.Node)
	walk = func(node *yaml.Node) {
		for i, child := range node.Content {
			key := ""
			if node.Kind == yaml.MappingNode && i%2 == 1 {
				key = node.Content[i-1].Value
			}
			switch {
			case key == "x-sources":
				for j := 0; j < len(child.Content); j += 2 {
					sources = append(sources, child.Content[j].Value)
				}
			case slices.Contains(keys, key):
				for _, id := range append(child.Content, child) {
					named[id.Value] = true
				}
			case key == "example":
				origin(node)
			case key == "examples":
				for j := 1; j < len(child.Content); j += 2 {
					origin(child.Content[j])
				}
			}
			walk(child)
		}
	}
	walk(&document)
	for _, id := range sources {
		if !named[id] {
			t.Errorf("x-sources: no clause names %s", id)
		}
	}
	if examples < 10 {
		t.Errorf("expected the document's examples, got %d", examples)
	}
}
