package values

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/jsonpointer"
)

// DeriveParameter is like Derive, for the values of a parameter. It leaves out values that have no form
// there, that many servers take for another, and those that break a keyword before they are written
// but not any more when they are read from the text, such as the number 1 for a string. A keyword of which
// nothing is left is a gap.
func (s *Source) DeriveParameter(p *contract.Parameter, o Options) Derived {
	return s.sendable(s.Derive(p.Schema, o), schemas{p.Schema}.known(), func(v any) (*contract.Value, error) { return sentAs(p, v) })
}

// Sendable returns why a value is not sent as a parameter: it has no form there, or many servers take it for another.
// It is nil for a value that is sent.
func Sendable(p *contract.Parameter, v any) error {
	_, err := sentAs(p, v)
	return err
}

// sentAs returns what is read of a value that is sent as a parameter.
func sentAs(p *contract.Parameter, v any) (*contract.Value, error) {
	if p.MediaType == "" {
		if err := inText(v, p.In, separators(p)); err != nil {
			return nil, err
		}
		if v == "" && p.AllowEmptyValue {
			return nil, errors.New("allowEmptyValue allows an empty text")
		}
	}
	pairs, err := Parameter(p, v)
	if err != nil {
		return nil, err
	}
	if len(pairs) == 0 {
		return nil, errNothing
	}
	return read(p.Decode(onWire(p, pairs)))
}

// onWire returns the part of a request that a parameter stands in.
func onWire(p *contract.Parameter, pairs []Pair) string {
	switch p.In {
	case contract.InQuery:
		return Joined(pairs)
	case contract.InCookie:
		return strings.ReplaceAll(Joined(pairs), "&", "; ")
	default:
		return pairs[0].Value
	}
}

// DeriveBody is like Derive, for the values of a body of a media type. What DeriveParameter leaves out, it
// leaves out in forms and plain text.
func (s *Source) DeriveBody(m *contract.MediaType, o Options) Derived {
	d := s.Derive(m.Schema, o)
	if writesJSON(m) {
		return d
	}
	return s.sendable(d, schemas{m.Schema}.known(), func(v any) (*contract.Value, error) { return postedAs(m, v) })
}

// postedAs returns what is read of a value that is sent as a body; nil if only its type can be known.
func postedAs(m *contract.MediaType, v any) (*contract.Value, error) {
	if err := inForm(m, v); err != nil {
		return nil, err
	}
	body, contentType, err := Body(m, v, "gesconform")
	if err != nil {
		return nil, err
	}
	got, problems := m.Decode(contentType, body)
	if got == nil && len(problems) == 0 {
		return nil, nil //nolint:nilnil // of bytes, only the type is known
	}
	return read(got, problems)
}

func read(v *contract.Value, problems []contract.Problem) (*contract.Value, error) {
	switch {
	case len(problems) > 0:
		return nil, fmt.Errorf("it cannot be read again: %s", problems[0].Message)
	case v == nil:
		return nil, errors.New("it cannot be read again")
	}
	return v, nil
}

// Why values are not sent, of whatever make they are.
var (
	errNothing = errors.New("it is empty, so that a request would not show it")
	errNoText  = errors.New("it has no form as a text")
	errTurns   = errors.New("who reads it as text takes it for another value")
)

// unsendable says why a value is left out.
func unsendable(v Value, err error) Reason {
	r := Reason{Clause: v.Clause, Pointer: v.Pointer, Name: v.Name, Text: err.Error()}
	for _, sort := range []error{errNothing, errNoText, errTurns} {
		if errors.Is(err, sort) {
			r.Text, r.Detail = sort.Error(), strings.ReplaceAll(err.Error(), sort.Error()+": ", "")
		}
	}
	if r.Detail == r.Text {
		r.Detail = ""
	}
	return r
}

// sendable keeps the values that can be written, and still are what they were when contract reads them. sent
// returns what it reads.
func (s *Source) sendable(d Derived, all schemas, sent func(any) (*contract.Value, error)) Derived {
	sh := shapeOf(all, nil)
	filter := func(list []Value) (left []Value, gaps []Reason) {
		kept, lost := map[string]bool{}, map[string]Reason{}
		for _, v := range list {
			if err := s.survives(all, sh, v, sent); err == nil {
				kept[v.Clause] = true
				left = append(left, v)
			} else if _, known := lost[v.Clause]; !known {
				lost[v.Clause] = unsendable(v, err)
			}
		}
		for _, clause := range sortedKeys(lost) {
			if !kept[clause] {
				gaps = append(gaps, lost[clause])
			}
		}
		return left, gaps
	}
	if len(d.Valid) > 0 {
		if err := s.survives(all, sh, d.Valid[0], sent); err != nil && !errors.Is(err, errNothing) {
			return Derived{Gaps: append(d.Gaps, Reason{Clause: d.Valid[0].Clause, Text: "the plain value cannot be sent", Detail: err.Error()})}
		}
	}
	valid, noneValid := filter(d.Valid)
	breaking, noneBreaking := filter(d.Breaking)
	return Derived{Valid: valid, Breaking: breaking, Gaps: slices.Concat(d.Gaps, noneValid, noneBreaking)}
}

// survives returns why a value is not the same any more when it was sent. Of an object, only the member is
// sent in which something is special, if it says all. sh is the shape of the schemas.
func (s *Source) survives(all schemas, sh *shape, v Value, sent func(any) (*contract.Value, error)) error {
	object, isObject := v.JSON.(map[string]any)
	name := firstToken(v.Pointer)
	member, has := object[name]
	of, alone := sh.member(name)
	if alone = alone && isObject && has && v.Pointer != "" && len(sh.forks) == 0 && !sh.tied; alone {
		v.JSON = map[string]any{name: member}
	} else {
		of = all
	}
	read, err := sent(v.JSON)
	switch {
	case err != nil:
		return err
	case read == nil && v.Keyword != "":
		return errors.New("who reads it knows only its media type")
	case read == nil:
		return nil
	case alone:
		if read = read.Member(name); read == nil {
			return errors.New("it cannot be read again")
		}
		v.Pointer = strings.TrimPrefix(v.Pointer, pointer("", name))
	}
	return s.readAgain(of, v, read)
}

// firstToken returns the first token of a JSON pointer; "" of that to the whole.
func firstToken(pointer string) string { return append(jsonpointer.Tokens(pointer), "")[0] }

// readAgain returns why a value is another one once it was written and read.
func (s *Source) readAgain(all schemas, v Value, read *contract.Value) error {
	problems := s.problemsOf(all, read)
	switch {
	case v.Keyword == "" && len(problems) > 0:
		return fmt.Errorf("%w: %s is not valid then: %s", errTurns, shown(v.JSON), problems[0].Message)
	case v.Keyword != "" && len(problems) == 0:
		return fmt.Errorf("%w: %s is valid then", errTurns, shown(v.JSON))
	}
	for _, p := range problems {
		if !(isKeyword(p, v.Keyword) && (p.Pointer == v.Pointer || v.Keyword == "discriminator")) && !isFork(p, v.Pointer) {
			return fmt.Errorf("%w: %s breaks %s at %q then", errTurns, shown(v.JSON), p.Keyword, p.Pointer)
		}
	}
	return nil
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
