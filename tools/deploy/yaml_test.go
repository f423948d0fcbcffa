package main

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// decode decodes YAML into a value, and refuses unknown keys.
func decode(t *testing.T, path string, into any) {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(contents(t, path)))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
