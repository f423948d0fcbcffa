package yamlfile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/suggest"
)

// A Member is an entry of a mapping.
type Member struct{ Key, Value *yaml.Node }

// name quotes the key for an error. A key without a value is not shown: it may be a part of
// a secret that contains a comma, {password: one,two}.
func (m Member) name() string {
	if m.Value.Tag == "!!null" {
		return "a key without a value"
	}
	return fmt.Sprintf("the key %.60q", m.Key.Value)
}

// Text returns the member's scalar as written, since an id may consist of digits. An empty
// one is a fault.
func (m Member) Text() (string, error) {
	if v := m.Value; v.Kind != yaml.ScalarNode || v.Tag == "!!null" || v.Value == "" {
		return "", At(m.Key.Line, "%s: expected a value, got %s", m.Key.Value, KindOf(v))
	}
	return m.Value.Value, nil
}

// Members returns the entries of a mapping, in order. All their keys must be known.
func Members(node *yaml.Node, known []string) ([]Member, error) {
	node = behindAlias(node)
	if node.Kind != yaml.MappingNode {
		return nil, At(node.Line, "expected a mapping with %s, got %s", few(known), KindOf(node))
	}
	all := make([]Member, 0, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		m := Member{node.Content[i], node.Content[i+1]}
		if !slices.Contains(known, m.Key.Value) {
			return nil, m.unknown(known)
		}
		all = append(all, m)
	}
	return all, nil
}

func (m Member) unknown(known []string) error {
	expected := "expected one of " + few(known)
	if m.Value.Tag == "!!null" { // see name; a suggestion would disclose a secret, too
		return At(m.Key.Line, "unknown key without a value; %s", expected)
	}
	return At(m.Key.Line, "unknown key %.60q%s", m.Key.Value, suggest.DidYouMean(m.Key.Value, known, expected))
}

// few lists keys for an error, at most the first few.
func few(keys []string) string {
	const most = 8
	if len(keys) <= most {
		return strings.Join(keys, ", ")
	}
	return strings.Join(keys[:most], ", ") + " …"
}

// KindOf describes a node for an error: a mapping, a list, text, a number, true or false,
// or nothing.
func KindOf(node *yaml.Node) string {
	node = behindAlias(node)
	switch {
	case node.Kind == yaml.MappingNode:
		return "a mapping"
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case node.ShortTag() == "!!null" || node.Value == "":
		return "nothing"
	case node.ShortTag() == "!!int" || node.ShortTag() == "!!float":
		return "a number"
	case node.ShortTag() == "!!bool":
		return "true or false"
	default:
		return "text"
	}
}

// Find follows a path of keys and indices from a node as far as it exists. It returns the
// value there, the node whose line to report (the key of a member, or the item itself), and
// whether the whole path exists.
func Find(root *yaml.Node, path ...string) (key, value *yaml.Node, found bool) {
	key, value = root, root
	for _, step := range path {
		k, v := child(value, step)
		if v == nil {
			return key, value, false
		}
		key, value = k, v
	}
	return key, value, true
}

func child(node *yaml.Node, step string) (key, value *yaml.Node) {
	node = behindAlias(node)
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step {
				return node.Content[i], node.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(node.Content) {
			return node.Content[i], node.Content[i]
		}
	default: // has no children
	}
	return nil, nil
}

func behindAlias(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// JSON returns a node as encoding/json would decode it, for a JSON Schema validator: maps,
// slices, strings (including dates), float64, bool and nil. A number that is not written as
// in JSON is a fault, with its path.
func JSON(node *yaml.Node) (any, error) { return plain(node, nil) }

func plain(node *yaml.Node, path []string) (any, error) {
	switch node = behindAlias(node); node.Kind {
	case yaml.MappingNode:
		object := make(map[string]any, len(node.Content)/2)
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i].Value
			value, err := plain(node.Content[i+1], append(path, key))
			if err != nil {
				return nil, err
			}
			object[key] = value
		}
		return object, nil
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			var err error
			if list[i], err = plain(item, append(path, strconv.Itoa(i))); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	switch node.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		return strings.EqualFold(node.Value, "true"), nil
	case "!!int", "!!float":
		n, err := strconv.ParseFloat(node.Value, 64)
		if err != nil || !json.Valid([]byte(node.Value)) {
			return nil, &Fault{Line: node.Line, Path: slices.Clone(path), Reason: "expected a number as JSON writes it, or text in quotes"}
		}
		return n, nil
	default:
		return node.Value, nil
	}
}
