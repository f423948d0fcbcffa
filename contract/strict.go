package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/docfile"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

// checkStrictly checks a document with extensions of ours, which people write for this module, by kin-openapi:
// a mistake would have fewer cases derived, and nobody would notice.
func (c *Contract) checkStrictly() error {
	if !c.isExtended() {
		return nil
	}
	c.root = c.set.YAML()
	return c.checkByKin()
}

// isExtended reports whether the document has extensions of ours.
func (c *Contract) isExtended() bool {
	top := c.set.Root.Node
	if hasExtension(top) {
		return true
	}
	for _, item := range top.Get("paths").Members() {
		if slices.ContainsFunc(item.Value.Members(), func(m docfile.Member) bool { return methods[m.Name] != "" && hasExtension(&m.Value) }) {
			return true
		}
	}
	return false
}

func hasExtension(n *docfile.Node) bool {
	return slices.ContainsFunc(n.Members(), func(m docfile.Member) bool { return ourExtensions[m.Name] })
}

// checkByKin has kin-openapi load and validate the document. It gets the document as JSON and without
// our extensions.
func (c *Contract) checkByKin() error {
	w := jsonWriter{contract: c}
	if err := w.write(c.root, 0); err != nil {
		return err
	}
	kin, err := openapi3.NewLoader().LoadFromData(w.Bytes())
	if err != nil {
		return c.kinFault(err)
	}
	if err := kin.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return c.kinFault(err)
	}
	return nil
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

// checkExtended makes sure that operations that list our extensions have what these can speak of. For
// others, what is not supported is only noted.
func (k *compiler) checkExtended() {
	for _, op := range k.operations {
		if k.extended(op) {
			k.checkExtendedOperation(op)
		}
	}
}

// extended reports whether an operation lists our extensions.
func (k *compiler) extended(op *Operation) bool {
	return k.root != nil && (op.place.Node.Get("x-refusals") != nil || op.place.Node.Get("x-requirements") != nil)
}

func (k *compiler) checkExtendedOperation(op *Operation) {
	if len(op.Unsupported) > 0 {
		k.fail(op.Unsupported[0].Clause, "%s", op.Unsupported[0].Reason)
	}
	for i := range op.segments {
		if s := &op.segments[i]; s.form != nil {
			k.fail(op.Clause, "operation %s: a parameter must be a whole segment of the path, got %q", op.ID, s.text)
		}
	}
	for _, p := range op.Parameters {
		switch {
		case p.In == InQuery && p.Required:
			k.fail(p.Clause, "parameter %s: expected one that may be left out, since it is in the query", p.Name)
		case p.In == InCookie:
			k.fail(p.Clause, "parameter %s: expected one in path, header or query, got %s", p.Name, p.In)
		case p.MediaType != "" || p.Schema == nil:
			k.fail(p.Clause, "parameter %s: expected a schema", p.Name)
		case p.Schema.Type == KindArray || p.Schema.Type == KindObject:
			k.fail(p.Clause, "parameter %s: expected a plain value, got %s", p.Name, article(string(p.Schema.Type)))
		}
	}
	for _, alternative := range op.Security {
		if len(alternative) > 1 {
			k.fail(op.Clause, "operation %s: security: expected one scheme in each alternative, got %d", op.ID, len(alternative))
		}
		for _, s := range alternative {
			if s.Type != "apiKey" || s.In != InHeader {
				k.fail(s.Clause+"/type", "security scheme %s: expected an apiKey in a header, got %s in %q", s.ID, s.Type, s.In)
			}
		}
	}
	if op.Body != nil {
		k.checkJSON(op.Body.Content)
	}
	for _, r := range op.Responses {
		k.checkJSON(r.Content)
	}
}

// checkJSON makes sure that all media types are JSON.
func (k *compiler) checkJSON(content []*MediaType) {
	for _, m := range content {
		if !m.IsJSON() {
			k.fail(m.Clause, "media type %s: expected application/json or one that ends in +json", m.Name)
		}
	}
}
