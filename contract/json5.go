package contract

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// readExtended reads the body of a request as ReadJSON does and, if it is not JSON, as JSON5: with
// comments, a comma after the last member or item, single quotes, names without quotes, and more
// numbers. RFC 8259, section 9, lets a reader accept such extensions. A body that is read so
// has a problem with the keyword extension instead of syntax.
func readExtended(body []byte) (*Value, []Problem) {
	v, problems := ReadJSON(body)
	if v != nil {
		return v, problems
	}
	plain, ok := fromJSON5(body)
	if !ok {
		return nil, problems
	}
	v, extended := ReadJSON(plain)
	if v == nil {
		return nil, problems
	}
	problems = slices.DeleteFunc(problems, func(p Problem) bool { return p.Keyword != "utf8" && p.Keyword != "byte-order-mark" })
	problems = append(problems, Problem{In: InBody, Keyword: "extension", Message: "the body is only JSON to a reader that accepts extensions of it"})
	return v, append(problems, extended...)
}

// The tokens of JSON5 that JSON does not have, or has in another form.
var (
	json5Blank  = lazily(`^(?:[\s\x{feff}\p{Zs}\x{2028}\x{2029}]|//[^\r\n\x{2028}\x{2029}]*|(?s:/\*.*?\*/))+`)
	json5Name   = lazily(`^[\p{L}\p{Nl}$_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}$\x{200c}\x{200d}]*`)
	json5Number = lazily(`^[+-]?(?:0[xX][0-9a-fA-F]+|Infinity|NaN|(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)`)
	json5String = lazily(`^(?:"(?:[^"\\\r\n]|\\(?s:.))*"|'(?:[^'\\\r\n]|\\(?s:.))*')`)
	jsonNumber  = lazily(`^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$`)
)

// fromJSON5 writes JSON5 as JSON. Whether the tokens are in the right order is for the reader of
// that to say. A number that JSON cannot write becomes 0: what counts is that it is one.
func fromJSON5(body []byte) (plain []byte, ok bool) {
	body = bytes.TrimPrefix(body, byteOrderMark)
	for len(body) > 0 {
		token := body[:1]
		switch {
		case json5Blank().Match(body):
			token = json5Blank().Find(body)
			plain = append(plain, ' ')
		case bytes.IndexByte([]byte("{}[]:,"), body[0]) >= 0:
			if rest := bytes.TrimPrefix(body[1:], json5Blank().Find(body[1:])); body[0] == ',' && len(rest) > 0 && (rest[0] == '}' || rest[0] == ']') {
				if before := bytes.TrimRight(plain, " "); len(before) == 0 || bytes.IndexByte([]byte("{[,:"), before[len(before)-1]) >= 0 {
					return nil, false
				}
				break // after the last member or item
			}
			plain = append(plain, body[0])
		case json5String().Match(body):
			token = json5String().Find(body)
			text, ok := unescapeJSON5(string(token[1 : len(token)-1]))
			if !ok {
				return nil, false
			}
			quoted, err := json.Marshal(text)
			if err != nil {
				return nil, false
			}
			plain = append(plain, quoted...)
		default:
			token = json5Name().Find(body)
			after := bytes.TrimPrefix(body[len(token):], json5Blank().Find(body[len(token):]))
			switch word := string(token); {
			case word != "" && len(after) > 0 && after[0] == ':':
				plain = strconv.AppendQuote(plain, word)
			case word == "true" || word == "false" || word == "null":
				plain = append(plain, word...)
			default:
				if token = json5Number().Find(body); len(token) == 0 {
					return nil, false
				}
				if !jsonNumber().Match(token) {
					plain = append(plain, '0')
					break
				}
				plain = append(plain, token...)
			}
		}
		body = body[len(token):]
	}
	return plain, true
}

// unescapeJSON5 returns the text that a string of JSON5 stands for.
func unescapeJSON5(text string) (string, bool) {
	var b strings.Builder
	for text != "" {
		before, rest, escaped := strings.Cut(text, `\`)
		b.WriteString(before)
		if text = rest; !escaped {
			break
		}
		r, size := utf8.DecodeRuneInString(text)
		hex := map[rune]int{'x': 2, 'u': 4}[r]
		switch at := strings.IndexRune("bfnrtv0", r); {
		case hex > 0:
			if len(text) < 1+hex {
				return "", false
			}
			n, err := strconv.ParseUint(text[1:1+hex], 16, 32)
			if err != nil {
				return "", false
			}
			r, size = rune(n), 1+hex
		case r == '\n' || r == '\u2028' || r == '\u2029': // the line goes on
			text = text[size:]
			continue
		case r >= '1' && r <= '9':
			return "", false
		case at >= 0:
			r = rune("\b\f\n\r\t\v\x00"[at])
		}
		b.WriteRune(r)
		text = text[size:]
	}
	return b.String(), true
}

// lazily compiles a pattern when it is first used: most programs that import this package use few of
// them, and all together take a while at each start.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
