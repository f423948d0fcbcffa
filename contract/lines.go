package contract

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// lineIndex knows the line of every node of a YAML document by JSON pointer.
type lineIndex struct {
	root *yaml.Node
}

// line is the line of what stands at a pointer, or of its nearest parent.
func (x *lineIndex) line(pointer string) int {
	key, _, _ := yamlfile.Find(x.root, pointerTokens(pointer)...)
	return key.Line
}

// at returns the node at pointer, or nil.
func (x *lineIndex) at(pointer string) *yaml.Node {
	_, value, found := yamlfile.Find(x.root, pointerTokens(pointer)...)
	if !found {
		return nil
	}
	return value
}

// fault is one of the document at a JSON pointer.
func (c *Contract) fault(pointer, format string, args ...any) error {
	return yamlfile.At(c.lines.line(pointer), format, args...)
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
