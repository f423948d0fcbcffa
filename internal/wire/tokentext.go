package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
)

// issuedToken is the output of `openstack token issue -f json`.
type issuedToken struct {
	ID      string `json:"id"`
	Expires string `json:"expires"`
}

// oneToken returns the token in a text, which is the plain token, or the output of
// `openstack token issue -f json`, which also says when it expires.
func oneToken(option string, text []byte) (token string, expires time.Time, err error) {
	text = asUTF8(text)
	token = strings.TrimSpace(string(text))
	if len(text) <= longestToken && strings.HasPrefix(token, "{") { // no token begins with a brace
		var issued issuedToken
		if json.Unmarshal(text, &issued) != nil || issued.Expires == "" {
			return "", expires, fmt.Errorf("%s: expected id and expires in JSON, as `openstack token issue -f json` prints them, or the token alone", option)
		}
		if expires, err = instant(issued.Expires); err != nil {
			return "", expires, fmt.Errorf("%s: expires: expected a time such as 2026-11-24T04:00:00Z", option)
		}
		token = issued.ID
	}
	switch {
	case token == "":
		return "", expires, fmt.Errorf("%s: expected a token, got nothing", option)
	case len(text) > longestToken:
		return "", expires, fmt.Errorf("%s: expected a token, got more than %d bytes", option, longestToken)
	case strings.ContainsFunc(token, unicode.IsSpace):
		return "", expires, fmt.Errorf("%s: expected a token and nothing else, got several words", option)
	case strings.ContainsFunc(token, func(r rune) bool { return r < ' ' || r > '~' }):
		return "", expires, fmt.Errorf("%s: expected a token, got characters that no token has", option)
	case strings.ContainsRune("\"'", rune(token[0])):
		return "", expires, fmt.Errorf("%s: expected a token and nothing else, got quotes around it", option)
	}
	return token, expires, nil
}

// asUTF8 returns a text without its byte order mark, with which editors and PowerShell begin a
// file, and in UTF-8 if the mark is that of UTF-16.
func asUTF8(text []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(text, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(text, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return bytes.TrimPrefix(text, []byte("\ufeff"))
	}
	var units []uint16
	for rest := text[2:]; len(rest) > 1; rest = rest[2:] {
		units = append(units, order.Uint16(rest))
	}
	return []byte(string(utf16.Decode(units)))
}

// instant parses a time as Keystone writes it, or as its command line does, without a
// colon in the zone.
func instant(text string) (at time.Time, err error) {
	if at, err = time.Parse(time.RFC3339, text); err != nil {
		at, err = time.Parse("2006-01-02T15:04:05Z0700", text)
	}
	return at, err
}

// Tampered returns the token with its middle character changed.
func Tampered(token string) string {
	if token == "" {
		return ""
	}
	b := []byte(token)
	i := len(b) / 2
	if b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}

// A Nearness is a way in which a token is close to the real one. It ends the name of the
// variable that stands for it in reports.
type Nearness string

// The ways.
const (
	OtherCase Nearness = "_OTHER_CASE" // each letter in the other case
	Longer    Nearness = "_LONGER"     // with another character at the end
	Shorter   Nearness = "_SHORTER"    // without its last character
)

var nearnesses = []Nearness{OtherCase, Longer, Shorter}

// Near returns a token that is close to another. One without letters has no other case, and
// gets a letter instead.
func Near(token string, near Nearness) string {
	switch near {
	case Shorter:
		return token[:max(len(token)-1, 0)]
	case OtherCase:
		if other := strings.Map(otherCase, token); other != token {
			return other
		}
	case Longer:
	}
	return token + "0"
}

func otherCase(r rune) rune {
	if unicode.IsUpper(r) {
		return unicode.ToLower(r)
	}
	return unicode.ToUpper(r)
}
