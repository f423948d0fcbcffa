package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/suggest"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

// A targetsFile is a targets file as it was written.
type targetsFile struct {
	defaults settings
	targets  []targetEntry
}

// A targetEntry is one item of the list of targets.
type targetEntry struct {
	name     string
	line     int
	settings settings
}

// A setting is what a file says of an option, with its line.
type setting struct {
	text string
	line int
}

type settings map[string]setting

// over returns the defaults with what is said here in their place.
func (s settings) over(defaults settings) settings {
	all := maps.Clone(defaults)
	for _, group := range exclusive {
		if slices.ContainsFunc(group, func(name string) bool { _, said := s[name]; return said }) {
			for _, name := range group {
				delete(all, name)
			}
		}
	}
	if all == nil {
		all = settings{}
	}
	maps.Copy(all, s)
	return all
}

// complete makes sure that a target says what it is.
func (s settings) complete(line int) error {
	for _, need := range []struct{ name, or string }{{"endpoint", "region"}, {name: "project-id"}, {name: "graph-id"}} {
		if _, said := s[need.name]; said {
			continue
		}
		if _, said := s[need.or]; !said {
			keys := fmt.Sprintf("the key %q", need.name)
			if need.or != "" {
				keys += fmt.Sprintf(" or %q", need.or)
			}
			return yamlfile.At(line, "expected %s, got none", keys)
		}
	}
	return nil
}

// readTargets reads a targets file, and looks at nothing but its form.
func readTargets(data []byte) (*targetsFile, error) {
	root, err := yamlfile.Read(data, "targets")
	if err != nil {
		return nil, err
	}
	file := &targetsFile{}
	top, err := members(root, []string{"defaults", "targets"})
	if err != nil {
		return nil, err
	}
	for _, m := range top {
		if m.key.Value == "defaults" {
			file.defaults, err = readSettings(m.value, optionNames(), nil)
		} else {
			file.targets, err = readEntries(m)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(file.targets) == 0 {
		return nil, yamlfile.At(root.Line, "targets: expected a list with at least one target, got none")
	}
	return file, nil
}

// readEntries reads the list of targets.
func readEntries(list member) ([]targetEntry, error) {
	if err := isPlain(list.value); err != nil {
		return nil, err
	}
	if list.value.Kind != yaml.SequenceNode {
		return nil, yamlfile.At(list.key.Line, "targets: expected a list of targets, got %s", kindOf(list.value))
	}
	entries := make([]targetEntry, 0, len(list.value.Content))
	for _, node := range list.value.Content {
		entry := targetEntry{line: node.Line}
		var err error
		if entry.settings, err = readSettings(node, append([]string{"name"}, optionNames()...), &entry); err != nil {
			return nil, err
		}
		if entry.name == "" {
			return nil, yamlfile.At(node.Line, `expected the key "name", got none`)
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// A name becomes a folder, beside the files of the matrix.
var targetName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,99}$`)

var takenNames = regexp.MustCompile(`^matrix\.(html|json|md)$`)

// readSettings reads the options of a mapping; the name of a target goes to its
// entry.
func readSettings(node *yaml.Node, known []string, entry *targetEntry) (settings, error) {
	all, err := members(node, known)
	if err != nil {
		return nil, err
	}
	said := settings{}
	for _, m := range all {
		name, line := m.key.Value, m.key.Line
		text, err := m.text()
		switch {
		case err != nil:
			return nil, err
		case name != "name":
			said[name] = setting{text, line}
		case !targetName.MatchString(text) || takenNames.MatchString(text):
			return nil, yamlfile.At(line, "name: expected letters a to z, digits, '.', '_' and '-', at most 100, a letter or a digit first, as it becomes a folder, got %.40q", text)
		default:
			entry.name, entry.line = text, line
		}
	}
	return said, nil
}

// A member is an entry of a mapping.
type member struct{ key, value *yaml.Node }

// members reads a mapping whose keys are known, each at most once.
func members(node *yaml.Node, known []string) ([]member, error) {
	if err := isPlain(node); err != nil {
		return nil, err
	}
	if node.Kind != yaml.MappingNode {
		return nil, yamlfile.At(node.Line, "expected a mapping with the keys %s, got %s", fewOf(known), kindOf(node))
	}
	var all []member
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		m := member{node.Content[i], node.Content[i+1]}
		switch key := m.key.Value; {
		case isPlain(m.key) != nil || m.key.Kind != yaml.ScalarNode || m.key.Tag == "!!merge":
			return nil, yamlfile.At(m.key.Line, "expected a plain key")
		case key == "output":
			return nil, yamlfile.At(m.key.Line, "output: stands for the whole run, and each target gets a folder in it; give --output")
		case !slices.Contains(known, key):
			return nil, yamlfile.At(m.key.Line, "unknown key %s%s", shownKey(m), suggest.DidYouMean(key, known, "expected "+fewOf(known)))
		case seen[key]:
			return nil, yamlfile.At(m.key.Line, "the key %q stands there twice", key)
		}
		seen[m.key.Value] = true
		all = append(all, m)
	}
	return all, nil
}

// shownKey quotes a key for an error. One without a value may be the rest of a
// secret with a comma in it, {token: one,two}, and is not shown.
func shownKey(m member) string {
	if m.value.Tag == "!!null" {
		return "without a value"
	}
	return fmt.Sprintf("%.40q", m.key.Value)
}

// isPlain refuses what YAML has and JSON does not.
func isPlain(node *yaml.Node) error {
	switch {
	case node.Anchor != "" || node.Kind == yaml.AliasNode:
		return yamlfile.At(node.Line, yamlfile.NoAliases)
	case node.Style&yaml.TaggedStyle != 0:
		return yamlfile.At(node.Line, "expected no tag")
	}
	return nil
}

// text is the value as it stands in the file: an id of digits is no number.
func (m *member) text() (string, error) {
	if err := isPlain(m.value); err != nil {
		return "", err
	}
	switch v := m.value; {
	case v.Kind != yaml.ScalarNode || v.Tag == "!!null" || v.Value == "":
		return "", yamlfile.At(m.key.Line, "%s: expected a value, got %s", m.key.Value, kindOf(v))
	case v.Style == 0 && hasSwallowed(v.Value):
		return "", yamlfile.At(m.key.Line, "%s: expected a value in one line; after the colon of the next there is no blank", m.key.Value)
	default:
		return v.Value, nil
	}
}

// hasSwallowed reports whether a value goes on with the line after it, such as
// `token:x` for want of a blank. Whatever shows the value would show the secret.
func hasSwallowed(text string) bool {
	return slices.ContainsFunc(Options, func(o *Option) bool { return o.Secret && strings.Contains(text, o.Name+":") })
}

func kindOf(node *yaml.Node) string {
	switch {
	case node.Kind == yaml.MappingNode:
		return "a mapping"
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case node.Tag == "!!null" || node.Value == "":
		return "nothing"
	default:
		return "text"
	}
}

// fewOf lists a few keys for an error.
func fewOf(keys []string) string {
	const few = 4
	if len(keys) <= few {
		return strings.Join(keys, ", ")
	}
	return strings.Join(keys[:few], ", ") + " …"
}

// optionNames are the keys that a targets file may have.
func optionNames() []string {
	var names []string
	for _, o := range Options {
		if o.Name != "output" {
			names = append(names, o.Name)
		}
	}
	return names
}
