package scenario

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// maxFile and maxDepth bound what is read of a file.
const (
	maxFile  = 1 << 20
	maxDepth = 32
)

//go:embed scenario.schema.json
var schemaJSON []byte

// Schema returns the JSON Schema (draft 2020-12) that scenario files keep to.
func Schema() []byte { return slices.Clone(schemaJSON) }

// Load reads the scenario file at path. An error names the file, the line and
// what was expected there.
func Load(path string) (*Scenario, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("load scenario: %w", err)
	}
	defer file.Close() // it was only read
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("load scenario: %w", err)
	}
	return Parse(path, data)
}

// Parse reads a scenario from YAML, of which JSON is a part; name stands for it
// in errors.
func Parse(name string, data []byte) (*Scenario, error) {
	s, err := parse(data)
	if err == nil {
		return s, nil
	}
	var f *fault
	if errors.As(err, &f) {
		return nil, fmt.Errorf("load scenario: %s:%d: %s", name, f.line, f.reason)
	}
	return nil, fmt.Errorf("load scenario: %s: %w", name, err)
}

func parse(data []byte) (*Scenario, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("expected at most %d bytes, got more", maxFile)
	}
	root, err := readNode(data)
	if err != nil {
		return nil, err
	}
	if err := keepsToSchema(root); err != nil {
		return nil, err
	}
	s := &Scenario{}
	if err := root.Decode(s); err != nil {
		return nil, yamlFault(err)
	}
	if err := s.check(); err != nil {
		var p *misplaced
		if errors.As(err, &p) {
			return nil, &fault{lineAt(root, p.path), p.reason}
		}
		return nil, err
	}
	return s, nil
}

// A fault is something wrong at a line of the file.
type fault struct {
	line   int
	reason string
}

func (f *fault) Error() string { return fmt.Sprintf("line %d: %s", f.line, f.reason) }

// readNode reads the one YAML document of data.
func readNode(data []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, &fault{1, "expected a scenario, got nothing"}
		}
		return nil, yamlFault(err)
	}
	var second yaml.Node
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		line := 1
		if err == nil {
			line = second.Line
		}
		return nil, &fault{line, "expected one document, got another after it"}
	}
	if len(document.Content) != 1 {
		return nil, &fault{1, "expected a scenario, got nothing"}
	}
	return document.Content[0], nil
}

// yamlFault gives an error of the YAML library the form of a fault.
func yamlFault(err error) error {
	reason := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "yaml: "), "unmarshal errors:\n  ")
	reason, _, _ = strings.Cut(reason, "\n")
	line := 1
	if rest, ok := strings.CutPrefix(reason, "line "); ok {
		digits, after, _ := strings.Cut(rest, ": ")
		if n, err := strconv.Atoi(digits); err == nil {
			line, reason = n, after
		}
	}
	return &fault{line, reason}
}

var compiled = sync.OnceValues(func() (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaJSON))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.RegisterFormat(&jsonschema.Format{Name: "duration-go", Validate: validDuration})
	compiler.AssertFormat()
	if err := compiler.AddResource("scenario.schema.json", document); err != nil {
		return nil, err
	}
	return compiler.Compile("scenario.schema.json")
})

func validDuration(v any) error {
	text, ok := v.(string)
	if !ok {
		return nil // the type is another keyword's to judge
	}
	if _, err := time.ParseDuration(text); err != nil {
		return errors.New("expected a duration such as 1.5s or 30m")
	}
	return nil
}

// keepsToSchema returns the first fault that the schema finds, in the order of
// the lines.
func keepsToSchema(root *yaml.Node) error {
	value, err := plain(root, 0)
	if err != nil {
		return err
	}
	schema, err := compiled()
	if err != nil {
		return fmt.Errorf("compile the schema of scenarios: %w", err)
	}
	var invalid *jsonschema.ValidationError
	if err := schema.Validate(value); !errors.As(err, &invalid) {
		return err
	}
	var first *fault
	for _, leaf := range leaves(invalid) {
		f := describe(root, leaf)
		if first == nil || f.line < first.line {
			first = f
		}
	}
	return first
}

// leaves are the causes that have no cause themselves.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var all []*jsonschema.ValidationError
	for _, cause := range e.Causes {
		all = append(all, leaves(cause)...)
	}
	return all
}

var english = message.NewPrinter(language.English)

func describe(root *yaml.Node, e *jsonschema.ValidationError) *fault {
	path := e.InstanceLocation
	reason := e.ErrorKind.LocalizedString(english)
	if extra, ok := e.ErrorKind.(*kind.AdditionalProperties); ok {
		path = append(slices.Clone(path), extra.Properties[0])
		reason = fmt.Sprintf("unknown key %q, expected one that the schema names", extra.Properties[0])
	}
	where := strings.Join(e.InstanceLocation, ".")
	if where != "" {
		reason = where + ": " + reason
	}
	return &fault{lineAt(root, path), reason}
}

// plain makes what the schema is asked about of a node. Anchors and merge keys
// are refused: a scenario says what it says where it says it.
func plain(node *yaml.Node, depth int) (any, error) {
	if depth > maxDepth {
		return nil, &fault{node.Line, fmt.Sprintf("expected at most %d levels, got more", maxDepth)}
	}
	if node.Anchor != "" || node.Kind == yaml.AliasNode {
		return nil, &fault{node.Line, "expected no anchors or aliases"}
	}
	switch node.Kind {
	case yaml.MappingNode:
		object := make(map[string]any, len(node.Content)/2)
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i]
			if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
				return nil, &fault{key.Line, "expected a plain key"}
			}
			if _, twice := object[key.Value]; twice {
				return nil, &fault{key.Line, fmt.Sprintf("%q stands there twice", key.Value)}
			}
			value, err := plain(node.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			object[key.Value] = value
		}
		return object, nil
	case yaml.SequenceNode:
		list := make([]any, 0, len(node.Content))
		for _, item := range node.Content {
			value, err := plain(item, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	default:
		return scalar(node)
	}
}

// scalar reads a value with the types of JSON.
func scalar(node *yaml.Node) (any, error) {
	switch node.Tag {
	case "!!null":
		return nil, nil
	case "!!bool":
		var b bool
		if err := node.Decode(&b); err != nil {
			return nil, yamlFault(err)
		}
		return b, nil
	case "!!int", "!!float":
		if !json.Valid([]byte(node.Value)) {
			return nil, &fault{node.Line, fmt.Sprintf("expected a number as JSON writes it, got %q", node.Value)}
		}
		return json.Number(node.Value), nil
	case "!!str":
		return node.Value, nil
	default:
		return nil, &fault{node.Line, fmt.Sprintf("expected a text, a number, true or false, got %q", node.Value)}
	}
}

// lineAt is the line of what stands at a path, or of its nearest parent.
func lineAt(node *yaml.Node, path []string) int {
	line := node.Line
	for _, step := range path {
		next := (*yaml.Node)(nil)
		switch node.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(node.Content); i += 2 {
				if node.Content[i].Value == step {
					line, next = node.Content[i].Line, node.Content[i+1]
				}
			}
		case yaml.SequenceNode:
			if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(node.Content) {
				line, next = node.Content[i].Line, node.Content[i]
			}
		default:
		}
		if next == nil {
			return line
		}
		node = next
	}
	return line
}
