package yamlfile

import "go.yaml.in/yaml/v3"

// mergeTag is that of the key << (https://yaml.org/type/merge.html).
const mergeTag = "!!merge"

// merge writes out the merge keys of a node and of everything below it: the mappings that such a key
// names add those of their entries whose keys the mapping itself does not have. A node that several
// aliases name is done once.
func merge(node *yaml.Node, done map[*yaml.Node]bool) {
	if done[node] {
		return
	}
	done[node] = true
	if node.Kind == yaml.AliasNode {
		merge(node.Alias, done)
		return
	}
	for _, below := range node.Content {
		merge(below, done)
	}
	if node.Kind != yaml.MappingNode {
		return
	}
	var own, merged []*yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		if key, value := node.Content[i], node.Content[i+1]; key.Tag == mergeTag {
			merged = append(merged, mappings(value)...)
		} else {
			own = append(own, key, value)
		}
	}
	if merged == nil {
		return
	}
	has := map[string]bool{}
	for i := 0; i < len(own); i += 2 {
		has[own[i].Value] = true
	}
	for _, from := range merged { // the first that has a key counts
		for i := 0; i+1 < len(from.Content); i += 2 {
			if key := from.Content[i]; !has[key.Value] {
				has[key.Value] = true
				own = append(own, key, from.Content[i+1])
			}
		}
	}
	node.Content = own
}

// mappings returns the mappings that the value of a merge key names, or nil if it names something else.
func mappings(value *yaml.Node) []*yaml.Node {
	value = behindAlias(value)
	if value.Kind == yaml.MappingNode {
		return []*yaml.Node{value}
	}
	var all []*yaml.Node
	for _, item := range value.Content {
		if item = behindAlias(item); value.Kind != yaml.SequenceNode || item.Kind != yaml.MappingNode {
			return nil
		}
		all = append(all, item)
	}
	return all
}
