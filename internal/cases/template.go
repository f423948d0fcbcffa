package cases

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/ges"
)

// A Template is a request with placeholders such as ${graph}.
type Template struct {
	Method  string   `json:"method"`
	Path    string   `json:"path"` // escaped
	Headers []Header `json:"headers,omitempty"`
	Body    Text     `json:"body,omitempty"`
	PadTo   int      `json:"pad_to,omitempty"`  // white space fills the body up to so many bytes
	Gzip    bool     `json:"gzip,omitempty"`    // the body is compressed
	Chunked bool     `json:"chunked,omitempty"` // the body is sent in chunks, without a Content-Length
}

// A Header is one header field; several may have the same name.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Text is a body, which need not be UTF-8. In JSON it is a string if it is UTF-8, otherwise
// {"base64": …}.
type Text string

// MarshalJSON implements json.Marshaler.
func (t Text) MarshalJSON() ([]byte, error) {
	if !utf8.ValidString(string(t)) {
		return json.Marshal(encodedText{[]byte(t)})
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(string(t))
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("{")) {
		var encoded encodedText
		err := json.Unmarshal(data, &encoded)
		*t = Text(encoded.Base64)
		return err
	}
	return json.Unmarshal(data, (*string)(t))
}

type encodedText struct {
	Base64 []byte `json:"base64"`
}

// The placeholders of a template.
const (
	ProjectPlaceholder        = "${project}"
	SimilarProjectPlaceholder = "${similar_project}" // the project id with its last character changed
	GraphPlaceholder          = "${graph}"
	JobPlaceholder            = "${job}"
	VersionPlaceholder        = ges.VersionPlaceholder
	WideVersionPlaceholder    = "${wide_version}"  // the version in UTF-16
	OlderVersionPlaceholder   = "${older_version}" // one that is older than the graph's
	OlderNumberPlaceholder    = "${older_number}"  // the first parts of the graph's as a number, which is not later
	TokenPlaceholder          = "${token}"
	TamperedTokenPlaceholder  = "${tampered_token}"
	ReadonlyTokenPlaceholder  = "${readonly_token}"
	ExpiredTokenPlaceholder   = "${expired_token}"
	DatePlaceholder           = "${date}" // the current time, as in a signed request

	// The token in another place than its header.
	PlacedTokenPlaceholder = "${placed_token}"
	// Close to the real ones.
	OtherCaseTokenPlaceholder = "${other_case_token}"
	LongerTokenPlaceholder    = "${longer_token}"
	ShorterTokenPlaceholder   = "${shorter_token}"
	LongerProjectPlaceholder  = "${longer_project}"
	ShorterProjectPlaceholder = "${shorter_project}"
	ShorterGraphPlaceholder   = "${shorter_graph}"
	UpperGraphPlaceholder     = "${upper_graph}"
	RealJobPlaceholder        = "${real_job}" // the id of a job of the graph
	ShorterJobPlaceholder     = "${shorter_job}"
)

// versionSpellings are placeholders for the version in spellings that are malformed, and that a
// lenient reader takes for it.
var versionSpellings = map[string]func(string) string{
	"${version_arabic}":     func(v string) string { return shifted(v, '٠') },
	"${version_comma}":      func(v string) string { return strings.ReplaceAll(v, ".", ",") },
	"${version_five_parts}": func(v string) string { return v + strings.Repeat(".0", max(4-strings.Count(v, "."), 0)) },
	"${version_full_width}": func(v string) string { return shifted(v, '０') },
	"${version_slash}":      func(v string) string { return strings.ReplaceAll(v, ".", "/") },
	"${version_underscore}": func(v string) string { return strings.ReplaceAll(v, ".", "_") },
	WideVersionPlaceholder:  UTF16,
}

// VersionValues returns the values of the placeholders for a version: the version, however it
// is spelled, and what is older than the graph's own.
func VersionValues(version, own string) map[string]string {
	values := map[string]string{VersionPlaceholder: version, OlderVersionPlaceholder: own, OlderNumberPlaceholder: own}
	for placeholder, spell := range versionSpellings {
		values[placeholder] = spell(version)
	}
	if older := ges.NearestOlder(own); older != "" {
		values[OlderVersionPlaceholder] = older
	}
	if v, err := contract.ParseVersion(own); err == nil {
		values[OlderNumberPlaceholder] = v[:min(len(v), 2)].String()
	}
	return values
}

// shifted returns a text with other digits, of which zero is the first.
func shifted(s string, zero rune) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return zero + r - '0'
		}
		return r
	}, s)
}

// NeedsJob reports whether the request needs the id of a job that exists.
func (t *Template) NeedsJob() bool {
	return strings.Contains(t.Path, RealJobPlaceholder) || strings.Contains(t.Path, ShorterJobPlaceholder)
}

// hasVersion reports whether the request has a placeholder for a version.
func (t *Template) hasVersion() bool {
	if strings.Contains(t.Path, VersionPlaceholder) || strings.Contains(string(t.Body), VersionPlaceholder) {
		return true
	}
	for placeholder := range versionSpellings {
		if strings.Contains(string(t.Body), placeholder) {
			return true
		}
	}
	return false
}

// Fill replaces the placeholders. Values for the path must be escaped.
func (t *Template) Fill(values map[string]string) Template {
	body := padded(expand(string(t.Body), values), t.PadTo)
	if t.Gzip {
		body = compressed(body)
	}
	filled := Template{Method: t.Method, Path: expand(t.Path, values), Body: Text(body), Chunked: t.Chunked}
	for _, h := range t.Headers {
		filled.Headers = append(filled.Headers, Header{h.Name, expand(h.Value, values)})
	}
	return filled
}

// expand replaces the keys of values in s, such as ${graph}. Making a strings.Replacer for
// each request would take longer than everything else.
func expand(s string, values map[string]string) string {
	if !strings.Contains(s, "${") {
		return s
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "${")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		if value, known := values[s[len(before):min(len(before)+len(name)+3, len(s))]]; known {
			b.WriteString(value)
			s = after
		} else {
			b.WriteString("${")
			s = rest
		}
	}
}

// with returns a copy with the header set.
func (t Template) with(name, value string) Template {
	t = t.without(name)
	t.Headers = append(t.Headers, Header{name, value})
	return t
}

func (t Template) without(name string) Template {
	var kept []Header
	for _, h := range t.Headers {
		if !strings.EqualFold(h.Name, name) {
			kept = append(kept, h)
		}
	}
	t.Headers = kept
	return t
}

func (t Template) withBody(body string) Template {
	t.Body = Text(body)
	return t
}

func (t Template) replacePath(old, value string) Template {
	t.Path = strings.Replace(t.Path, old, value, 1)
	return t
}
