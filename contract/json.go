package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/gesconform/gesconform/internal/jsonpointer"
)

const (
	// maxDepth is how deeply arrays and objects may be nested before it counts as a
	// problem.
	maxDepth = 100
	// readDepth is the nesting at which reading stops. Each level costs stack: this
	// many cost about 4 MB.
	readDepth = 10000
	// manyMembers is the number of members from which a map finds duplicates faster
	// than a comparison with each.
	manyMembers = 16
)

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

// A Value is a JSON value as it was written in a body.
type Value struct {
	Kind    Kind
	Bool    bool
	Text    string   // the string, or the number as it was written
	Items   []*Value // of an array
	Members []Member // of an object, in order, duplicates included

	repeats bool // whether a name is repeated
}

// A Member is a name of an object with its value.
type Member struct {
	Name  string
	Value *Value
}

// Member returns the value of the member with the given name, or nil. Of duplicates,
// it is the last, as in most decoders. v may be nil.
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

// At returns the value that a JSON pointer (RFC 6901) leads to, or nil. v may be nil.
func (v *Value) At(pointer string) *Value {
	for _, token := range jsonpointer.Tokens(pointer) {
		if v == nil || v.Kind != KindArray {
			v = v.Member(token)
			continue
		}
		i, err := strconv.Atoi(token)
		if err != nil || i < 0 || i >= len(v.Items) {
			return nil
		}
		v = v.Items[i]
	}
	return v
}

// isBooleanText reports whether v is a string that says true or false, in any letter
// case.
func (v *Value) isBooleanText() bool {
	return v.Kind == KindString && (strings.EqualFold(v.Text, "true") || strings.EqualFold(v.Text, "false"))
}

// String returns the text of a string, and "" for any other value or nil.
func (v *Value) String() string {
	if v == nil || v.Kind != KindString {
		return ""
	}
	return v.Text
}

// distinct lists the members without those that a later one of the same name
// overrides.
func (v *Value) distinct() []Member {
	if !v.repeats {
		return v.Members
	}
	last := make(map[string]*Value, len(v.Members))
	for _, m := range v.Members {
		last[m.Name] = m.Value
	}
	return slices.DeleteFunc(slices.Clone(v.Members), func(m Member) bool { return last[m.Name] != m.Value })
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// ReadJSON reads a body as one JSON value (RFC 8259). The problems it returns have the
// keywords syntax, trailing (something follows the value), utf16 (or UTF-32), utf8,
// duplicate (member names), depth (more than 100 levels) and byte-order-mark. If no value
// could be read, the value is nil and one of the problems is syntax; that includes values
// nested 10,000 levels deep.
func ReadJSON(body []byte) (*Value, []Problem) {
	r := jsonReader{}
	v := r.read(body)
	return v, r.problems
}

// read returns the value, or nil if there is none, and keeps the problems.
func (r *jsonReader) read(body []byte) *Value {
	if encoding, text := wideText(body); encoding != "" {
		r.add("utf16", "the body is %s, expected UTF-8", encoding)
		body = text
	} else if rest, found := bytes.CutPrefix(body, byteOrderMark); found {
		r.add("byte-order-mark", "the body begins with a byte order mark")
		body = rest
	}
	if !utf8.Valid(body) {
		r.add("utf8", "the body has bytes that are not UTF-8")
	}
	r.dec = jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	v, err := r.value()
	r.path = r.path[:0]
	switch {
	case err == nil:
		if _, err = r.dec.ReadToken(); !errors.Is(err, io.EOF) {
			r.add("trailing", "something follows the JSON value at byte %d", r.dec.InputOffset())
		}
		return v
	case errors.Is(err, errTooDeep):
		r.add("syntax", "more than %d levels of nesting; the rest was not read", readDepth)
	default:
		r.add("syntax", "%s", syntaxReason(err))
	}
	return nil
}

var errTooDeep = errors.New("too deep to read")

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
	problemList
	dec     *jsontext.Decoder
	deep    bool
	outline *outline // of a value that is not kept whole; nil for one that is
}

