package contract

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"strings"
	"unicode/utf8"
)

// mediaTypeOf returns the media type that a Content-Type names, without parameters, in lower case; "" if it
// names none.
func mediaTypeOf(contentType string) string {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return ""
	}
	return mediaType
}

// matchOf returns the entry of content that is for a Content-Type: the one that names it, or else the
// closest range (text/*, */*). Parameters are ignored, unless several entries differ by nothing else. It is nil if there
// is none.
func matchOf(content []*MediaType, contentType string) *MediaType {
	for _, m := range content {
		if m.Name == contentType {
			return m // the usual case, quickly
		}
	}
	got := mediaTypeOf(contentType)
	if got == "" {
		return nil
	}
	class, _, _ := strings.Cut(got, "/")
	var best *MediaType
	rank := 0
	for _, m := range content {
		name := mediaTypeOf(m.Name)
		r := 0
		switch {
		case strings.EqualFold(m.Name, contentType):
			r = 4
		case name == got:
			r = 3
		case name == class+"/*":
			r = 2
		case name == "*/*":
			r = 1
		}
		if r > rank {
			best, rank = m, r
		}
	}
	return best
}

// isJSON reports whether a Content-Type says that a body is JSON.
func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true // the usual case, quickly
	}
	return (&MediaType{Name: contentType}).IsJSON()
}

const (
	formType      = "application/x-www-form-urlencoded"
	multipartType = "multipart/form-data"
)

// Decode reads a body that has the media type, whose Content-Type is given, as the value that its schema is about: JSON, a
// form, a multipart form or a text. It is nil if the body is of another type, of which only the type is known, or cannot
// be read. The problems are those of the form; the value may have others.
func (m *MediaType) Decode(contentType string, body []byte) (*Value, []Problem) {
	got := mediaTypeOf(contentType)
	switch {
	case isJSON(contentType):
		return ReadJSON(body)
	case got == formType:
		return m.decodeForm(body)
	case got == multipartType:
		return m.decodeMultipart(contentType, body)
	case strings.HasPrefix(got, "text/") && m.Schema != nil && m.Schema.takesShape(KindString) && utf8.Valid(body):
		return m.Schema.read(string(body)), nil
	}
	return nil, nil
}

// decodeForm reads name=value&name=value.
func (m *MediaType) decodeForm(body []byte) (*Value, []Problem) {
	var d problemList
	v := &Value{Kind: KindObject}
	var tree formTree
	for pair := range strings.SplitSeq(string(body), "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		key, errName := url.QueryUnescape(name)
		text, errValue := url.QueryUnescape(value)
		if errName != nil || errValue != nil {
			d.add("syntax", "expected escapes of two hexadecimal digits")
			continue
		}
		keys, ok := bracketed(key)
		if m.Schema.names(key) || !ok {
			keys = []string{key}
		}
		tree.add(keys, text)
	}
	for _, name := range tree.names {
		d.path.push(name, -1)
		v.add(name, d.formMember(m, &tree, name))
		d.path.pop()
	}
	m.gather(v)
	return v, d.problems
}

// formMember reads a member of a form.
func (l *problemList) formMember(m *MediaType, tree *formTree, name string) *Value {
	branch, s, part := tree.branches[name], m.Schema.member(name), m.Parts[name]
	if part == nil {
		part = &Part{Style: StyleForm, Explode: true}
	}
	if len(branch.names) == 0 && isJSON(part.ContentType) {
		v, problems := ReadJSON([]byte(branch.values[0]))
		if v == nil {
			l.add("syntax", "%s", problems[0].Message)
			v = &Value{Kind: KindString, Text: branch.values[0]}
		}
		return v
	}
	return l.tree(branch, s, part.Style, part.Explode)
}

