package scenario

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// maxDepth bounds how deep a file may be nested.
const maxDepth = 32

// Load reads the scenario file at path. An error names the file, the line and
// what was expected there.
func Load(path string) (*Scenario, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("load scenario: %w", err)
	}
	defer file.Close() // it was only read
	data, err := io.ReadAll(io.LimitReader(file, yamlfile.MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("load scenario: %w", err)
	}
	return Parse(path, data)
}

// Parse reads a scenario from YAML, or from JSON, which is read as YAML and so must
// not write a character as two escapes, \ud83d\ude00. name stands for the file in
// errors, which never show a password, a token or an access key's secret.
func Parse(name string, data []byte) (*Scenario, error) {
	s, err := parse(data)
	if err == nil {
		return s, nil
	}
	var f *yamlfile.Fault
	if errors.As(err, &f) {
		return nil, fmt.Errorf("load scenario: %s:%d: %s", name, f.Line, f.Reason)
	}
	return nil, fmt.Errorf("load scenario: %s: %w", name, err)
}

func parse(data []byte) (*Scenario, error) {
	root, err := yamlfile.Read(data, "a scenario")
	if err != nil {
		return nil, err
	}
	if err := validate(root); err != nil {
		return nil, err
	}
	s := &Scenario{}
	if err := root.Decode(s); err != nil {
		return nil, yamlfile.FaultOf(err, data)
	}
	if m := s.check(); m != nil {
		key, _ := find(root, m.path)
		return nil, yamlfile.At(key.Line, "%s", m.Error())
	}
	return s, nil
}
