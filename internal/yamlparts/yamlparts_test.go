package yamlparts_test

import (
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/internal/yamlparts"
)

// bareNode takes the comments out of a tree, which parts may give to other
// nodes.
func bareNode(n *yaml.Node) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	for _, child := range n.Content {
		bareNode(child)
	}
}

// A document that is read in parts is read as it is as a whole, with the same
// lines; where the parts would mislead, it is read as a whole.
func TestRead(t *testing.T) {
	for name, test := range map[string]struct {
		text    string
		inParts bool
	}{
		"the contract":            {string(gesconform.OpenAPI), true},
		"two entries":             {"x:\n" + indented(1000) + "y:\n" + indented(1000), true},
		"without a last line end": {"x:\n" + indented(1000) + "y: 7\nz:\n" + indented(1000) + "q: 8", true},
		"comments between":        {"x:\n" + indented(1000) + "# not: this\n\ny:\n" + indented(1000), true},
		"short":                   {"x: 1\ny: 2\n", false},
		"one entry":               {"x:\n" + indented(2000), false},
		"a quoted text":           {"x: \"\n" + indented(1000) + "y: \n" + indented(1000) + "\"\n", false},
		"a text in single quotes": {"x: '" + strings.Repeat("one\n", 5000) + "y: 1'\n", false},
		"a bracket":               {"x: [\n" + strings.Repeat("a: 1,\n", 5000) + "]\n", false},
		"two documents":           {"x:\n" + indented(1000) + "---\ny:\n" + indented(1000), false},
		"an end":                  {"x:\n" + indented(1000) + "...\ny:\n" + indented(1000), false},
		"an anchor elsewhere":     {"x: &a\n" + indented(1000) + "y:\n" + indented(1000) + "z: *a\n", false},
		"a list":                  {strings.Repeat("- one\n", 5000), false},
		"broken":                  {"x:\n" + indented(1000) + "y: [\n" + indented(1000), false},
	} {
		t.Run(name, func(t *testing.T) {
			parts := yamlparts.Read([]byte(test.text))
			if (parts != nil) != test.inParts {
				t.Fatalf("read in parts: %v", parts != nil)
			}
			if parts == nil {
				return
			}
			var whole yaml.Node
			if err := yaml.Unmarshal([]byte(test.text), &whole); err != nil {
				t.Fatal(err)
			}
			bareNode(&whole)
			bareNode(parts)
			if !reflect.DeepEqual(whole.Content[0], parts) {
				t.Error("the parts make another document than the whole")
			}
		})
	}
}

func indented(lines int) string {
	return strings.Repeat("  - {name: value, other: [1, 2]}\n", lines)
}
