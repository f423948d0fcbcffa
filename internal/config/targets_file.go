package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

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
	root, err := yamlfile.Strict.Read(data, "targets")
	if err != nil {
		return nil, err
	}
	file := &targetsFile{}
	top, err := yamlfile.Members(root, []string{"defaults", "targets"})
	if err != nil {
		return nil, err
	}
	for _, m := range top {
		if m.Key.Value == "defaults" {
			file.defaults, err = readSettings(m.Value, nil)
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
func readEntries(list yamlfile.Member) ([]targetEntry, error) {
	if list.Value.Kind != yaml.SequenceNode {
		return nil, yamlfile.At(list.Key.Line, "targets: expected a list of targets, got %s", yamlfile.KindOf(list.Value))
	}
	entries := make([]targetEntry, 0, len(list.Value.Content))
	for _, node := range list.Value.Content {
		entry := targetEntry{line: node.Line}
		var err error
		if entry.settings, err = readSettings(node, &entry); err != nil {
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

// readSettings reads the options of a mapping. The name of a target goes to its
// entry; the defaults have none.
func readSettings(node *yaml.Node, entry *targetEntry) (settings, error) {
	var known []string
	if entry != nil {
		known = append(known, "name")
	}
	for _, o := range Options {
		known = append(known, o.Name)
	}
	all, err := yamlfile.Members(node, known)
	if err != nil {
		return nil, err
	}
	said := settings{}
	for _, m := range all {
		name, line := m.Key.Value, m.Key.Line
		text, err := m.Text()
		switch {
		case name == "output":
			return nil, yamlfile.At(line, "output: stands for the whole run, and each target gets a folder in it; give --output")
		case err != nil:
			return nil, err
		case m.Value.Style == 0 && hasSwallowed(text):
			return nil, yamlfile.At(line, "%s: expected a value in one line; after the colon of the next there is no blank", name)
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

// hasSwallowed reports whether a value goes on with the line after it, such as
// `token:x` for want of a blank. Whatever shows the value would show the secret.
func hasSwallowed(text string) bool {
	return slices.ContainsFunc(Options, func(o *Option) bool { return o.Secret && strings.Contains(text, o.Name+":") })
}
