// Package yamlparts reads large YAML documents in several goroutines, since
// reading the YAML is half of what it takes to load a contract.
package yamlparts

import (
	"bytes"
	"runtime"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform"
)

// Shipped is the document that this module ships, read once a process, nil if
// it had better be read as a whole. Whoever calls it ahead of need, in a
// goroutine, has it sooner. The nodes are shared and must not be changed.
var Shipped = sync.OnceValue(func() *yaml.Node { return Read(gesconform.OpenAPI) })

// smallestPart is the least that is worth a goroutine of its own.
const smallestPart = 8 << 10

// Read reads the one document of data by its top-level entries. It returns nil
// where the document had better be read as a whole, to say what is wrong with
// it as well.
//
// A line that begins with a letter begins an entry of the outermost mapping:
// what belongs to an entry is indented. Where that does not hold, as in a quoted
// text over several lines, one of the parts is broken.
func Read(data []byte) *yaml.Node {
	parts := split(data, runtime.GOMAXPROCS(0))
	if len(parts) < 2 {
		return nil
	}
	roots := make([]*yaml.Node, len(parts))
	var all sync.WaitGroup
	for i, part := range parts {
		all.Go(func() { roots[i] = mapping(part) })
	}
	all.Wait()
	line := 0
	for i, root := range roots {
		if root == nil {
			return nil
		}
		if i > 0 {
			shift(root, line)
			roots[0].Content = append(roots[0].Content, root.Content...)
		}
		line += bytes.Count(parts[i], []byte("\n"))
	}
	return roots[0]
}

// mapping reads a part, which must be a mapping without aliases of other parts.
func mapping(part []byte) *yaml.Node {
	var document yaml.Node
	if yaml.Unmarshal(part, &document) != nil || len(document.Content) != 1 || document.Content[0].Kind != yaml.MappingNode {
		return nil
	}
	return document.Content[0]
}

// split cuts a document between top-level entries into at most n parts of about
// the same length. It returns none where it sees more than one document.
func split(data []byte, n int) [][]byte {
	n = min(n, len(data)/smallestPart)
	var parts [][]byte
	start, at := 0, 0
	for line := range bytes.Lines(data) {
		switch c := line[0]; {
		case c == '-' || c == '.' || c == '%':
			return nil
		case (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') && len(parts) < n-1 && at-start >= len(data)/n:
			parts = append(parts, data[start:at])
			start = at
		}
		at += len(line)
	}
	return append(parts, data[start:])
}

// shift moves a node and all below it down by some lines.
func shift(node *yaml.Node, lines int) {
	node.Line += lines
	for _, child := range node.Content {
		shift(child, lines)
	}
}
