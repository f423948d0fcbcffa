package resources

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gesconform/gesconform/contract"
)

// What is kept at most, whatever a server sends.
const (
	longestID   = 256     // bytes
	mostThings  = 16      // with the same key
	mostSeen    = 100_000 // of which is known that they exist
	mostItems   = 8       // of a list that are kept
	mostCounted = 10_000  // of a list that count as seen
	mostNodes   = 20_000  // of a body that are looked at
	deepest     = 16      // levels of a body
)

// usable reports whether a text can be sent as an id and reach what it names: no router could
// read it as more than one segment, or as none.
func usable(text string) bool {
	if text == "" || len(text) > longestID || !utf8.ValidString(text) || strings.Trim(text, ".") == "" || strings.TrimSpace(text) != text {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool {
		return strings.ContainsRune(`/\%?#;`, r) || !unicode.IsGraphic(r)
	})
}

// fault says why a parameter does not take a value; "" if it does.
func fault(p *contract.Parameter, text string) string {
	if p.In == contract.InPath && !usable(text) {
		return "expected an id that a path can carry"
	}
	if p.Schema == nil || p.Schema.Type == contract.KindArray || p.Schema.Type == contract.KindObject {
		return ""
	}
	for _, problem := range p.Schema.Check(valueOf(p.Schema, text), contract.Client) {
		return problem.Message
	}
	return ""
}

// valueOf reads a parameter's text as its schema does.
func valueOf(s *contract.Schema, text string) *contract.Value {
	plain := &contract.Value{Kind: contract.KindString, Text: text}
	if s.Type == contract.KindString || s.Type == "" && len(s.Types) == 0 {
		return plain
	}
	v, problems := contract.ReadJSON([]byte(text))
	if v == nil || len(problems) > 0 || v.Kind != s.Type && s.Type != "" {
		return plain
	}
	return v
}

// scalar returns the text of a value that could be an id.
func scalar(v *contract.Value) (text string, ok bool) {
	if v == nil || v.Kind != contract.KindString && v.Kind != contract.KindNumber || !usable(v.Text) {
		return "", false
	}
	return v.Text, true
}
