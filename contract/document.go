package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/internal/yamlparts"
)

const (
	maxDocument = 4 << 20 // bytes
	maxNodes    = 500_000 // with aliases written out
)

// readYAML reads the one YAML document in data.
func readYAML(data []byte) (*yaml.Node, error) {
	if len(data) > maxDocument {
		return nil, &lineError{1, fmt.Sprintf("expected at most %d bytes, got %d", maxDocument, len(data))}
	}
	var root *yaml.Node
	if shipped := gesconform.OpenAPI; len(data) == len(shipped) && &data[0] == &shipped[0] {
		root = yamlparts.Shipped()
	} else {
		root = yamlparts.Read(data)
	}
	if root != nil {
		return root, nil
	}
	return readWhole(data)
}

func readWhole(data []byte) (*yaml.Node, error) {
	var doc, another yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, yamlFault(err, 1)
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, &lineError{1, "expected an OpenAPI document, got no mapping"}
	}
	switch err := decoder.Decode(&another); {
	case err == nil:
		return nil, atLine(&another, "expected one document, got another")
	case !errors.Is(err, io.EOF):
		return nil, yamlFault(err, 1)
	}
	return doc.Content[0], nil
}

// loadKin gives the document to kin-openapi, as JSON without our extensions:
// it would read all the YAML once more.
func (c *Contract) loadKin() (*openapi3.T, error) {
	if v := c.lines.at("/openapi"); v == nil || !strings.HasPrefix(v.Value, "3.0.") {
		return nil, &lineError{max(c.lines.line("/openapi"), 1), "openapi: expected 3.0.x"}
	}
	w := jsonWriter{lines: c.lines}
	if err := w.write(c.lines.root, 0); err != nil {
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

// kinFault is kin's sentence with the line that it is most likely about.
func (c *Contract) kinFault(err error) error {
	reason, _, _ := strings.Cut(err.Error(), "\n")
	reason = strings.TrimPrefix(reason, "failed to unmarshal data: json error: ")
	reason, _, _ = strings.Cut(reason, ", yaml error: ")
	return &lineError{c.lineOfFault(reason), reason}
}

var faultWord = regexp.MustCompile(`[^\s":,]+`)

// lineOfFault finds the line of a fault in kin's sentence, which names places
// in words: it follows the quoted and colon-separated names as far as they lead.
func (c *Contract) lineOfFault(reason string) int {
	node, line := c.lines.root, 1
	for _, word := range faultWord.FindAllString(reason, -1) {
		if key, value := child(node, word); value != nil {
			node, line = value, key.Line
		}
	}
	return line
}

// ourExtensions are read from the YAML nodes, which know their lines.
var ourExtensions = map[string]bool{"x-sources": true, "x-error-codes": true, "x-refusals": true, "x-requirements": true, "x-graph-states": true}

// A jsonWriter writes YAML nodes as JSON. On the way it finds what the YAML
// library lets pass: keys that stand there twice, references that lead
// nowhere, and aliases that would multiply without end.
type jsonWriter struct {
	bytes.Buffer
	lines *lineIndex
	nodes int
}

// write writes a node that stands depth mappings below the root.
func (w *jsonWriter) write(node *yaml.Node, depth int) error {
	if w.nodes++; w.nodes > maxNodes {
		return atLine(node, "expected at most %d values, aliases written out", maxNodes)
	}
	if depth > maxDepth {
		return atLine(node, "more than %d values stand in one another", maxDepth)
	}
	switch node.Kind {
	case yaml.AliasNode:
		return w.write(node.Alias, depth+1)
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
	seen := make(map[string]bool, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge":
			return atLine(key, "expected a plain key")
		case seen[key.Value]:
			return atLine(key, "%q stands there twice", key.Value)
		case key.Value == "$ref" && value.Kind == yaml.ScalarNode:
			if !strings.HasPrefix(value.Value, "#/") || w.lines.at(value.Value) == nil {
				return atLine(value, "$ref: nothing stands at %q in this document", value.Value)
			}
		}
		seen[key.Value] = true
		if ourExtensions[key.Value] && (depth == 0 || depth == 3) { // of the document, of an operation
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
			return yamlFault(err, node.Line)
		}
		text, err := json.Marshal(v)
		if err != nil {
			return atLine(node, "expected a number that JSON can write, got %s", node.Value)
		}
		w.Write(text)
	default: // a date too is a string
		w.quote(node.Value)
	}
	return nil
}

func (w *jsonWriter) quote(s string) {
	text, _ := json.Marshal(s) // a string never fails
	w.Write(text)
}
