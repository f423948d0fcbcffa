package scenario

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/suggest"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

// sentence says what was expected and what was found, but never shows a secret.
func (v *violation) sentence() string {
	switch k := v.kind.(type) {
	case *kind.AdditionalProperties:
		return v.unknownKey()
	case *kind.Required:
		return fmt.Sprintf("expected the key %q, got none", k.Missing[0])
	case *kind.UniqueItems:
		return fmt.Sprintf("expected unique entries%s twice", butGot(v.value, v.path))
	case *kind.MinItems, *kind.MaxItems:
		return fmt.Sprintf("expected %s, got %d", v.sizes("Items", "entries"), len(v.value.Content))
	case *kind.MinLength, *kind.MaxLength:
		got := ""
		if !isSecret(v.path) {
			got = fmt.Sprintf(", got %d", utf8.RuneCountInString(v.value.Value))
		}
		return fmt.Sprintf("expected %s%s", v.sizes("Length", "characters"), got)
	case *kind.Enum:
		return v.outsideEnum(k)
	case *kind.Format:
		// The validator checks the format before the pattern. Of the values that match
		// the pattern, only durations that are too long do not have the format.
		if matched, _ := regexp.MatchString(v.schema["pattern"].(string), v.value.Value); matched {
			return "expected a duration below 292 years" + butGot(v.value, v.path)
		}
	case *kind.Type:
		return v.ofOtherType(k)
	}
	return "expected " + v.expected() + butGot(v.value, v.path)
}

// expected says in words what the schema expects.
func (v *violation) expected() string {
	if words, ok := v.schema["patternErrorMessage"].(string); ok {
		return words
	}
	switch t := v.schema["type"]; t {
	case "object":
		return "a mapping"
	case "array":
		return "a list"
	case "string":
		return "text"
	case "boolean":
		return "true or false"
	case "integer":
		return "a whole number" + v.limits()
	case "number":
		return "a number" + v.limits()
	default:
		return fmt.Sprintf("what the schema says about %s", strings.Join(v.kind.KeywordPath(), "."))
	}
}

// limits says the bounds of a number in words. Every number in the schema has an upper
// bound.
func (v *violation) limits() string {
	if least, ok := v.schema["minimum"]; ok {
		return fmt.Sprintf(" from %v to %v", least, v.schema["maximum"])
	}
	return fmt.Sprintf(" of more than %v and at most %v", v.schema["exclusiveMinimum"], v.schema["maximum"])
}

// sizes says the keywords minX and maxX, where X is size, in words. Each minX in the
// schema has a maxX.
func (v *violation) sizes(size, unit string) string {
	most := v.schema["max"+size]
	if least, ok := v.schema["min"+size]; ok {
		return fmt.Sprintf("%v to %v %s", least, most, unit)
	}
	return fmt.Sprintf("at most %v %s", most, unit)
}

func (v *violation) unknownKey() string {
	known := slices.Sorted(maps.Keys(v.schema["properties"].(map[string]any)))
	if v.value.Tag == "!!null" {
		return fmt.Sprintf("unknown key without a value, expected %s", printable.AnyOf(known))
	}
	key := shortened(v.key.Value)
	return fmt.Sprintf("unknown key %q, expected %s%s", key, printable.AnyOf(known), didYouMean(key, known))
}

func (v *violation) outsideEnum(k *kind.Enum) string {
	values := make([]string, len(k.Want))
	for i, value := range k.Want {
		values[i] = fmt.Sprint(value)
	}
	text := "expected " + printable.AnyOf(values) + butGot(v.value, v.path)
	if len(values) > 3 && v.value.Kind == yaml.ScalarNode && v.value.Value != "" {
		text += didYouMean(shortened(v.value.Value), values)
	}
	return text
}

func (v *violation) ofOtherType(k *kind.Type) string {
	expected := "expected " + v.expected()
	switch {
	case v.value.Kind != yaml.ScalarNode, v.value.Tag == "!!null":
		return expected + butGot(v.value, v.path)
	case slices.Contains(k.Want, "object"), slices.Contains(k.Want, "array"):
		// The value may be a line without a space after the colon (`password:x`).
		return expected + ", got " + yamlfile.KindOf(v.value)
	case !slices.Contains(k.Want, "string"):
		return expected + butGot(v.value, v.path)
	case isSecret(v.path):
		return expected + " in quotes"
	default: // a version such as 2.2, which YAML takes for a number
		return expected + butGot(v.value, v.path) + " without quotes"
	}
}

// butGot returns the end of a sentence that quotes the value at a path; "" for a secret.
func butGot(node *yaml.Node, path []string) string {
	switch {
	case node.Kind == yaml.MappingNode:
		return ", got a mapping"
	case node.Kind == yaml.SequenceNode:
		return ", got a list"
	case node.Tag == "!!null":
		return ", got nothing"
	case isSecret(path), mayHoldSecret(node.Value):
		return ""
	case node.Tag == "!!int", node.Tag == "!!float", node.Tag == "!!bool":
		return ", got " + shortened(node.Value)
	default:
		return ", got " + strconv.Quote(shortened(node.Value))
	}
}

// mayHoldSecret reports whether a text may contain another line of the file with a secret,
// because the space is missing in `password:x`.
func mayHoldSecret(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "password") || strings.Contains(text, "secret") || strings.Contains(text, "token") || strings.Contains(text, "value:")
}

// didYouMean returns the end of a sentence that suggests the value most similar to name,
// if one is similar.
func didYouMean(name string, values []string) string {
	near := suggest.Nearest(name, values)
	if near == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", near)
}

// shortened cuts a long value to 60 characters and an ellipsis.
func shortened(value string) string {
	const most = 60
	if utf8.RuneCountInString(value) <= most {
		return value
	}
	return string([]rune(value)[:most]) + "…"
}
