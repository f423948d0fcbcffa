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

// A targetsFile is a parsed targets file.
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

// A setting is the value of an option, with its line.
type setting struct {
	text string
	line int
}

type settings map[string]setting

// over returns the defaults, overridden by s.
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

// complete reports whether a required option of a target is missing.
func (s settings) complete(line int) error {
	for _, need := range []struct{ name, or string }{{"endpoint", "region"}, {name: "project-id"}, {"graph-id", "absent-graph-id"}} {
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

// readTargets parses a targets file, without interpreting the options.
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

// The name is also that of a folder, which is next to the files of the matrix.
var targetName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,99}$`)

var takenNames = regexp.MustCompile(`^matrix\.(html|json|md)$`)

// notOnWindows matches the names that no folder has there: those of devices, with any extension, and
// those that end with a dot. Results are copied from one machine to another.
var notOnWindows = regexp.MustCompile(`^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)|\.$`)

// readSettings reads the options of a mapping. The name of a target is stored in its
// entry, which is nil for the defaults.
func readSettings(node *yaml.Node, entry *targetEntry) (settings, error) {
	var known []string
	if entry != nil {
		known = append(known, "name")
	}
	for _, o := range Options {
		if o.For != Unstated { // the targets share a contract, which states its requirements
			known = append(known, o.Name)
		}
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
			return nil, yamlfile.At(line, "output: is for the whole run, and has a folder for each target; set --output")
		case err != nil:
			return nil, err
		case m.Value.Style == 0 && hasSwallowed(text):
			return nil, yamlfile.At(line, "%s: expected a value on one line; the next line has no space after its colon", name)
		case name != "name":
			said[name] = setting{text, line}
		case !targetName.MatchString(text) || takenNames.MatchString(text):
			return nil, yamlfile.At(line, "name: expected at most 100 of a to z, 0 to 9, '.', '_' and '-', beginning with a letter or a digit, got %.40q", text)
		case notOnWindows.MatchString(text):
			return nil, yamlfile.At(line, "name: expected the name of a folder on any system, got %q, which Windows does not allow", text)
		default:
			entry.name, entry.line = text, line
		}
	}
	return said, nil
}

// hasSwallowed reports whether a value continues with a secret on the next line, such
// as `token:x`, which lacks the space. An error that shows the value would show it.
func hasSwallowed(text string) bool {
	return slices.ContainsFunc(Options, func(o *Option) bool { return o.Secret && o.For != Unstated && strings.Contains(text, o.Name+":") })
}
