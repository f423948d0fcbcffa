package values

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// DeriveParameter is like Derive, for the values of a parameter. It leaves out values that have no form
// there, that many servers take for another, and those that break a keyword before they are written
// but not any more when they are read from the text, such as the number 1 for a string. A keyword of which
// nothing is left is a gap.
func (s *Source) DeriveParameter(p *contract.Parameter, o Options) Derived {
	d := s.Derive(p.Schema, o)
	if p.MediaType != "" {
		return d // it is JSON
	}
	return s.sendable(d, schemas{p.Schema}.known(), nil, func(v any) error {
		if err := inText(v, p.In, separators(p)); err != nil {
			return err
		}
		pairs, err := Parameter(p, v)
		if err == nil && len(pairs) == 0 {
			err = errNothing
		}
		return err
	})
}

// DeriveBody is like Derive, for the values of a body of a media type. What DeriveParameter leaves out, it
// leaves out in forms and plain text.
func (s *Source) DeriveBody(m *contract.MediaType, o Options) Derived {
	d := s.Derive(m.Schema, o)
	if m.IsJSON() {
		return d
	}
	return s.sendable(d, schemas{m.Schema}.known(), m, func(v any) error {
		if err := inForm(m, v); err != nil {
			return err
		}
		_, _, err := Body(m, v, "boundary")
		return err
	})
}

var errNothing = errors.New("nothing of it would be sent")

// sendable keeps the values that can be written, and still are what they were when they are read. form is
// nil for parameters.
func (s *Source) sendable(d Derived, all schemas, form *contract.MediaType, writable func(any) error) Derived {
	filter := func(list []Value) (left []Value, gaps []Reason) {
		kept, lost := map[string]bool{}, map[string]Reason{}
		for _, v := range list {
			err := writable(v.JSON)
			if err == nil {
				err = s.readAgain(all, form, v)
			}
			if err == nil {
				kept[v.Clause] = true
				left = append(left, v)
			} else if _, known := lost[v.Clause]; !known {
				lost[v.Clause] = Reason{Clause: v.Clause, Pointer: v.Pointer, Text: v.Name + ": " + err.Error()}
			}
		}
		for _, clause := range sortedKeys(lost) {
			if !kept[clause] {
				gaps = append(gaps, lost[clause])
			}
		}
		return left, gaps
	}
	valid, noneValid := filter(d.Valid)
	breaking, noneBreaking := filter(d.Breaking)
	return Derived{Valid: valid, Breaking: breaking, Gaps: slices.Concat(d.Gaps, noneValid, noneBreaking)}
}

// readAgain returns why a value is another one to who reads it from a text, where a number, a
// boolean and a string that looks like it are the same.
func (s *Source) readAgain(all schemas, form *contract.MediaType, v Value) error {
	read := asRead(all, v.JSON, form)
	problems := s.problems(all, read)
	switch {
	case v.Keyword == "" && len(problems) > 0:
		return fmt.Errorf("%s is not valid when it is read from text: %s", shown(v.JSON), problems[0].Message)
	case v.Keyword != "" && len(problems) == 0:
		return fmt.Errorf("%s is valid when it is read from text", shown(v.JSON))
	case v.Keyword != "" && !slices.ContainsFunc(problems, func(p contract.Problem) bool { return isKeyword(p, v.Keyword) || isFork(p, v.Pointer) }):
		return fmt.Errorf("%s breaks %s when it is read from text", shown(v.JSON), problems[0].Keyword)
	}
	return nil
}

// asRead returns what a value is to who reads it from text with the schemas in hand: a text that
// could be a number or a boolean is one if they allow it, and a string otherwise; something alone
// where an array is wanted is its item. Members of a form that are written as JSON stay what they are.
func asRead(all schemas, v any, form *contract.MediaType) any {
	sh := shapeOf(all, nil)
	switch kind := kindOf(v); kind {
	case contract.KindArray, contract.KindObject:
		if !slices.Contains(sh.kinds, kind) {
			return shown(v)
		}
	}
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = asRead(sh.item(i), v[i], nil)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name := range v {
			of, _ := sh.member(name)
			if form != nil && isReadAsJSON(form.Parts[name], of) {
				out[name] = v[name]
				continue
			}
			out[name] = asRead(of, v[name], nil)
		}
		return out
	}
	text, err := scalarText(v)
	if err != nil {
		return v
	}
	for _, part := range sh.parts { // in all branches
		for _, f := range []fork{{part.schema, false}, {part.schema, true}} {
			for _, branch := range f.branches() {
				if read := asRead(schemas{branch}, v, nil); kindOf(read) != contract.KindString {
					return read
				}
			}
		}
	}
	switch {
	case len(sh.kinds) > 0 && sh.kinds[0] == contract.KindArray:
		return []any{asRead(sh.item(0), v, nil)}
	case slices.Contains(sh.kinds, contract.KindNumber) && number(json.Number(text)) != nil && json.Valid([]byte(text)):
		return json.Number(text)
	case slices.Contains(sh.kinds, contract.KindBoolean) && (text == "true" || text == "false"):
		return text == "true"
	}
	return text
}

