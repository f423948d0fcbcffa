package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gesconform/gesconform/internal/limits"
)

// An Abridged says of an answer of which only a part is kept what the whole one was like, as far
// as it is judged by that. It is to be kept, since it does not follow from what is left.
type Abridged struct {
	// Length is the number of bytes of the whole body, and SHA256 its digest.
	Length int    `json:"length"`
	SHA256 string `json:"sha256"`
	// Encoding is that of the whole body, as Answer.Encoding returns it.
	Encoding Encoding `json:"encoding,omitempty"`
	// JSON is the value of the whole body, in which long texts are cut, and what the contract does
	// not name, and the ends of long arrays, may be missing; "" if the body is not JSON.
	JSON string `json:"json,omitempty"`
	// ItemsLeftOut counts the items of arrays that are missing in JSON.
	ItemsLeftOut int `json:"items_left_out,omitempty"`
	// FieldsLeftOut counts the header fields that are not kept, and FieldsCut those that are cut.
	FieldsLeftOut int `json:"header_fields_left_out,omitempty"`
	FieldsCut     int `json:"header_fields_cut,omitempty"`
	// Syntax has the first problems of each kind that ReadJSON found in the whole body.
	Syntax []Problem `json:"syntax,omitempty"`
	// StackTraces has the problems of the whole answer that are stack traces.
	StackTraces []Problem `json:"stack_traces,omitempty"`
}

// An Encoding is how the text of a body is encoded.
type Encoding string

// The encodings that are told apart. Another is "".
const (
	ASCII Encoding = "ascii"
	UTF8  Encoding = "utf-8" // and not ASCII
)

// Encoding returns that of the body, also of one that was abridged. An empty body is ASCII.
func (a *Answer) Encoding() Encoding {
	if a.Abridged != nil {
		return a.Abridged.Encoding
	}
	switch {
	case !utf8.Valid(a.Body):
		return ""
	case slices.ContainsFunc(a.Body, func(b byte) bool { return b >= utf8.RuneSelf }):
		return UTF8
	default:
		return ASCII
	}
}

// Length returns the length of the whole body, also of one that was abridged.
func (a *Answer) Length() int {
	if a.Abridged != nil {
		return a.Abridged.Length
	}
	return len(a.Body)
}

const (
	abridgedProblems = 5   // of a kind
	fieldOverhead    = 128 // bytes of memory for a header field beside its text
)

// Abridge returns the answer, or one that is judged in the same way but of which not much more
// than a number of bytes is kept: so many of the body, and so many of the header and of the JSON
// value, though of those no more than limits says. What is left out of the value can only be missed where a rule
// asks for long texts or arrays, and where an answer is searched for what it should not have.
func (c *Contract) Abridge(a *Answer, most int) *Answer {
	header, leftOut, shortened := abridgeHeader(a.Header, min(most, limits.KeptHeader))
	if len(a.Body) <= most && leftOut+shortened == 0 {
		return a
	}
	digest := sha256.Sum256(a.Body)
	whole := &Abridged{
		Length: len(a.Body), SHA256: hex.EncodeToString(digest[:]), Encoding: a.Encoding(), StackTraces: stackTraces(a),
		FieldsLeftOut: leftOut, FieldsCut: shortened,
	}
	kept := a.Body
	if len(kept) > most {
		kept = beginning(a.Body, most)
	}
	r := jsonReader{outline: &outline{known: c.answerMembers}}
	v := r.read(a.Body)
	perKind := map[string]int{}
	for _, p := range r.problems {
		if perKind[p.Keyword]++; perKind[p.Keyword] <= abridgedProblems {
			whole.Syntax = append(whole.Syntax, p)
		}
	}
	if v != nil {
		whole.JSON, whole.ItemsLeftOut = r.outline.shorten(v, min(most, limits.KeptJSON))
	}
	return &Answer{Status: a.Status, Header: header, Body: slices.Clone(kept), Abridged: whole}
}

// beginning returns the first bytes of a body, without half a character.
func beginning(body []byte, most int) []byte {
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(body[end]) {
		end--
	}
	return body[:end]
}

// judgedFields are the header fields that answers are judged by, which are kept first.
var judgedFields = append([]string{"Content-Encoding", "X-Request-Id", "Cache-Control", "Www-Authenticate", "Allow", "Server", "Via"}, singletons...)

// abridgeHeader returns a header of at most so many bytes of memory, the number of fields that are
// left out of it, and of those that are cut.
func abridgeHeader(h http.Header, most int) (kept http.Header, leftOut, shortened int) {
	size, longest := 0, 0
	for name, values := range h {
		for _, v := range values {
			size += fieldOverhead + len(name) + len(v)
			longest = max(longest, len(name), len(v))
		}
	}
	if size <= most && longest <= limits.KeptField {
		return h, 0, 0
	}
	first := map[string]int{}
	for i, name := range judgedFields {
		first[http.CanonicalHeaderKey(name)] = i - len(judgedFields)
	}
	names := slices.SortedFunc(maps.Keys(h), func(a, b string) int {
		if first[a] != first[b] {
			return first[a] - first[b]
		}
		return strings.Compare(a, b)
	})
	kept = http.Header{}
	for _, name := range names {
		for _, v := range h[name] {
			short := cutText(v, limits.KeptField)
			if most -= fieldOverhead + len(name) + len(short); most < 0 || len(name) > limits.KeptField {
				leftOut++
				continue
			}
			if len(short) < len(v) {
				shortened++
			}
			key := strings.Clone(name)
			kept[key] = append(kept[key], strings.Clone(short))
		}
	}
	return kept, leftOut, shortened
}

// cutText returns at most so many bytes of a text, without half a character.
func cutText(s string, most int) string {
	if len(s) <= most {
		return s
	}
	end := most
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

// membersOfAnswers returns the names of all members of answers in the schemas.
func (c *Contract) membersOfAnswers() map[string]bool {
	found, seen := map[string]bool{}, map[*Schema]bool{}
	var look func(s *Schema)
	look = func(s *Schema) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		for _, name := range s.memberNames {
			found[name] = true
		}
		for _, p := range s.Properties {
			found[p.Name] = true
		}
		s.eachPart(look)
	}
	for _, op := range c.operations {
		for _, r := range op.Responses {
			for _, m := range r.Content {
				look(m.Schema)
			}
		}
	}
	return found
}

// Check returns an error if no answer with this body can have been abridged so.
func (a *Abridged) Check(body []byte) error {
	digest := sha256.Sum256(body)
	sum := hex.EncodeToString(digest[:])
	switch whole := a.Length == len(body); {
	case a.Length < len(body):
		return fmt.Errorf("abridged: expected the length of the whole body, %d bytes or more, got %d", len(body), a.Length)
	case !sha256Form.MatchString(a.SHA256) || whole && a.SHA256 != sum:
		return fmt.Errorf("abridged: expected the sha256 of the whole body, got %.80q", a.SHA256)
	case a.JSON != "" && !json.Valid([]byte(a.JSON)):
		return fmt.Errorf("abridged: expected json to be a JSON value, got %.80q", a.JSON)
	case a.ItemsLeftOut < 0 || a.FieldsLeftOut < 0 || a.FieldsCut < 0:
		return errors.New("abridged: expected counts of what is left out, got less than 0")
	}
	return nil
}

var sha256Form = regexp.MustCompile(`^[0-9a-f]{64}$`)
