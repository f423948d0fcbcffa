package scenario

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// plain makes what the schema is asked about of the node at a path. Anchors,
// tags and merge keys are refused: a scenario says what it says where it says it.
func plain(node *yaml.Node, path []string) (any, error) {
	if err := isPlain(node, path); err != nil {
		return nil, err
	}
	switch node.Kind {
	case yaml.MappingNode:
		object := make(map[string]any, len(node.Content)/2)
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			if err := isPlain(key, path); err != nil {
				return nil, err
			}
			if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
				return nil, faultAt(key, path, "expected a plain key")
			}
			if _, twice := object[key.Value]; twice {
				return nil, faultAt(key, path, "%s stands there twice", keyName(key, value))
			}
			member, err := plain(value, append(path, key.Value))
			if err != nil {
				return nil, err
			}
			object[key.Value] = member
		}
		return object, nil
	case yaml.SequenceNode:
		if n := len(node.Content); n > maxEntries {
			return nil, faultAt(node, path, "expected at most %d entries, got %d", maxEntries, n)
		}
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			var err error
			if list[i], err = plain(item, append(path, strconv.Itoa(i))); err != nil {
				return nil, err
			}
		}
		return list, nil
	default:
		return scalar(node, path)
	}
}

// isPlain looks for what YAML has and JSON does not.
func isPlain(node *yaml.Node, path []string) error {
	switch {
	case len(path) > maxDepth:
		return yamlfile.At(node.Line, "expected at most %d levels, got more", maxDepth)
	case node.Anchor != "" || node.Kind == yaml.AliasNode:
		return faultAt(node, path, yamlfile.NoAliases)
	case node.Style&yaml.TaggedStyle != 0:
		return faultAt(node, path, "expected no tag")
	}
	return nil
}

// scalar reads a value with the types of JSON. A date is a text.
func scalar(node *yaml.Node, path []string) (any, error) {
	switch node.Tag {
	case "!!null":
		return nil, nil
	case "!!bool":
		return strings.EqualFold(node.Value, "true"), nil
	case "!!int", "!!float":
		n, err := strconv.ParseFloat(node.Value, 64)
		if err != nil || !json.Valid([]byte(node.Value)) {
			return nil, faultAt(node, path, "expected a number as JSON writes it, or text in quotes%s", butGot(node, path))
		}
		return n, nil
	default:
		return node.Value, nil
	}
}

// keyName quotes a key for an error. One without a value may be the rest of a
// password with a comma in it, {password: one,two}, and is not shown.
func keyName(key, value *yaml.Node) string {
	if value.Tag == "!!null" {
		return "a key without a value"
	}
	return fmt.Sprintf("the key %q", shortened(key.Value))
}

func faultAt(node *yaml.Node, path []string, format string, args ...any) error {
	return yamlfile.At(node.Line, "%s", placed(path, fmt.Sprintf(format, args...)))
}

// placed puts the path of what an error is about before its reason. Keys that
// no scenario has are not shown, since a mistake may have made them of a secret.
func placed(path []string, reason string) string {
	for i, step := range path {
		if !isIndex(step) && !hasKey(step) {
			path = path[:i]
			break
		}
	}
	if len(path) == 0 {
		return reason
	}
	return strings.Join(path, ".") + ": " + reason
}

// find returns what stands at a path, or its nearest parent that stands there;
// key is the node whose line people look for.
func find(root *yaml.Node, path []string) (key, value *yaml.Node) {
	key, value = root, root
	for _, step := range path {
		next, below := child(value, step)
		if below == nil {
			break
		}
		key, value = next, below
	}
	return key, value
}

// child returns the key and the value of a member; an item of a list is both.
func child(node *yaml.Node, step string) (key, value *yaml.Node) {
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
