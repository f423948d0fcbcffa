package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// readDocument reads the one YAML document of data.
func readDocument(data []byte) (*yaml.Node, error) {
	if len(data) > maxFile {
		return nil, &fault{1, fmt.Sprintf("expected at most %d bytes, got more", maxFile)}
	}
	if err := isText(data); err != nil {
		return nil, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, &fault{1, "expected a scenario, got nothing"}
	case err != nil:
		return nil, yamlFault(err, data)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, &fault{second.Line, "expected one document, got another after it"}
	case !errors.Is(err, io.EOF):
		return nil, yamlFault(err, data)
	}
	return document.Content[0], nil
}

// isText looks for what the YAML library refuses without naming its line.
func isText(data []byte) error {
	line := 1
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			return &fault{line, fmt.Sprintf("expected text in UTF-8, got the byte 0x%02x", rest[0])}
		case r != '\t' && r != '\n' && r != '\r' && unicode.IsControl(r) && r != 0x85, r == 0xfffe, r == 0xffff:
			return &fault{line, fmt.Sprintf("expected text, got the control character %U", r)}
		case r == '\n':
			line++
		}
		rest = rest[size:]
	}
	return nil
}

// yamlFault gives an error of the YAML library the form of a fault.
func yamlFault(err error, data []byte) error {
	reason := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), "unmarshal errors:\n  ")
	reason, _, _ = strings.Cut(reason, "\n")
	if rest, ok := strings.CutPrefix(reason, "unknown anchor '"); ok {
		// The name of the anchor may be a password that begins with a star.
		name, _, _ := strings.Cut(rest, "'")
		before, _, _ := bytes.Cut(data, []byte("*"+name))
		return &fault{1 + bytes.Count(before, []byte("\n")), noAliases}
	}
	line := 1
	if rest, ok := strings.CutPrefix(reason, "line "); ok {
		digits, after, _ := strings.Cut(rest, ": ")
		if n, err := strconv.Atoi(digits); err == nil {
			line, reason = n, after
			if isParsers(reason) {
				line++
			}
		}
	}
	return &fault{line, reason}
}

// isParsers reports whether a fault was found by the parser of the YAML
// library: it counts lines from 0, where the scanner counts from 1.
func isParsers(reason string) bool {
	for _, s := range []string{"key", "node content", "'-' indicator", "',' or ']'", "',' or '}'", "<document start>"} {
		if reason == "did not find expected "+s {
			return true
		}
	}
	return strings.HasPrefix(reason, "found undefined") || strings.HasPrefix(reason, "found duplicate") || reason == "found incompatible YAML document"
}

const noAliases = "expected no anchors and no aliases"

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
		return &fault{node.Line, fmt.Sprintf("expected at most %d levels, got more", maxDepth)}
	case node.Anchor != "" || node.Kind == yaml.AliasNode:
		return faultAt(node, path, noAliases)
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
	return &fault{node.Line, placed(path, fmt.Sprintf(format, args...))}
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
