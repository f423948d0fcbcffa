package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// shortestSecret is the length of the shortest credential to look for in answers: shorter
// ones could be any text.
const shortestSecret = 8

// A redactor removes credentials from what is kept, and finds those in an answer.
type redactor struct {
	whole    map[string]string // secrets, however short, to replace where they are a header's whole value
	names    map[string]string // pattern -> the name that replaces it
	patterns []string          // the longest first
	shortest int               // the length of the last pattern
	replacer *strings.Replacer
}

// A secretText is a credential, and the variable that stands for it in reports.
type secretText struct{ name, text string }

func newRedactor(secrets ...secretText) *redactor {
	r := &redactor{whole: map[string]string{}, names: map[string]string{}}
	for _, s := range secrets {
		name, secret := s.name, s.text
		if secret != "" {
			r.whole[secret] = name
		}
		if len(secret) < shortestSecret {
			continue
		}
		for _, form := range forms(secret) {
			r.names[form] = name
		}
	}
	r.patterns = slices.SortedFunc(maps.Keys(r.names), func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	var pairs []string
	for _, p := range r.patterns {
		r.shortest = len(p)
		pairs = append(pairs, p, "$"+r.names[p])
	}
	r.replacer = strings.NewReplacer(pairs...)
	return r
}

// forms returns the ways in which a secret may be written in a text.
func forms(secret string) []string {
	quoted, _ := json.Marshal(secret) // a string can always be marshalled
	inJSON := string(quoted[1 : len(quoted)-1])
	all := []string{
		secret, inJSON, strings.ReplaceAll(inJSON, "/", `\/`), strings.ReplaceAll(inJSON, "+", `\u002B`), strings.ReplaceAll(inJSON, "+", `\u002b`),
		base64.RawStdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
		html.EscapeString(secret), inHTML.Replace(secret), asMustache.Replace(secret), asHandlebar.Replace(secret),
	}
	for _, escaped := range []string{url.QueryEscape(secret), url.PathEscape(secret)} {
		all = append(all, escaped, lowerEscapes(escaped))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// How base64 is escaped in HTML by html/template, by libraries like mustache.js, and by
// libraries like handlebars.js.
var (
	inHTML      = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;", "+", "&#43;")
	asMustache  = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;", "=", "&#x3D;", "/", "&#x2F;")
	asHandlebar = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#x27;", "=", "&#x3D;")
)

// lowerEscapes writes %2B as %2b.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i:], bytes.ToLower(b[i:i+3]))
		}
	}
	return string(b)
}

// text returns a text without its secrets. Most have none, and the replacer would copy
// them.
func (r *redactor) text(s string) string {
	if len(s) < r.shortest || !slices.ContainsFunc(r.patterns, func(p string) bool { return strings.Contains(s, p) }) {
		return s
	}
	return r.replacer.Replace(s)
}

func (r *redactor) header(h http.Header) http.Header {
	clean := make(http.Header, len(h))
	for name, values := range h {
		name = r.headerName(name)
		for _, v := range values {
			if known := r.whole[v]; known != "" {
				v = "$" + known
			}
			clean[name] = append(clean[name], r.text(v))
		}
	}
	return clean
}

// headerName returns a header's name, or a placeholder if it contains a secret. It
// ignores letter case, which net/http has changed.
func (r *redactor) headerName(name string) string {
	found := ""
	for secret, known := range r.whole {
		if len(secret) >= shortestSecret && len(secret) <= len(name) && strings.Contains(strings.ToLower(name), strings.ToLower(secret)) && (found == "" || known < found) {
			found = known // what is close to the token is named after it, so the token's own name comes first
		}
	}
	if found != "" {
		return "$" + found
	}
	return name
}

// end removes the beginning of a secret from the end of a text that was cut.
func (r *redactor) end(s string) string {
	for _, p := range r.patterns {
		for n := min(len(p)-1, len(s)); n >= shortestSecret; n-- {
			if strings.HasSuffix(s, p[:n]) {
				return s[:len(s)-n] + "$" + r.names[p]
			}
		}
	}
	return s
}

// found returns the names of the secrets in a body or in header values.
func (r *redactor) found(h http.Header, body string) []string {
	var names []string
	look := func(s string) {
		for _, p := range r.patterns {
			if !strings.Contains(s, p) {
				continue
			}
			if !slices.Contains(names, r.names[p]) {
				names = append(names, r.names[p])
			}
			s = strings.ReplaceAll(s, p, "\x00") // what is close to it is in it, too
		}
	}
	look(body)
	for _, values := range h {
		for _, v := range values {
			look(v)
		}
	}
	slices.Sort(names)
	return names
}
