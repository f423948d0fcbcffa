package aksk

import (
	"fmt"
	"strings"
)

// maxAuthorization limits the header to parse. The SDK's is some 200 bytes long.
const maxAuthorization = 8 << 10

// An Authorization is a parsed Authorization header.
type Authorization struct {
	Access        string   // the AK, not empty
	SignedHeaders []string // lower-case names, strictly ascending
	Signature     string   // 64 lower-case hex digits
}

// ParseAuthorization parses the value of the Authorization header:
//
//	SDK-HMAC-SHA256 Access=AK, SignedHeaders=a;b;c, Signature=HEX
//
// The fields may come in any order, with or without spaces after the commas, each exactly
// once and no others. The header names must be lower-case, sorted, as the page requires,
// and unique. Authorization cannot be among them, as it contains the signature. Values over
// 8 KiB are refused.
//
// The error says what was expected. It only quotes names of headers and fields, never
// values, which might be a token.
// Source: https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm-005.html
func ParseAuthorization(value string) (Authorization, error) {
	a, err := parse(value)
	if err != nil {
		return Authorization{}, fmt.Errorf("authorization: %w", err)
	}
	return a, nil
}

func parse(value string) (a Authorization, err error) {
	if len(value) > maxAuthorization {
		return a, fmt.Errorf("expected at most %d bytes, got %d", maxAuthorization, len(value))
	}
	rest, ok := strings.CutPrefix(value, Scheme+" ")
	if !ok {
		return a, fmt.Errorf("expected the scheme %q and a space, got something else", Scheme)
	}
	fields := strings.Split(rest, ",")
	if len(fields) != 3 {
		return a, fmt.Errorf(`expected the 3 fields "Access", "SignedHeaders" and "Signature", got %d`, len(fields))
	}
	seen := make(map[string]bool, 3)
	for _, field := range fields {
		name, text, found := strings.Cut(strings.Trim(field, " \t"), "=")
		switch {
		case !found:
			return a, fmt.Errorf("expected fields like %q, got one without an equals sign", "Access=AK")
		case seen[name]:
			return a, fmt.Errorf("expected each field once, got %q twice", name)
		}
		seen[name] = true
		if err := a.set(name, text); err != nil {
			return a, err
		}
	}
	return a, nil
}

func (a *Authorization) set(name, text string) error {
	switch name {
	case "Access":
		if text == "" || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' }) {
			return fmt.Errorf("expected visible ASCII characters after %q, got others or none", "Access=")
		}
		a.Access = text
	case "SignedHeaders":
		a.SignedHeaders = strings.Split(text, ";")
		return checkNames(a.SignedHeaders)
	case "Signature":
		if len(text) != 64 || strings.Trim(text, "0123456789abcdef") != "" {
			return fmt.Errorf("expected 64 lower-case hex digits after %q, got %d bytes or other characters", "Signature=", len(text))
		}
		a.Signature = text
	default:
		return fmt.Errorf(`expected the fields "Access", "SignedHeaders" and "Signature", got %.40q`, name)
	}
	return nil
}

func checkNames(names []string) error {
	for i, name := range names {
		switch {
		case !isName(name):
			return fmt.Errorf("expected lower-case names of headers after %q, got %.40q", "SignedHeaders=", name)
		case name == "authorization":
			return fmt.Errorf("expected signed headers other than the signature's own, got %q", name)
		case i > 0 && names[i-1] >= name:
			return fmt.Errorf("expected signed headers sorted and unique, got %.40q before %.40q", names[i-1], name)
		}
	}
	return nil
}

// Value returns the value of the Authorization header as the SDK writes it.
// ParseAuthorization parses it.
func (a Authorization) Value() string {
	return Scheme + " Access=" + a.Access +
		", SignedHeaders=" + strings.Join(a.SignedHeaders, ";") +
		", Signature=" + a.Signature
}

// isName reports whether name is a token of RFC 9110, section 5.6.2, without
// upper-case letters.
func isName(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~") == ""
}