func (r *jsonReader) value() (*Value, error) {
	token, err := r.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	if kind := token.Kind(); kind != '[' && kind != '{' && r.outline.drops() {
		return dropped, nil
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
	}
	if depth := r.dec.StackDepth(); depth > maxDepth {
		if !r.deep {
			r.deep = true
			r.problems = append(r.problems, Problem{In: InBody, Keyword: "depth", Message: fmt.Sprintf("more than %d levels of nesting", maxDepth)})
		}
		if depth >= readDepth {
			return nil, errTooDeep
		}
	}
	if token.Kind() == '[' {
		return r.array()
	}
	return r.object()
}

func (r *jsonReader) array() (*Value, error) {
	v := &Value{Kind: KindArray}
	for r.dec.PeekKind() != ']' {
		r.path.push("", len(v.Items))
		r.outline.next("")
		item, err := r.value()
		if err != nil {
			return nil, err
		}
		r.path.pop()
		if r.outline.keepsItem() {
			v.Items = append(v.Items, item)
		}
	}
	_, err := r.dec.ReadToken()
	return v, err
}

func (r *jsonReader) object() (*Value, error) {
	v := &Value{Kind: KindObject}
	seen := r.outline.names()
	for r.dec.PeekKind() != '}' {
		token, err := r.dec.ReadToken()
		if err != nil {
			return nil, err
		}
		name := token.String()
		r.path.push(name, -1)
		if len(v.Members) == manyMembers && seen == nil {
			seen = make(map[string]bool, 2*manyMembers)
			for _, m := range v.Members {
				seen[m.Name] = true
			}
		}
		if seen[name] || seen == nil && v.Member(name) != nil {
			v.repeats = true
			r.add("duplicate", "the member appears twice")
		}
		if seen != nil {
			seen[name] = true
		}
		r.outline.next(name)
		member, err := r.value()
		if err != nil {
			return nil, err
		}
		r.path.pop()
		if r.outline.keepsMember(v, name) {
			v.Members = append(v.Members, Member{name, member})
		}
	}
	_, err := r.dec.ReadToken()
	return v, err
}

// A path leads from a JSON value down to one of its parts. It is only made a JSON
// pointer if there is a problem to report.
type path []step

type step struct {
	name  string
	index int // of an item; -1 for a member
}

func (p *path) push(name string, index int) { *p = append(*p, step{name, index}) }

func (p *path) pop() { *p = (*p)[:len(*p)-1] }

// pointer writes the path as a JSON pointer. Steps below maxDepth are left out and long
// names are cut, because the sender of the body chooses both.
func (p path) pointer() string {
	if len(p) == 0 {
		return ""
	}
	var b []byte
	for _, s := range p[:min(len(p), maxDepth)] {
		b = append(b, '/')
		if s.index >= 0 {
			b = strconv.AppendInt(b, int64(s.index), 10)
			continue
		}
		b = append(b, jsonpointer.Escape(cut(s.name))...)
	}
	return string(b)
}

// cut shortens a text from a body to at most 200 bytes and an ellipsis.
func cut(name string) string {
	const most = 200
	if len(name) <= most {
		return name
	}
	end := most
	for end > 0 && !utf8.RuneStart(name[end]) {
		end--
	}
	return name[:end] + "…"
}

// A problemList collects the problems of a body. It keeps the first hundred of each
// keyword, because the sender of the body chooses how many there are.
type problemList struct {
	path     path
	problems []Problem
	count    map[string]int
}

func (l *problemList) add(keyword, format string, args ...any) {
	l.append(keyword, "", false, format, args...)
}

// mostAlike is how many problems of a keyword a list has.
const mostAlike = 100

// hasRoom counts a problem, and reports whether it is to be added. Few lists are so long that there is something
// to count.
func (l *problemList) hasRoom(keyword string) bool {
	if len(l.problems) < mostAlike {
		return true
	}
	if l.count == nil {
		l.count = map[string]int{}
		for i := range l.problems {
			l.count[l.problems[i].Keyword]++
		}
	}
	l.count[keyword]++
	return l.count[keyword] <= mostAlike
}

func (l *problemList) append(keyword, clause string, advice bool, format string, args ...any) {
	if !l.hasRoom(keyword) {
		return
	}
	l.problems = append(l.problems, Problem{
		In: InBody, Pointer: l.path.pointer(), Keyword: keyword, Message: fmt.Sprintf(format, args...), Clause: clause, onlyAdvice: advice,
	})
}
