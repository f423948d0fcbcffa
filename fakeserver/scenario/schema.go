package scenario

import (
	"bytes"
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

//go:embed scenario.schema.json
var schemaJSON []byte

// Schema returns a copy of the JSON Schema (draft 2020-12) of scenario files.
func Schema() []byte { return slices.Clone(schemaJSON) }

// schemaDocument returns the schema as decoded JSON.
var schemaDocument = sync.OnceValue(func() map[string]any {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaJSON))
	if err != nil {
		panic(fmt.Sprintf("scenario: %v", err)) // cannot happen: the schema is embedded
	}
	return document.(map[string]any)
})

var compiled = sync.OnceValue(func() *jsonschema.Schema {
	compiler := jsonschema.NewCompiler()
	compiler.RegisterFormat(&jsonschema.Format{Name: "duration-go", Validate: validDuration})
	compiler.AssertFormat()
	id := schemaDocument()["$id"].(string)
	if err := compiler.AddResource(id, schemaDocument()); err != nil {
		panic(fmt.Sprintf("scenario: %v", err)) // cannot happen: the schema is embedded
	}
	return compiler.MustCompile(id)
})

func validDuration(v any) error {
	text, ok := v.(string)
	if !ok {
		return nil // the keyword type checks that
	}
	_, err := time.ParseDuration(text)
	return err
}

// schemaKeys returns all keys that the objects of a scenario can have.
var schemaKeys = sync.OnceValue(func() map[string]bool {
	keys := map[string]bool{}
	var walk func(schema any)
	walk = func(schema any) {
		object, _ := schema.(map[string]any)
		properties, _ := object["properties"].(map[string]any)
		for name := range properties {
			keys[name] = true
		}
		for _, below := range object {
			walk(below)
		}
	}
	walk(schemaDocument())
	return keys
})

func isIndex(step string) bool {
	_, err := strconv.Atoi(step)
	return err == nil
}

// isSecret reports whether the value at a path must not be shown in errors. That includes
// the values of unknown keys, because one may be a misspelt `password`.
func isSecret(path []string) bool {
	last := ""
	for _, step := range path {
		if isIndex(step) {
			continue
		}
		switch last = step; {
		case step == "password", step == "value", step == "secret", step == "security-token", !schemaKeys()[step]:
			return true
		}
	}
	return last == "tokens" || last == "access-keys"
}

// A violation is a value of the file that a keyword of the schema does not allow.
type violation struct {
	path   []string
	key    *yaml.Node // whose line the error gives
	value  *yaml.Node
	schema map[string]any // the subschema that has the keyword
	kind   jsonschema.ErrorKind
}

// validate validates the JSON value of a file. The error is about the first violation, by
// line.
func validate(root *yaml.Node, value any) error {
	var invalid *jsonschema.ValidationError
	if err := compiled().Validate(value); !errors.As(err, &invalid) {
		return err
	}
	first := slices.MinFunc(violations(root, invalid), (*violation).compare)
	return yamlfile.At(first.key.Line, "%s", withPath(first.path, first.sentence()))
}

// violations returns the innermost causes of an error.
func violations(root *yaml.Node, e *jsonschema.ValidationError) (all []*violation) {
	for _, cause := range e.Causes {
		all = append(all, violations(root, cause)...)
	}
	if len(e.Causes) == 0 {
		all = append(all, locate(root, e))
	}
	return all
}

// locate finds the place in the file that an error is about.
func locate(root *yaml.Node, e *jsonschema.ValidationError) *violation {
	v := &violation{path: e.InstanceLocation, schema: schemaAt(e.SchemaURL), kind: e.ErrorKind}
	if same, ok := e.ErrorKind.(*kind.UniqueItems); ok {
		v.path = append(slices.Clone(v.path), strconv.Itoa(max(same.Duplicates[0], same.Duplicates[1])))
	}
	v.key, v.value, _ = yamlfile.Find(root, v.path...)
	if _, ok := e.ErrorKind.(*kind.AdditionalProperties); ok {
		v.key, v.value = firstUnknown(v.value, v.schema)
	}
	return v
}

// schemaAt returns the subschema at the JSON pointer in the fragment of a URL.
func schemaAt(address string) map[string]any {
	_, pointer, _ := strings.Cut(address, "#")
	at := schemaDocument()
	for _, step := range strings.Split(pointer, "/")[1:] {
		at, _ = at[step].(map[string]any)
	}
	return at
}

// firstUnknown returns the first key of a mapping that its schema does not have.
func firstUnknown(mapping *yaml.Node, schema map[string]any) (key, value *yaml.Node) {
	properties := schema["properties"].(map[string]any)
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if _, known := properties[mapping.Content[i].Value]; !known {
			return mapping.Content[i], mapping.Content[i+1]
		}
	}
	return mapping, mapping // cannot happen: the validator has found one
}

// compare orders violations by line. Missing keys come last, because an unknown key may be
// a misspelling of the missing one and says more.
func (v *violation) compare(w *violation) int {
	return cmp.Or(
		cmp.Compare(v.rank(), w.rank()),
		cmp.Compare(v.key.Line, w.key.Line),
		cmp.Compare(v.key.Column, w.key.Column),
		strings.Compare(fmt.Sprintf("%T", v.kind), fmt.Sprintf("%T", w.kind)),
	)
}

func (v *violation) rank() int {
	if _, missing := v.kind.(*kind.Required); missing {
		return 1
	}
	return 0
}
