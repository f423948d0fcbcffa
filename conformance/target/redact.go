package target

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// shortestSecret is the length below which a credential is too common a text to
// be looked for in answers.
const shortestSecret = 8

// A redactor takes credentials out of what is kept, and tells whether an answer
// carried one.
type redactor struct {
	names    map[string]string // what is looked for -> the name that replaces it
	patterns []string          // the longest first
	replacer *strings.Replacer
}

func newRedactor(secrets map[string]string) *redactor {
	r := &redactor{names: map[string]string{}}
	for name, secret := range secrets {
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
		pairs = append(pairs, p, "$"+r.names[p])
	}
	r.replacer = strings.NewReplacer(pairs...)
	return r
}

// forms are the ways in which a secret may stand in a text.
func forms(secret string) []string {
	quoted, _ := json.Marshal(secret) // a string can always be marshalled
	all := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(string(quoted), `"`),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret)),
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (r *redactor) text(s string) string {
	if len(r.patterns) == 0 {
		return s
	}
	return r.replacer.Replace(s)
}

func (r *redactor) header(h http.Header) http.Header {
	clean := make(http.Header, len(h))
	for name, values := range h {
		for _, v := range values {
			clean[name] = append(clean[name], r.text(v))
		}
	}
	return clean
}

// found names the secrets that stand in a body or in header values.
func (r *redactor) found(h http.Header, body string) []string {
	var names []string
	look := func(s string) {
		for _, p := range r.patterns {
			if strings.Contains(s, p) && !slices.Contains(names, r.names[p]) {
				names = append(names, r.names[p])
			}
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
