package yamlfile

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"
)

// Decode fills the struct that into points to from a mapping, by the `yaml` tags of its
// fields. A field may be a struct, pointer, slice, string, number, bool, duration, map with
// string keys, or a yaml.Node, which is left to the caller. An unknown key is a fault, and
// so is a value of another kind; a field whose key is missing is unchanged. A string may be
// any scalar, since an id may consist of digits. A slice whose type has a method MayBeAlone may be
// a scalar, for a list of one.
func Decode(node *yaml.Node, into any) error { return decode(node, reflect.ValueOf(into).Elem()) }

var (
	nodeType     = reflect.TypeFor[yaml.Node]()
	durationType = reflect.TypeFor[time.Duration]()
	aloneType    = reflect.TypeFor[interface{ MayBeAlone() }]()
)

func decode(node *yaml.Node, into reflect.Value) error {
	node = behindAlias(node)
	switch t := into.Type(); {
	case t == nodeType:
		into.Set(reflect.ValueOf(*node))
		return nil
	case t == durationType:
		d, err := time.ParseDuration(node.Value)
		if err != nil || node.Kind != yaml.ScalarNode {
			return At(node.Line, "expected a duration such as 1m30s, got %s", KindOf(node))
		}
		into.SetInt(int64(d))
		return nil
	case t.Kind() == reflect.Pointer:
		into.Set(reflect.New(t.Elem()))
		return decode(node, into.Elem())
	case t.Kind() == reflect.Struct:
		return decodeStruct(node, into)
	case t.Kind() == reflect.Slice && node.Kind == yaml.ScalarNode && t.Implements(aloneType):
		into.Set(reflect.MakeSlice(t, 1, 1))
		return decode(node, into.Index(0))
	case t.Kind() == reflect.Slice:
		return decodeList(node, into)
	case t.Kind() == reflect.Map:
		return decodeMap(node, into)
	default:
		return decodeScalar(node, into)
	}
}

func decodeStruct(node *yaml.Node, into reflect.Value) error {
	keys := keysOf(into.Type())
	members, err := Members(node, keys.names)
	if err != nil {
		return err
	}
	for _, m := range members {
		field := into.Field(keys.fields[slices.Index(keys.names, m.Key.Value)])
		if err := decode(m.Value, field); err != nil {
			return Under(m.Key.Value, err)
		}
	}
	return nil
}

// Under prefixes an error with the key of the value, unless it names an unknown key.
func Under(key string, err error) error {
	var f *Fault
	if errors.As(err, &f) && !strings.HasPrefix(f.Reason, "unknown key") {
		f.Reason = key + ": " + f.Reason
	}
	return err
}

func decodeList(node *yaml.Node, into reflect.Value) error {
	if node.Kind != yaml.SequenceNode {
		return At(node.Line, "expected a list, got %s", KindOf(node))
	}
	into.Set(reflect.MakeSlice(into.Type(), len(node.Content), len(node.Content)))
	for i, item := range node.Content {
		if err := decode(item, into.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// decodeMap decodes a mapping with arbitrary keys.
func decodeMap(node *yaml.Node, into reflect.Value) error {
	if node.Kind != yaml.MappingNode {
		return At(node.Line, "expected a mapping, got %s", KindOf(node))
	}
	into.Set(reflect.MakeMap(into.Type()))
	for i := 0; i+1 < len(node.Content); i += 2 {
		value := reflect.New(into.Type().Elem()).Elem()
		if err := decode(node.Content[i+1], value); err != nil {
			return err
		}
		into.SetMapIndex(reflect.ValueOf(node.Content[i].Value), value)
	}
	return nil
}

func decodeScalar(node *yaml.Node, into reflect.Value) error {
	var expected string
	tag := node.ShortTag()
	switch into.Kind() {
	case reflect.String:
		if expected = "text"; node.Kind == yaml.ScalarNode && tag != "!!null" {
			into.SetString(node.Value)
			return nil
		}
	case reflect.Bool:
		if expected = "true or false"; tag == "!!bool" {
			into.SetBool(strings.EqualFold(node.Value, "true"))
			return nil
		}
	case reflect.Int, reflect.Int64:
		expected = "a whole number"
		if n, ok := wholeNumber(node.Value); ok && (tag == "!!int" || tag == "!!float") {
			into.SetInt(n)
			return nil
		}
	case reflect.Float64:
		expected = "a number"
		if n, err := strconv.ParseFloat(node.Value, 64); err == nil && (tag == "!!int" || tag == "!!float") {
			into.SetFloat(n)
			return nil
		}
	default:
		panic(fmt.Sprintf("yamlfile: a field of type %s", into.Type())) // an error in the program
	}
	return At(node.Line, "expected %s, got %s", expected, KindOf(node))
}

// wholeNumber reads a number that JSON Schema takes for an integer: 1e3 is one.
func wholeNumber(text string) (int64, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	return int64(f), err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53
}

// structKeys are the keys of a struct, with the indices of their fields.
type structKeys struct {
	names  []string
	fields []int
}

var keysOfTypes sync.Map // by type: a document has hundreds of values of one type, and reflection is slow

func keysOf(t reflect.Type) structKeys {
	if known, ok := keysOfTypes.Load(t); ok {
		return known.(structKeys)
	}
	var k structKeys
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name != "" && name != "-" {
			k.names = append(k.names, name)
			k.fields = append(k.fields, i)
		}
	}
	keysOfTypes.Store(t, k)
	return k
}
