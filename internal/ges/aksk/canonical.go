package aksk

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// CanonicalRequest returns the form of the request whose hash is signed. Its
// lines are
//
//   - the method, unchanged;
//   - the path with a slash at its end: each segment decoded once and escaped again,
//     all but A-Z a-z 0-9 - _ . ~ as %XY;
//   - the query, empty if there is none: name=value of each parameter, escaped like
//     the path, sorted by name and then by value before they are escaped;
//   - name:value of each value of each signed header, then an empty line;
//   - the names of the signed headers, joined by semicolons;
//   - the SHA-256 of the body in hex, also of an empty one.
//
// An escaped slash stays escaped, so that a/b and a%2Fb have different signatures. Empty
// and dot segments stay, as in the SDK. A plus sign in a query is a plus sign: the page
// requires %20, and no SDK sends a space as plus. A percent sign that starts no escape is
// literal. X-Sdk-Content-Sha256, with which SDKs can replace the last line, is ignored.
// Source: https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm-001.html
func (a Authorization) CanonicalRequest(r *Request) string {
	return a.canonical(r, false)
}

// Shown returns the canonical request for an error message, in the form that the gateway
// uses after "verify aksk signature fail, canonicalRequest:": on one line, with a | for each
// line break. The values of signed headers whose names end in -Token (X-Auth-Token,
// X-Security-Token) are ***. The rest is what the sender chose, of any length and with any
// bytes.
// Source: https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html
func (a Authorization) Shown(r *Request) string {
	return strings.ReplaceAll(a.canonical(r, true), "\n", "|")
}

// canonical returns the canonical request. mask hides tokens, for showing it.
func (a Authorization) canonical(r *Request, mask bool) string {
	lines := []string{r.Method, canonicalPath(r.Path), canonicalQuery(r.Query)}
	for _, name := range a.SignedHeaders {
		for _, value := range r.values(name) {
			if mask && strings.HasSuffix(name, "-token") {
				value = "***"
			}
			lines = append(lines, name+":"+value)
		}
	}
	digest := sha256.Sum256(r.Body)
	lines = append(lines, "", strings.Join(a.SignedHeaders, ";"), hex.EncodeToString(digest[:]))
	return strings.Join(lines, "\n")
}

func canonicalPath(path string) string {
	segments := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for i, segment := range segments {
		segments[i] = escape(unescape(segment))
	}
	return strings.Join(segments, "/") + "/"
}

func canonicalQuery(query string) string {
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
	parts := make([]string, len(parameters))
	for i, p := range parameters {
		parts[i] = escape(p.name) + "=" + escape(p.value)
	}
	return strings.Join(parts, "&")
}

// escape escapes all bytes except the unreserved ones of RFC 3986, section 2.3.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

var escaped = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// unescape decodes each %XY once. It leaves other percent signs, for which package url
// would return an error.
func unescape(s string) string {
	return escaped.ReplaceAllStringFunc(s, func(xy string) string {
		b, _ := hex.DecodeString(xy[1:])
		return string(b)
	})
}
