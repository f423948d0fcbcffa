package yamlfile

import (
	"fmt"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// A checker finds what YAML has and JSON does not.
type checker struct {
	limits Limits
	values int
	merges bool // whether there is a merge key
}

// check checks the node at path and everything below it.
func (c *checker) check(node *yaml.Node, path []string) error {
	fault := func(at *yaml.Node, format string, args ...any) error {
		return &Fault{Line: at.Line, Path: slices.Clone(path), Reason: fmt.Sprintf(format, args...)}
	}
	c.values++
	switch {
	case len(path) > c.limits.Depth:
		return At(node.Line, "expected at most %d levels, got more", c.limits.Depth) // such a long path would not help
	case c.limits.Aliases && c.values > c.limits.Values:
		return At(node.Line, "expected at most %d values, aliases written out, got more", c.limits.Values)
	case c.limits.Aliases:
	case node.Anchor != "" || node.Kind == yaml.AliasNode:
		return fault(node, noAliases)
	case node.Style&yaml.TaggedStyle != 0:
		return fault(node, "expected no tag")
	}
	switch node.Kind {
	case yaml.AliasNode:
		return c.check(node.Alias, append(path, "")) // a recursive one reaches the maximum depth
	case yaml.SequenceNode:
		for i, item := range node.Content {
			if err := c.check(item, append(path, strconv.Itoa(i))); err != nil {
				return err
			}
		}
	case yaml.MappingNode:
		seen := make(map[string]bool, len(node.Content)/2)
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			switch {
			case !c.limits.Aliases && (key.Anchor != "" || key.Kind == yaml.AliasNode):
				return fault(key, noAliases)
			case !c.limits.Aliases && key.Style&yaml.TaggedStyle != 0:
				return fault(key, "expected no tag")
			case key.Kind != yaml.ScalarNode, key.Tag == mergeTag && !c.limits.Aliases:
				return fault(key, "expected a plain key")
			case key.Tag == mergeTag && mappings(value) == nil:
				return fault(key, "expected a mapping, or several, to merge, got %s", KindOf(value))
			case seen[key.Value]:
				return fault(key, "%s appears twice", Member{key, value}.name())
			}
			seen[key.Value] = true
			c.merges = c.merges || key.Tag == mergeTag
			if err := c.check(value, append(path, key.Value)); err != nil {
				return err
			}
		}
	default: // a scalar has nothing below it
	}
	return nil
}
