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

// Schema returns the JSON Schema (draft 2020-12) that scenario files keep to.
func Schema() []byte { return slices.Clone(schemaJSON) }

// schemaDocument is the schema as read from JSON.
var schemaDocument = sync.OnceValue(func() map[string]any {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaJSON))
	if err != nil {
		panic(fmt.Sprintf("scenario: %v", err)) // the schema is part of the program
	}
	return document.(map[string]any)
})

var compiled = sync.OnceValue(func() *jsonschema.Schema {
	compiler := jsonschema.NewCompiler()
	compiler.RegisterFormat(&jsonschema.Format{Name: "duration-go", Validate: validDuration})
	compiler.AssertFormat()
	id := schemaDocument()["$id"].(string)
	if err := compiler.AddResource(id, schemaDocument()); err != nil {
		panic(fmt.Sprintf("scenario: %v", err)) // the schema is part of the program
	}
	return compiler.MustCompile(id)
})

func validDuration(v any) error {
	text, ok := v.(string)
	if !ok {
		return nil // the type is another keyword's to judge
	}
	_, err := time.ParseDuration(text)
	return err
}

// schemaKeys are the keys that some object of a scenario has.
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

// isSecret reports whether errors must not show the value at a path. An unknown key
// may be a misspelt `password`.
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
	key    *yaml.Node // whose line is named
	value  *yaml.Node
	schema map[string]any // the part that has the keyword
	kind   jsonschema.ErrorKind
}

// validate returns the first violation of the schema by a file and its JSON value, in
// the order of the lines.
func validate(root *yaml.Node, value any) error {
	var invalid *jsonschema.ValidationError
	if err := compiled().Validate(value); !errors.As(err, &invalid) {
		return err
	}
	first := slices.MinFunc(violations(root, invalid), (*violation).compare)
	return yamlfile.At(first.key.Line, "%s", withPath(first.path, first.sentence()))
}

// violations are the causes of an error that have no cause themselves.
func violations(root *yaml.Node, e *jsonschema.ValidationError) (all []*violation) {
	for _, cause := range e.Causes {
		all = append(all, violations(root, cause)...)
	}
	if len(e.Causes) == 0 {
		all = append(all, locate(root, e))
	}
	return all
}

// locate finds the place of an error in the file.
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

// schemaAt returns the part of the schema that an address with a JSON pointer
// leads to.
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
	return mapping, mapping // the schema says that there is one
}

// compare orders violations by their lines. A missing key comes last, since an
// unknown one may be its misspelling.
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
