package docfile

import (
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// readYAML reads a document with the strict reader of YAML files.
func readYAML(data []byte, what string) (*Node, *yaml.Node, error) {
	// No document without aliases has more values than bytes.
	limits := yamlfile.Limits{Bytes: MaxBytes, Depth: maxDepth, Aliases: true, Values: min(maxValues, max(500_000, len(data)))}
	y, err := limits.Read(data, what)
	if err != nil {
		return nil, nil, err
	}
	node := fromYAML(y)
	return &node, y, nil
}

// fromYAML turns a node of the YAML library into one of ours, with aliases written out.
func fromYAML(y *yaml.Node) Node {
	for y.Kind == yaml.AliasNode {
		y = y.Alias
	}
	n := Node{Line: int32(y.Line)}
	switch y.Kind {
	case yaml.MappingNode:
		n.Kind = Mapping
		members := make([]Member, len(y.Content)/2)
		for i := range members {
			key := y.Content[2*i]
			members[i] = Member{key.Value, int32(key.Line), fromYAML(y.Content[2*i+1])}
		}
		n.hold(members)
	case yaml.SequenceNode:
		n.Kind = List
		items := make([]Member, len(y.Content))
		for i, item := range y.Content {
			items[i] = Member{Value: fromYAML(item)}
			items[i].Line = items[i].Value.Line
		}
		n.hold(items)
	default:
		n.Kind, n.Text = scalar(y)
	}
	return n
}

// scalar returns what a YAML scalar is in JSON. A date is text, and so is a number that JSON
// cannot write.
func scalar(y *yaml.Node) (Kind, string) {
	switch y.ShortTag() {
	case "!!null":
		return Null, ""
	case "!!bool":
		return Bool, strings.ToLower(y.Value)
	case "!!int", "!!float":
		if json.Valid([]byte(y.Value)) {
			return Number, y.Value
		}
		var v any // hexadecimal, for one
		if err := y.Decode(&v); err != nil {
			return Text, y.Value
		}
		if text, err := json.Marshal(v); err == nil {
			return Number, string(text)
		}
	}
	return Text, y.Value
}

// asYAML turns a node into one of the YAML library.
func (n *Node) asYAML() *yaml.Node {
	y := &yaml.Node{Line: int(n.Line), Kind: yaml.ScalarNode, Value: n.Text}
	switch n.Kind {
	case Mapping:
		y.Kind, y.Tag = yaml.MappingNode, "!!map"
	case List:
		y.Kind, y.Tag = yaml.SequenceNode, "!!seq"
	case Text:
		y.Tag = "!!str"
	case Number:
		y.Tag = "!!float"
		if !strings.ContainsAny(n.Text, ".eE") {
			y.Tag = "!!int"
		}
	case Bool:
		y.Tag = "!!bool"
	case Null:
		y.Tag, y.Value = "!!null", "null"
	}
	for i := range n.members {
		if m := &n.members[i]; n.Kind == Mapping {
			y.Content = append(y.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: m.Name, Line: int(m.Line)}, m.Value.asYAML())
		} else {
			y.Content = append(y.Content, m.Value.asYAML())
		}
	}
	return y
}
