package scenario

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// valueOf converts a YAML node to the JSON value that is validated. Anchors, tags
// and merge keys are refused: what a scenario says is to be seen where it is said.
func valueOf(node *yaml.Node, path []string) (any, error) {
	if err := checkNode(node, path); err != nil {
		return nil, err
	}
	switch node.Kind {
	case yaml.MappingNode:
		object := make(map[string]any, len(node.Content)/2)
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			if err := checkNode(key, path); err != nil {
				return nil, err
			}
			if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
				return nil, errorAt(key, path, "expected a plain key")
			}
			if _, twice := object[key.Value]; twice {
				return nil, errorAt(key, path, "%s stands there twice", keyName(key, value))
			}
			member, err := valueOf(value, append(path, key.Value))
			if err != nil {
				return nil, err
			}
			object[key.Value] = member
		}
		return object, nil
	case yaml.SequenceNode:
		list := make([]any, len(node.Content))
		for i, item := range node.Content {
			var err error
			if list[i], err = valueOf(item, append(path, strconv.Itoa(i))); err != nil {
				return nil, err
			}
		}
		return list, nil
	default:
		return scalar(node, path)
	}
}

// checkNode refuses what YAML has and JSON has not.
func checkNode(node *yaml.Node, path []string) error {
	switch {
	case len(path) > maxDepth:
		return yamlfile.At(node.Line, "expected at most %d levels, got more", maxDepth)
	case node.Anchor != "" || node.Kind == yaml.AliasNode:
		return errorAt(node, path, yamlfile.NoAliases)
	case node.Style&yaml.TaggedStyle != 0:
		return errorAt(node, path, "expected no tag")
	}
	return nil
}

// scalar converts a scalar to one of the types of JSON. A date is a string.
func scalar(node *yaml.Node, path []string) (any, error) {
	switch node.Tag {
	case "!!null":
		return nil, nil
	case "!!bool":
		return strings.EqualFold(node.Value, "true"), nil
	case "!!int", "!!float":
		n, err := strconv.ParseFloat(node.Value, 64)
		if err != nil || !json.Valid([]byte(node.Value)) {
			return nil, errorAt(node, path, "expected a number as JSON writes it, or text in quotes%s", butGot(node, path))
		}
		return n, nil
	default:
		return node.Value, nil
	}
}

// keyName quotes a key for an error. A key without a value is not shown: it may be
// the second half of a password with a comma, as in {password: one,two}.
func keyName(key, value *yaml.Node) string {
	if value.Tag == "!!null" {
		return "a key without a value"
	}
	return fmt.Sprintf("the key %q", shortened(key.Value))
}

func errorAt(node *yaml.Node, path []string, format string, args ...any) error {
	return yamlfile.At(node.Line, "%s", withPath(path, fmt.Sprintf(format, args...)))
}

// withPath puts the path that an error is about before its reason. Keys that no
// scenario has are not shown, since one may be a secret by mistake.
func withPath(path []string, reason string) string {
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

// find returns the value at a path, or its nearest parent that is there. The line
// of an error is that of key.
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
