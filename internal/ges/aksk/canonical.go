package aksk

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Whether a canonical request is written as it is signed or as it may be shown.
const (
	plain  = false
	masked = true
)

// CanonicalRequest returns the form of the request whose hash is signed. Its
// lines are
//
//   - the method, as it stands;
//   - the path with a slash at its end: each segment decoded once and escaped again,
//     all but A-Z a-z 0-9 - _ . ~ as %XY;
//   - the query, empty if there is none: name=value of each parameter, escaped like
//     the path, sorted by name and then by value before they are escaped;
//   - name:value of each value of each signed header, then an empty line;
//   - the names of the signed headers, joined by semicolons;
//   - the SHA-256 of the body in hex, also of an empty one.
//
// An escaped slash stays escaped, so that a/b and a%2Fb have two signatures. Empty
// and dot segments stay, as the SDK leaves them. A plus sign in a query is a plus
// sign: the page asks for %20, and no SDK sends a space as plus. A percent sign
// that starts no escape stands for itself. X-Sdk-Content-Sha256, with which SDKs
// can replace the last line, is not believed.
// Source: https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm-001.html
func (a Authorization) CanonicalRequest(r *Request) string {
	return string(a.canonical(r, plain))
}

// Shown returns the canonical request for an error message, in the form that the
// gateway gives it after "verify aksk signature fail, canonicalRequest:": in one
// line, a | for each line break. The values of signed headers whose names end in
// -Token (X-Auth-Token, X-Security-Token) read ***. The rest is what the sender
// chose, of any length and with any bytes.
// Source: https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html
func (a Authorization) Shown(r *Request) string {
	return strings.ReplaceAll(string(a.canonical(r, masked)), "\n", "|")
}

func (a Authorization) canonical(r *Request, mask bool) []byte {
	out := make([]byte, 0, 1024)
	out = append(append(out, r.Method...), '\n')
	out = append(appendPath(out, r.Path), '\n')
	out = append(appendQuery(out, r.Query), '\n')
	for _, name := range a.SignedHeaders {
		for _, value := range r.values(name) {
			if mask && strings.HasSuffix(name, "-token") {
				value = "***"
			}
			out = append(append(out, name...), ':')
			out = append(append(out, value...), '\n')
		}
	}
	out = append(out, '\n')
	out = append(append(out, strings.Join(a.SignedHeaders, ";")...), '\n')
	digest := sha256.Sum256(r.Body)
	return hex.AppendEncode(out, digest[:])
}

func appendPath(out []byte, path string) []byte {
	path = strings.TrimSuffix(path, "/")
	for segment := range strings.SplitSeq(path, "/") {
		out = append(appendEscaped(out, unescape(segment)), '/')
	}
	return out
}

func appendQuery(out []byte, query string) []byte {
	type parameter struct{ name, value string }
	var parameters []parameter
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		parameters = append(parameters, parameter{unescape(name), unescape(value)})
	}
	slices.SortFunc(parameters, func(a, b parameter) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	for i, p := range parameters {
		if i > 0 {
			out = append(out, '&')
		}
		out = append(appendEscaped(out, p.name), '=')
		out = appendEscaped(out, p.value)
	}
	return out
}

// appendEscaped escapes all bytes but the unreserved ones of RFC 3986, section 2.3.
func appendEscaped(out []byte, s string) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		if c := s[i]; isAlphanumeric(c) || strings.IndexByte("-_.~", c) >= 0 {
			out = append(out, c)
		} else {
			out = append(out, '%', digits[c>>4], digits[c&15])
		}
	}
	return out
}

// unescape decodes each %XY once. It leaves other percent signs, where package url
// would give up.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if b, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				out = append(out, b[0])
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
