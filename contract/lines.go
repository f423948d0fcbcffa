package contract

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/jsonpointer"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

// Line returns the line at which a clause begins, or that of its nearest parent. A clause is
// named by its JSON pointer (RFC 6901) into the document; one in another file by the path of that
// file from the document's folder, #, and the pointer: common.yaml#/components/schemas/Pet.
func (c *Contract) Line(clause string) int { return c.set.Line(clause) }

// node returns the node at a JSON pointer, or nil. Only documents with extensions of ours have
// nodes.
func (c *Contract) node(pointer string) *yaml.Node {
	if c.root == nil || pointer != "" && pointer[0] != '/' && pointer[0] != '#' {
		return nil
	}
	_, value, found := yamlfile.Find(c.root, jsonpointer.Tokens(pointer)...)
	if !found {
		return nil
	}
	return value
}

// decode decodes the extension at a JSON pointer into what into points to, which is
// left as it is if there is no such extension.
func (c *Contract) decode(pointer string, into any) error {
	node := c.node(pointer)
	if node == nil {
		return nil
	}
	return yamlfile.Under(pointer[strings.LastIndex(pointer, "/")+1:], yamlfile.Decode(node, into))
}

// fault returns an error about the clause at a JSON pointer, with its line.
func (c *Contract) fault(pointer, format string, args ...any) error {
	return yamlfile.At(c.Line(pointer), format, args...)
}

// nth returns the JSON pointer to the item of a list with the given index.
func nth(list string, index int) string { return list + "/" + strconv.Itoa(index) }