// gather moves the members of objects that a form has beside its own, as the style form writes them with explode, to where
// they belong: those that the schema of an object names, and that of the form does not.
func (m *MediaType) gather(form *Value) {
	if m.Schema == nil {
		return
	}
	for _, p := range m.Schema.Properties {
		if p.Schema == nil || form.Member(p.Name) != nil || !p.Schema.takesShape(KindObject) {
			continue
		}
		object := &Value{Kind: KindObject}
		kept := form.Members[:0:0]
		for _, member := range form.Members {
			if m.Schema.names(member.Name) || !p.Schema.names(member.Name) {
				kept = append(kept, member)
				continue
			}
			if member.Value.Kind == KindString {
				member.Value = p.Schema.member(member.Name).read(member.Value.Text)
			}
			object.add(member.Name, member.Value)
		}
		if len(object.Members) > 0 {
			kept = append(kept, Member{p.Name, object})
			form.Members = kept
		}
	}
}

// decodeMultipart reads the parts of a body (RFC 7578).
func (m *MediaType) decodeMultipart(contentType string, body []byte) (*Value, []Problem) {
	var d problemList
	_, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || parameters["boundary"] == "" {
		d.add("syntax", "expected a boundary in the Content-Type")
		return nil, d.problems
	}
	v, arrays := &Value{Kind: KindObject}, map[string]*Value{}
	r := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
	for {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return v, d.problems
		}
		var content []byte
		if err == nil {
			content, err = io.ReadAll(part)
		}
		if err != nil {
			d.add("syntax", "the parts of the body cannot be read")
			return nil, d.problems
		}
		name := part.FormName()
		d.path.push(name, -1)
		d.part(m, v, arrays, name, part.Header, content)
		d.path.pop()
	}
}

// part adds a part of a multipart body to the form. Those of one name are the items of an array.
func (l *problemList) part(m *MediaType, form *Value, arrays map[string]*Value, name string, header textproto.MIMEHeader, content []byte) {
	s := m.Schema.member(name)
	l.checkPart(m.Parts[name], header)
	switch array := s.takesShape(KindArray); {
	case array && arrays[name] != nil:
		v := arrays[name]
		v.Items = append(v.Items, l.partValue(s.item(len(v.Items)), header, content))
	case array:
		v := l.partValue(s, header, content)
		if v.Kind != KindArray {
			v = &Value{Kind: KindArray, Items: []*Value{l.partValue(s.item(0), header, content)}}
		}
		arrays[name] = v
		form.add(name, v)
	default:
		if form.Member(name) != nil {
			l.add("repeated", "expected the part once")
		}
		form.add(name, l.partValue(s, header, content))
	}
}

// partValue reads a part: as JSON if it says that it is, or if an object is expected, and else as text.
func (l *problemList) partValue(s *Schema, header textproto.MIMEHeader, content []byte) *Value {
	text := &Value{Kind: KindString, Text: string(content)}
	says := isJSON(header.Get("Content-Type"))
	if says || s.takesShape(KindObject) || s.takesShape(KindArray) {
		v, problems := ReadJSON(content)
		switch {
		case v != nil && len(problems) == 0 && (says || v.Kind == KindObject || v.Kind == KindArray):
			return v
		case says:
			l.add("syntax", "the part is not JSON, though its Content-Type says so")
			return text
		}
	}
	if s.takesShape(KindString) {
		return s.read(text.Text)
	}
	return text
}

// checkPart checks the header of a part.
func (l *problemList) checkPart(p *Part, header textproto.MIMEHeader) {
	if p == nil {
		return
	}
	if got := header.Get("Content-Type"); got != "" && p.ContentType != "" {
		var content []*MediaType
		for name := range strings.SplitSeq(p.ContentType, ",") {
			content = append(content, &MediaType{Name: strings.TrimSpace(name)})
		}
		if matchOf(content, got) == nil {
			l.add("content", "expected a part of type %s, got %q", p.ContentType, got)
		}
	}
	for _, h := range p.Headers {
		if h.Required && header.Get(h.Name) == "" {
			l.add("required", "expected the header %s in the part", h.Name)
		}
	}
}
