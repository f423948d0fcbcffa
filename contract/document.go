package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// documentLimits are wider than those of the module's own kinds of YAML file, because
// OpenAPI documents are often generated.
var documentLimits = yamlfile.Limits{Bytes: 4 << 20, Depth: maxDepth, Aliases: true, Values: 500_000}

func readDocument(data []byte) (*yaml.Node, error) {
	root, err := documentLimits.Read(data, "an OpenAPI document")
	if err != nil {
		return nil, err
	}
	if root.Kind != yaml.MappingNode {
		return nil, yamlfile.At(root.Line, "expected an OpenAPI document, got %s", yamlfile.KindOf(root))
	}
	return root, nil
}

// loadKin loads the document with kin-openapi. It gets the document as JSON and without
// our extensions, since it would take longer to parse the YAML again.
func (c *Contract) loadKin() (*openapi3.T, error) {
	if v := c.node("/openapi"); v == nil || !strings.HasPrefix(v.Value, "3.0.") {
		return nil, c.fault("/openapi", "openapi: expected 3.0.x")
	}
	w := jsonWriter{contract: c}
	if err := w.write(c.root, 0); err != nil {
		return nil, err
	}
	kin, err := openapi3.NewLoader().LoadFromData(w.Bytes())
	if err != nil {
		return nil, c.kinFault(err)
	}
	if err := kin.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return nil, c.kinFault(err)
	}
	return kin, nil
}

// kinFault turns an error of kin-openapi into a fault on the line that it is most
// likely about.
func (c *Contract) kinFault(err error) error {
	reason, _, _ := strings.Cut(err.Error(), "\n")
	reason = strings.TrimPrefix(reason, "failed to unmarshal data: json error: ")
	reason, _, _ = strings.Cut(reason, ", yaml error: ")
	return yamlfile.At(c.lineOfKinFault(reason), "%s", reason)
}

var faultWord = regexp.MustCompile(`[^\s":,]+`)

// lineOfKinFault guesses the line that an error of kin-openapi is about. The error only
// names places in words, so those words that are keys are followed down the document.
func (c *Contract) lineOfKinFault(reason string) int {
	node, line := c.root, 1
	for _, word := range faultWord.FindAllString(reason, -1) {
		if key, value, found := yamlfile.Find(node, word); found {
			node, line = value, key.Line
		}
	}
	return line
}

// ourExtensions are not read through kin-openapi, but from the YAML nodes, which know
// their lines.
var ourExtensions = map[string]bool{
	"x-sources": true, "x-error-codes": true, "x-error-code-form": true, "x-credential-headers": true, "x-path-headers": true,
	"x-refusals": true, "x-requirements": true, "x-graph-states": true, "x-resources": true, "x-second-best": true,
}

// A jsonWriter writes YAML nodes as JSON, and rejects references that do not resolve.
type jsonWriter struct {
	bytes.Buffer
	contract *Contract
}

// write writes a node that is nested in depth mappings and lists.
func (w *jsonWriter) write(node *yaml.Node, depth int) error {
	switch node.Kind {
	case yaml.AliasNode:
		return w.write(node.Alias, depth)
	case yaml.MappingNode:
		return w.mapping(node, depth)
	case yaml.SequenceNode:
		w.WriteByte('[')
		for i, item := range node.Content {
			if i > 0 {
				w.WriteByte(',')
			}
			if err := w.write(item, depth+1); err != nil {
				return err
			}
		}
		w.WriteByte(']')
		return nil
	default:
		return w.scalar(node)
	}
}

func (w *jsonWriter) mapping(node *yaml.Node, depth int) error {
	w.WriteByte('{')
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Value == "$ref" && value.Kind == yaml.ScalarNode && (!strings.HasPrefix(value.Value, "#/") || w.contract.node(value.Value) == nil) {
			return yamlfile.At(value.Line, "$ref: this document has nothing at %q", value.Value)
		}
		if ourExtensions[key.Value] && (depth == 0 || depth == 3) { // at the top, or in an operation
			continue
		}
		if b := w.Bytes(); b[len(b)-1] != '{' {
			w.WriteByte(',')
		}
		w.quote(key.Value)
		w.WriteByte(':')
		if err := w.write(value, depth+1); err != nil {
			return err
		}
	}
	w.WriteByte('}')
	return nil
}

func (w *jsonWriter) scalar(node *yaml.Node) error {
	switch node.ShortTag() {
	case "!!null":
		w.WriteString("null")
	case "!!bool", "!!int", "!!float":
		var v any
		if err := node.Decode(&v); err != nil {
			return yamlfile.At(node.Line, "expected %s that YAML can read, got %s", yamlfile.KindOf(node), node.Value)
		}
		text, err := json.Marshal(v)
		if err != nil {
			return yamlfile.At(node.Line, "expected a number that JSON can write, got %s", node.Value)
		}
		w.Write(text)
	default: // a date is a string, too
		w.quote(node.Value)
	}
	return nil
}

func (w *jsonWriter) quote(s string) {
	text, _ := json.Marshal(s) // cannot fail for a string
	w.Write(text)
}
