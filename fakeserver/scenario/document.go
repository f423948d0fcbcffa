package scenario

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// read reads a file as YAML, restricted to what JSON can express, and returns the YAML
// nodes and the JSON value to validate.
func read(data []byte) (root *yaml.Node, value any, err error) {
	if root, err = yamlfile.Strict.Read(data, "a scenario"); err != nil {
		return nil, nil, located(err)
	}
	value, err = yamlfile.JSON(root)
	var f *yamlfile.Fault
	if errors.As(err, &f) {
		_, number, _ := yamlfile.Find(root, f.Path...)
		f.Reason += butGot(number, f.Path)
	}
	return root, value, located(err)
}

// located puts the path of a fault before its reason.
func located(err error) error {
	var f *yamlfile.Fault
	if errors.As(err, &f) {
		f.Reason = withPath(f.Path, f.Reason)
	}
	return err
}

// withPath puts the path that an error is about before its reason. The path is cut before
// the first unknown key, because a secret may have become a key by mistake.
func withPath(path []string, reason string) string {
	for i, step := range path {
		if !isIndex(step) && !schemaKeys()[step] {
			path = path[:i]
			break
		}
	}
	if len(path) == 0 {
		return reason
	}
	return strings.Join(path, ".") + ": " + reason
}
