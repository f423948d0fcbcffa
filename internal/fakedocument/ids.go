package fakedocument

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/gesconform/gesconform/contract"
)

// mostTries is how many texts are tried to find an id that is valid and not taken.
const mostTries = 2000

// newID returns the text of an id that nothing in a collection has.
func (s *Server) newID(k *kind, collection string) (string, bool) {
	schema := memberOf(k.schema, k.member)
	if k.parameter != nil && k.parameter.Schema != nil {
		schema = k.parameter.Schema
	}
	if schema != nil {
		for _, v := range schema.Enum {
			if text := textOf(v); s.free(k, collection, text) {
				return text, true
			}
		}
	}
	sample := s.sample(k)
	for range mostTries {
		n := s.store.made
		s.store.made++
		if text := varied(schema, sample, n, s.seed); s.free(k, collection, text) {
			return text, true
		}
	}
	return "", false
}

// free reports whether a text can name something new.
func (s *Server) free(k *kind, collection, text string) bool {
	_, taken := s.store.things[below(collection, text)]
	return !taken && s.names(k, text)
}

// names reports whether a text may be an id of a kind: in its path, and in the member with it.
func (s *Server) names(k *kind, text string) bool {
	if text == "" || text == "." || text == ".." {
		return false
	}
	if p := k.parameter; p != nil && p.Schema != nil && !valid(p.Schema, typed(p.Schema, text)) {
		return false
	}
	m := memberOf(k.schema, k.member)
	return m == nil || valid(m, typed(m, text))
}

// sample returns a valid id: that of an example, or one that is made up.
func (s *Server) sample(k *kind) string {
	schemas := []*contract.Schema{memberOf(k.schema, k.member)}
	if p := k.parameter; p != nil {
		if p.Example != nil && s.names(k, textOf(p.Example)) {
			return textOf(p.Example)
		}
		schemas = append(schemas, p.Schema)
	}
	for _, schema := range schemas {
		if schema == nil {
			continue
		}
		if v, err := s.source.Plain(schema); err == nil && s.names(k, textOf(v)) {
			return textOf(v)
		}
	}
	return "1"
}

// varied returns the nth text of the form of a sample.
func varied(schema *contract.Schema, sample string, n int, seed int64) string {
	switch {
	case schema != nil && schema.Type == contract.KindNumber:
		first, err := strconv.ParseInt(sample, 10, 64)
		if err != nil {
			first = 1
		}
		return strconv.FormatInt(first+int64(n), 10)
	case n == 0:
		return sample
	case schema != nil && schema.Format == "uuid":
		b := sha256.Sum256(fmt.Appendf(nil, "%d %d", seed, n))
		b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
		return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
	}
	text := []byte(sample)
	for i := len(text) - 1; i >= 0 && n > 0; i-- {
		for _, of := range []struct {
			first byte
			count int
		}{{'0', 10}, {'a', 26}, {'A', 26}} {
			if c := text[i]; c >= of.first && int(c-of.first) < of.count {
				text[i] = of.first + byte((int(c-of.first)+n)%of.count)
				n /= of.count
				break
			}
		}
	}
	if n > 0 {
		return string(text) + strconv.Itoa(n)
	}
	return string(text)
}

// typed returns a text as encoding/json decodes a value of a schema.
func typed(s *contract.Schema, text string) any {
	if s == nil {
		return text
	}
	isNumber := s.Type == contract.KindNumber || s.Type == "" && slices.Contains(s.Types, contract.KindNumber) && !slices.Contains(s.Types, contract.KindString)
	switch {
	case isNumber && json.Valid([]byte(text)):
		return json.Number(text)
	case s.Type == contract.KindBoolean:
		return text == "true"
	}
	return text
}
