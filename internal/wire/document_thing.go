package wire

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/pathtemplate"
)

// A thing is what a path names up to its last parameter.
type thing struct {
	path  string // in one spelling; "" if the path has no parameter, or no operation has the path
	form  string // the template of path, with {} for each parameter
	id    string // the value of its last parameter
	last  *contract.Parameter
	whole bool   // whether the path names nothing below it
	known bool   // whether an operation has the path, whatever its method
	above *thing // what it belongs to: that of the parameter before; nil for none
}

// methods are those under which a path is looked for.
var methods = []string{
	http.MethodGet, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodPost, http.MethodHead, http.MethodOptions, http.MethodTrace,
}

// thingOf returns what an escaped path without a query names.
func (g *DocumentGate) thingOf(path string) thing {
	for _, method := range methods {
		if op, values, _ := g.contract.Find(method, path); op != nil {
			return thingIn(op, values, path)
		}
	}
	return thing{}
}

func thingIn(op *contract.Operation, values map[string]string, path string) thing {
	t := thing{known: true}
	template := segmentsOf(op.Path)
	actual := segmentsOf(path)
	canonical, form := "", ""
	for i, segment := range template {
		if segment == "" && i == len(template)-1 {
			break // a slash at the end names nothing more
		}
		plain, names := pathtemplate.Unnamed(segment)
		form += "/" + plain
		if i >= len(actual) {
			return thing{known: true}
		}
		canonical += "/" + url.PathEscape(unescaped(actual[i]))
		if len(names) == 0 {
			t.whole = false
			continue
		}
		if t.path != "" {
			above := t
			t.above = &above
		}
		name := names[len(names)-1]
		t.path, t.form, t.id, t.whole = canonical, form, values[name], true
		t.last = pathParameter(op, name)
	}
	return t
}

// pathParameter returns the parameter of an operation's path with a name; one without a schema if it
// is not described.
func pathParameter(op *contract.Operation, name string) *contract.Parameter {
	for _, p := range op.ParametersIn(contract.InPath) {
		if p.Name == name {
			return p
		}
	}
	return &contract.Parameter{Name: name, In: contract.InPath}
}

func segmentsOf(path string) []string { return strings.Split(strings.TrimPrefix(path, "/"), "/") }

// formUpTo returns the form of what a parameter of an operation's path names.
func formUpTo(op *contract.Operation, parameter string) string {
	form := ""
	for _, segment := range segmentsOf(strings.TrimSuffix(op.Path, "/")) {
		plain, names := pathtemplate.Unnamed(segment)
		form += "/" + plain
		if slices.Contains(names, parameter) {
			break
		}
	}
	return form
}

func unescaped(segment string) string {
	text, err := url.PathUnescape(segment)
	if err != nil {
		return segment
	}
	return text
}

// sibling returns the thing of the same kind with another id.
func (t thing) sibling(id string) thing {
	other := t
	before, last := t.path[:strings.LastIndex(t.path, "/")+1], t.path[strings.LastIndex(t.path, "/")+1:]
	other.path = before + strings.Replace(last, url.PathEscape(t.id), url.PathEscape(id), 1)
	other.id = id
	return other
}

// misleads reports whether a router may read a path's value as another segment, as none, or as more
// than one, however often it is escaped.
func misleads(value string) bool {
	for range 8 {
		head, _, cut := strings.Cut(value, ";")
		if value == "" || value == "." || value == ".." || cut && (head == "." || head == "..") || strings.ContainsAny(value, "/\\\x00") {
			return true
		}
		decoded := escape.ReplaceAllStringFunc(value, func(e string) string {
			b, _ := hex.DecodeString(e[1:]) // it is hexadecimal
			return string(b)
		})
		if decoded == value {
			return false
		}
		value = decoded
	}
	return true
}

// readings returns other ids that a lenient server could take the id of a thing for: without blanks and
// what follows a semicolon, and the number that it begins with.
func (t thing) readings() (others []string) {
	add := func(text string) {
		if text != "" && text != t.id && !slices.Contains(others, text) {
			others = append(others, text)
		}
	}
	plain := strings.TrimFunc(t.id, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	add(plain)
	head, _, _ := strings.Cut(plain, ";")
	add(head)
	if s := t.last.Schema; s != nil && s.Type == contract.KindString {
		return others
	}
	number := strings.TrimPrefix(head, "+")
	digits := number[:len(number)-len(strings.TrimLeft(number, "0123456789"))]
	if digits == "" {
		return others
	}
	add(digits)
	add(strings.TrimLeft(digits[:len(digits)-1], "0") + digits[len(digits)-1:])
	return others
}
