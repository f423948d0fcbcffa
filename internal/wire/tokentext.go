package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// issuedToken is the output of `openstack token issue -f json`.
type issuedToken struct {
	ID      string `json:"id"`
	Expires string `json:"expires"`
}

// oneToken returns the token in a text, which is the plain token, or the output of
// `openstack token issue -f json`, which also says when it expires.
func oneToken(option string, text []byte) (token string, expires time.Time, err error) {
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
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return "", expires, fmt.Errorf("%s: expected a token and nothing else, got several words", option)
	}
	return token, expires, nil
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
