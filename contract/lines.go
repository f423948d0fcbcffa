package contract

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// lineIndex knows the line of every node of a YAML document by JSON pointer.
type lineIndex struct {
	root *yaml.Node
}

// line walks the document along pointer and returns the line of the last node
// that exists.
func (x *lineIndex) line(pointer string) int {
	node, line := x.root, 0
	if node == nil {
		return 0
	}
	for _, token := range pointerTokens(pointer) {
		key, value := child(node, token)
		if value == nil {
			return line
		}
		node, line = value, key.Line
	}
	if line == 0 {
		line = node.Line
	}
	return line
}

// at returns the node at pointer, or nil.
func (x *lineIndex) at(pointer string) *yaml.Node {
	node := x.root
	for _, token := range pointerTokens(pointer) {
		if _, node = child(node, token); node == nil {
			return nil
		}
	}
	return node
}

// child returns the key and value nodes of one step down; of a sequence, the
// item stands for both.
func child(node *yaml.Node, token string) (key, value *yaml.Node) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == token {
				return node.Content[i], node.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(node.Content) {
			return node.Content[i], node.Content[i]
		}
	}
	return nil, nil
}

// pointerTokens splits a JSON pointer (RFC 6901), with or without a leading
// '#', into its unescaped tokens.
func pointerTokens(pointer string) []string {
	pointer = strings.TrimPrefix(strings.TrimPrefix(pointer, "#"), "/")
	if pointer == "" {
		return nil
	}
	tokens := strings.Split(pointer, "/")
	for i, t := range tokens {
		tokens[i] = unescaped.Replace(t)
	}
	return tokens
}

var (
	unescaped = strings.NewReplacer("~1", "/", "~0", "~")
	escaped   = strings.NewReplacer("~", "~0", "/", "~1")
)

// escapePointer makes a name one token of a JSON pointer.
func escapePointer(name string) string {
	if !strings.ContainsAny(name, "~/") {
		return name
	}
	return escaped.Replace(name)
}

// decodeKnown decodes a mapping into a struct and refuses keys that the struct
// does not have, so that a misspelt clause is an error and not silence.
func decodeKnown(node *yaml.Node, into any) error {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	t := reflect.TypeOf(into).Elem()
	if node.Kind != yaml.MappingNode {
		return atLine(node, "expected a mapping with %s", strings.Join(yamlKeys(t), ", "))
	}
	known := yamlKeys(t)
	for i := 0; i < len(node.Content); i += 2 {
		key := node.Content[i].Value
		if !slices.Contains(known, key) {
			return atLine(node.Content[i], "unknown key %q, expected one of %s", key, strings.Join(known, ", "))
		}
	}
	if err := node.Decode(into); err != nil {
		return yamlFault(err, node.Line)
	}
	return nil
}

var yamlLine = regexp.MustCompile(`^line ([0-9]+): `)

// yamlFault is the first fault that the YAML library found, with its line; it
// stands at line if the library names none.
func yamlFault(err error, line int) error {
	reason := strings.TrimPrefix(err.Error(), "yaml: ")
	reason = strings.TrimPrefix(reason, "unmarshal errors:\n  ")
	if found := yamlLine.FindStringSubmatch(reason); found != nil {
		line, _ = strconv.Atoi(found[1])
		reason = strings.TrimPrefix(reason, found[0])
	}
	reason, _, _ = strings.Cut(reason, "\n")
	return &lineError{line: line, reason: reason}
}

func yamlKeys(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if name != "" && name != "-" {
			keys = append(keys, name)
		}
	}
	return keys
}

// A lineError is a fault of the document at a line.
type lineError struct {
	line   int
	reason string
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.reason) }

func atLine(node *yaml.Node, format string, args ...any) error {
	line := 0
	if node != nil {
		line = node.Line
	}
	return &lineError{line: line, reason: fmt.Sprintf(format, args...)}
}
