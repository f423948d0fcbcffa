package scenario

import (
	"fmt"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// Load reads the scenario file at path, as [Parse] does. An error gives the file, the line
// and what was expected there.
func Load(path string) (*Scenario, error) {
	data, err := yamlfile.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load scenario: %w", err)
	}
	return Parse(path, data)
}

// Parse reads a scenario from YAML or JSON, at most 1 MiB. JSON is read as YAML, and so
// must not use surrogate pairs (\ud83d\ude00). name is the name of the file in errors,
// which never contain passwords, tokens or secret keys.
func Parse(name string, data []byte) (*Scenario, error) {
	s, err := parse(data)
	if err == nil {
		return s, nil
	}
	return nil, fmt.Errorf("load scenario: %w", yamlfile.InFile(name, err))
}

func parse(data []byte) (*Scenario, error) {
	root, value, err := read(data)
	if err != nil {
		return nil, err
	}
	if err := validate(root, value); err != nil {
		return nil, err
	}
	s := &Scenario{}
	if err := yamlfile.Decode(root, s); err != nil {
		return nil, err
	}
	if f := s.check(); f != nil {
		key, _, _ := yamlfile.Find(root, f.Path...)
		f.Line = key.Line
		return nil, located(f)
	}
	return s, nil
}
