package values

import (
	"bytes"
	"fmt"
	"mime"
	"mime/multipart"
	"net/textproto"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

const (
	formType      = "application/x-www-form-urlencoded"
	multipartType = "multipart/form-data"
	jsonType      = "application/json"
	bytesType     = "application/octet-stream"
)

// Body writes a value as a body of a media type, and returns it with its Content-Type. boundary
// separates the parts of a multipart body; it is 1 to 70 letters and digits (RFC 2046, section 5.1.1).
// The error says why the value has no such form, or that bodies of the media type are not written.
func Body(m *contract.MediaType, v any, boundary string) (body []byte, contentType string, err error) {
	name := m.Name
	base, _, err := mime.ParseMediaType(name)
	if err != nil {
		base = name
	}
	switch {
	case writesJSON(m):
		if !m.IsJSON() {
			name = jsonType
		}
		body, err = jsonText(v)
	case base == formType:
		body, err = formBody(m, v)
	case base == multipartType:
		name = multipartType + "; boundary=" + boundary
		body, err = multipartBody(m, v, boundary)
	case isText(base):
		name = strings.Replace(name, "text/*", "text/plain", 1)
		var text string
		text, err = scalarText(v)
		body = []byte(text)
	case isBinary(m.Schema):
		text, _ := v.(string)
		name = strings.Replace(name, "*", "octet-stream", 1)
		body = []byte(text)
	default:
		err = fmt.Errorf("bodies of this type are not written")
	}
	if err != nil {
		return nil, "", fmt.Errorf("write body %s: %w", m.Name, err)
	}
	return body, name, nil
}

// writesJSON reports whether a body of the media type is written as JSON: if it is JSON, or may be.
func writesJSON(m *contract.MediaType) bool {
	return m.IsJSON() || m.Name == "*/*" || m.Name == "application/*"
}

func isText(base string) bool { return base == "text/plain" || base == "text/*" }

// isBinary reports whether a schema is that of bytes: a string of format binary, or no schema at all.
func isBinary(s *contract.Schema) bool {
	return s == nil || s.Type == contract.KindString && (s.Format == "binary" || s.Format == "")
}

// formBody writes the members of an object as a form (the URL standard's application/x-www-form-urlencoded).
func formBody(m *contract.MediaType, v any) ([]byte, error) {
	object, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("expected an object, got %s", kindOf(v))
	}
	w := writer{escape: escapeForm}
	var all []Pair
	for _, name := range sortedKeys(object) {
		pairs, err := w.member(m.Parts[name], name, object[name])
		if err != nil {
			return nil, fmt.Errorf("member %s: %w", name, err)
		}
		all = append(all, pairs...)
	}
	return []byte(Joined(all)), nil
}

func escapeForm(text string) string { return strings.ReplaceAll(escapeAll(text), "%20", "+") }

// member writes a member of a form. Without a style, objects are written as JSON (OpenAPI 3.0.4,
// section 4.8.15.1), arrays item by item.
func (w writer) member(p *contract.Part, name string, v any) ([]Pair, error) {
	if p == nil {
		p = &contract.Part{}
	}
	switch {
	case isWrittenAsJSON(p, v):
		text, err := jsonText(v)
		return []Pair{{w.escape(name), w.escape(string(text))}}, err
	case p.Style == "":
		return w.form(w.escape(name), v, true)
	}
	write := styles[p.Style]
	if write == nil {
		return nil, fmt.Errorf("unknown style %q", p.Style)
	}
	return write(w, w.escape(name), v, p.Explode)
}

// isWrittenAsJSON reports whether a member of a form is written as JSON: objects are, unless a
// style is given, and what is said to be JSON.
func isWrittenAsJSON(p *contract.Part, v any) bool {
	if p != nil && p.Style != "" {
		return false
	}
	_, isObject := v.(map[string]any)
	return isObject || p != nil && isJSONType(p.ContentType)
}

func isJSONType(name string) bool { return (&contract.MediaType{Name: name}).IsJSON() }

// multipartBody writes the members of an object as parts (RFC 7578), the items of an array as a part
// each.
func multipartBody(m *contract.MediaType, v any, boundary string) ([]byte, error) {
	object, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("expected an object, got %s", kindOf(v))
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.SetBoundary(boundary); err != nil {
		return nil, err
	}
	for _, name := range sortedKeys(object) {
		items, isArray := object[name].([]any)
		if !isArray {
			items = []any{object[name]}
		}
		for _, item := range items {
			if err := writePart(w, m, name, item); err != nil {
				return nil, fmt.Errorf("part %s: %w", name, err)
			}
		}
	}
	err := w.Close()
	return b.Bytes(), err
}

// quoted escapes the name of a part as browsers do (the HTML standard, section 4.10.22.8).
var quoted = strings.NewReplacer("\"", "%22", "\r", "%0D", "\n", "%0A")

func writePart(w *multipart.Writer, m *contract.MediaType, name string, v any) error {
	var given contract.Part
	if p := m.Parts[name]; p != nil {
		given = *p
	}
	contentType, _, _ := strings.Cut(given.ContentType, ",")
	if strings.Contains(contentType, "*") {
		contentType = ""
	}
	text, err := scalarText(v)
	_, isObject := v.(map[string]any)
	if isObject || isJSONType(contentType) {
		var j []byte
		if j, err = jsonText(v); err == nil && contentType == "" {
			contentType = jsonType
		}
		text = string(j)
	}
	if err != nil {
		return err
	}
	disposition := `form-data; name="` + quoted.Replace(name) + `"`
	if isFile(m.Schema, name) {
		disposition += `; filename="file.bin"`
		if contentType == "" {
			contentType = bytesType
		}
	}
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", disposition)
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	for _, h := range given.Headers {
		if value, err := partHeader(h); err == nil && value != "" {
			header.Set(h.Name, value)
		}
	}
	part, err := w.CreatePart(header)
	if err != nil {
		return err
	}
	_, err = part.Write([]byte(text))
	return err
}

// partHeader returns a valid value of a header that a part must have; "" if it may be left out.
func partHeader(h *contract.Parameter) (string, error) {
	if !h.Required {
		return "", nil
	}
	v, err := New(contract.Client).Plain(h.Schema, h.Example)
	if err != nil {
		return "", err
	}
	header := *h
	header.In = contract.InHeader
	pairs, err := Parameter(&header, v)
	if err != nil || len(pairs) == 0 {
		return "", err
	}
	return pairs[0].Value, nil
}

// isFile reports whether a member, or its items, are of format binary.
func isFile(s *contract.Schema, name string) bool {
	if s == nil {
		return false
	}
	of, _ := shapeOf(schemas{s}, nil).member(name)
	sh := shapeOf(of, nil)
	for _, p := range append(sh.parts, shapeOf(sh.item(0), nil).parts...) {
		if p.schema.Format == "binary" {
			return true
		}
	}
	return false
}
