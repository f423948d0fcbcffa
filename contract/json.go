package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how many arrays and objects may stand in one another before a
// body counts as deeply nested.
const maxDepth = 100

// Kind is the kind of a JSON value, in the words of JSON Schema.
type Kind string

// The kinds.
const (
	KindNull    Kind = "null"
	KindBoolean Kind = "boolean"
	KindNumber  Kind = "number"
	KindString  Kind = "string"
	KindArray   Kind = "array"
	KindObject  Kind = "object"
)

// A Value is a JSON value as it stood in a body.
type Value struct {
	Kind    Kind
	Bool    bool
	Text    string   // the string, or the number as it was written
	Items   []*Value // of an array
	Members []Member // of an object, in order; doubled ones are all there
}

// A Member is a name and a value of an object.
type Member struct {
	Name  string
	Value *Value
}

// Member returns the last member with a name, as most decoders do, or nil.
func (v *Value) Member(name string) *Value {
	if v == nil {
		return nil
	}
	for i := len(v.Members) - 1; i >= 0; i-- {
		if v.Members[i].Name == name {
			return v.Members[i].Value
		}
	}
	return nil
}

// String returns the text of a string, and "" for all else.
func (v *Value) String() string {
	if v == nil || v.Kind != KindString {
		return ""
	}
	return v.Text
}

// number is the value of a number.
func (v *Value) number() float64 {
	f, _ := strconv.ParseFloat(v.Text, 64) // what does not fit is infinite, as in kin
	return f
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// ReadJSON reads a body as one JSON value (RFC 8259). What is wrong with its
// text comes back as problems: syntax, utf8, duplicate, depth and
// byte-order-mark. The value is nil where none could be read.
func ReadJSON(body []byte) (*Value, []Problem) {
	r := jsonReader{}
	if rest, found := bytes.CutPrefix(body, byteOrderMark); found {
		r.problem("", "byte-order-mark", "a byte order mark stands before the JSON")
		body = rest
	}
	if !utf8.Valid(body) {
		r.problem("", "utf8", "the body has bytes that are not UTF-8")
	}
	r.dec = jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	v, err := r.value("", 1)
	if err == nil {
		_, err = r.dec.ReadToken()
		if errors.Is(err, io.EOF) {
			return v, r.problems
		}
		r.problem("", "syntax", fmt.Sprintf("something follows the JSON value at byte %d", r.dec.InputOffset()))
		return v, r.problems
	}
	r.problem("", "syntax", syntaxReason(err))
	return nil, r.problems
}

// syntaxReason is the decoder's reason without its package name, and without
// the value, which may be a secret.
func syntaxReason(err error) string {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return "the JSON ends too early"
	}
	var se *jsontext.SyntacticError
	if errors.As(err, &se) {
		return fmt.Sprintf("the JSON is broken at byte %d", se.ByteOffset)
	}
	return "the JSON is broken"
}

type jsonReader struct {
	dec      *jsontext.Decoder
	problems []Problem
	deep     bool
}

func (r *jsonReader) problem(pointer, keyword, message string) {
	r.problems = append(r.problems, Problem{In: InBody, Pointer: pointer, Keyword: keyword, Message: message})
}

func (r *jsonReader) value(pointer string, depth int) (*Value, error) {
	if depth > maxDepth && !r.deep {
		r.deep = true
		r.problem("", "depth", fmt.Sprintf("more than %d values stand in one another", maxDepth))
	}
	token, err := r.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case 'n':
		return &Value{Kind: KindNull}, nil
	case 't', 'f':
		return &Value{Kind: KindBoolean, Bool: token.Bool()}, nil
	case '"':
		return &Value{Kind: KindString, Text: token.String()}, nil
	case '0':
		return &Value{Kind: KindNumber, Text: token.String()}, nil
	case '[':
		return r.array(pointer, depth)
	default:
		return r.object(pointer, depth)
	}
}

func (r *jsonReader) array(pointer string, depth int) (*Value, error) {
	v := &Value{Kind: KindArray}
	for r.dec.PeekKind() != ']' {
		item, err := r.value(r.at(pointer, strconv.Itoa(len(v.Items))), depth+1)
		if err != nil {
			return nil, err
		}
		v.Items = append(v.Items, item)
	}
	_, err := r.dec.ReadToken()
	return v, err
}

func (r *jsonReader) object(pointer string, depth int) (*Value, error) {
	v := &Value{Kind: KindObject}
	for r.dec.PeekKind() != '}' {
		token, err := r.dec.ReadToken()
		if err != nil {
			return nil, err
		}
		name := token.String()
		at := r.at(pointer, name)
		if v.Member(name) != nil {
			r.problem(at, "duplicate", "the member stands there twice")
		}
		member, err := r.value(at, depth+1)
		if err != nil {
			return nil, err
		}
		v.Members = append(v.Members, Member{name, member})
	}
	_, err := r.dec.ReadToken()
	return v, err
}

// at appends a token to a JSON pointer; beyond maxDepth pointers stay as they
// are, or their length would grow with the square of the depth.
func (r *jsonReader) at(pointer, token string) string {
	if r.deep {
		return pointer
	}
	if strings.ContainsAny(token, "~/") {
		token = escapePointer(token)
	}
	return pointer + "/" + token
}