// isReadAsJSON reports whether a member of a form is JSON to who reads it.
func isReadAsJSON(p *contract.Part, of schemas) bool {
	if p != nil && (p.Style != "" || p.ContentType != "") {
		return p.Style == "" && isJSONType(p.ContentType)
	}
	kinds := shapeOf(of, nil).kinds
	return len(kinds) > 0 && kinds[0] == contract.KindObject
}

// separators are the characters by which the style of a parameter tells parts of a value. A text that has one
// may be read as several.
func separators(p *contract.Parameter) string {
	style := p.Style
	if style == "" {
		style = usualStyles[p.In]
	}
	switch {
	case style == contract.StyleSpaceDelimited && !p.Explode:
		return " "
	case style == contract.StylePipeDelimited && !p.Explode:
		return "|"
	case style == contract.StyleLabel:
		return ".,="
	case style == contract.StyleMatrix:
		return ";,="
	case style == contract.StyleForm && p.Explode, style == contract.StyleDeepObject, style == contract.StyleSpaceDelimited, style == contract.StylePipeDelimited:
		return ""
	}
	return ",="
}

// inText returns why a value is not sent in a part of a request.
func inText(v any, in contract.In, separators string) error {
	switch v := v.(type) {
	case []any:
		if len(v) == 0 {
			return errNothing
		}
		for _, item := range v {
			if err := inList(item, in, separators); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		if len(v) == 0 {
			return errNothing
		}
		for _, name := range sortedKeys(v) {
			if err := inList(v[name], in, separators); err != nil {
				return err
			}
		}
		return nil
	}
	text, err := scalarText(v)
	if err == nil && (separators == ".,=" || separators == ";,=") && strings.ContainsAny(text, separators) {
		err = fmt.Errorf("%s has a character by which the style tells parts", shown(v))
	}
	if err != nil {
		return err
	}
	return textIn(text, in)
}

func inList(v any, in contract.In, separators string) error {
	switch v.(type) {
	case []any, map[string]any:
		return inText(v, in, separators)
	}
	text, err := scalarText(v)
	switch {
	case err != nil:
		return err
	case strings.ContainsAny(text, separators):
		return fmt.Errorf("%s has a character by which the style tells parts", shown(v))
	case text == "" && separators != "":
		return fmt.Errorf("an empty item is often left out by who reads it")
	}
	return textIn(text, in)
}

const (
	// cookieText has the characters that a cookie may have without quotes (RFC 6265, section
	// 4.1.1) and that are not escaped.
	cookieText = unreserved
	controls   = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f"
)

// textIn returns why a text is not sent in a part of a request: servers, proxies and clients change it or
// take it for another there.
func textIn(text string, in contract.In) error {
	switch {
	case strings.ContainsRune(text, 0):
		return errors.New("a null byte is not sent")
	case in == contract.InPath && (text == "" || text == "." || text == ".."):
		return fmt.Errorf("the path segment %q leads elsewhere", text)
	case in == contract.InPath && strings.ContainsAny(text, `/\`):
		return errors.New("a slash in a path segment leads elsewhere")
	case in == contract.InHeader && text == "":
		return errors.New("an empty header is often taken for none")
	case in == contract.InHeader && strings.ContainsAny(text, controls):
		return errors.New("a header has no control characters (RFC 9110, section 5.5)")
	case in == contract.InHeader && strings.TrimSpace(text) != text:
		return errors.New("blanks around the value of a header are not part of it (RFC 9110, section 5.5)")
	case in == contract.InHeader && strings.ContainsFunc(text, func(r rune) bool { return r > '~' }):
		return errors.New("a header has ASCII only (RFC 9110, section 5.5)")
	case in == contract.InCookie && strings.Trim(text, cookieText) != "":
		return errors.New("characters that are escaped in a cookie are often not read back (RFC 6265, section 4.1.1)")
	}
	return nil
}

// inForm returns why a value is not sent in a form or as plain text.
func inForm(m *contract.MediaType, v any) error {
	object, isObject := v.(map[string]any)
	if !isObject {
		text, err := scalarText(v)
		if err != nil {
			return err
		}
		if text == "" {
			return errors.New("an empty body is often taken for none")
		}
		return textIn(text, contract.InBody)
	}
	if len(object) == 0 {
		return errNothing
	}
	for _, name := range sortedKeys(object) {
		p := m.Parts[name]
		if isWrittenAsJSON(p, object[name]) {
			continue
		}
		separators := ""
		if p != nil && p.Style != "" && !p.Explode && p.Style != contract.StyleDeepObject {
			separators = ","
		}
		if err := inText(object[name], contract.InBody, separators); err != nil {
			return fmt.Errorf("member %s: %w", name, err)
		}
	}
	return nil
}
