package contract

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// Line is the line of the document on which the clause at a JSON pointer stands, or
// its nearest parent.
func (c *Contract) Line(pointer string) int {
	key, _, _ := yamlfile.Find(c.root, pointerTokens(pointer)...)
	return key.Line
}

// node returns what stands at a JSON pointer, or nil.
func (c *Contract) node(pointer string) *yaml.Node {
	_, value, found := yamlfile.Find(c.root, pointerTokens(pointer)...)
	if !found {
		return nil
	}
	return value
}

// decode reads an extension that stands at a JSON pointer; where it is missing, what
// into points to stays as it is.
func (c *Contract) decode(pointer string, into any) error {
	node := c.node(pointer)
	if node == nil {
		return nil
	}
	return yamlfile.Under(pointer[strings.LastIndex(pointer, "/")+1:], yamlfile.Decode(node, into))
}

// fault is one of the document at a JSON pointer.
func (c *Contract) fault(pointer, format string, args ...any) error {
	return yamlfile.At(c.Line(pointer), format, args...)
}

// pointerTokens splits a JSON pointer (RFC 6901), with or without a leading
// '#', into its unescaped tokens.
func pointerTokens(pointer string) []string {
	tokens := strings.Split(pointer, "/")[1:]
	for i, t := range tokens {
		tokens[i] = unescaped.Replace(t)
	}
	return tokens
}

var (
	unescaped = strings.NewReplacer("~1", "/", "~0", "~")
	escaped   = strings.NewReplacer("~", "~0", "/", "~1")
)

// nth is the JSON pointer to the item of a list with an index.
func nth(list string, index int) string { return list + "/" + strconv.Itoa(index) }

// escapePointer makes a name one token of a JSON pointer.
func escapePointer(name string) string { return escaped.Replace(name) }
