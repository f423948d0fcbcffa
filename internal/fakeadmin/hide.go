package fakeadmin

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
)

// The journal has already redacted the values of headers that carry credentials, wherever
// they occur. But a client may by mistake put credentials elsewhere: into the query, another
// header or another member, or into a request for a token that goes to a wrong path. This
// file redacts those.

// redacted replaces a credential.
const redacted = "[redacted]"

// shortestHidden is the length from which a credential is redacted wherever it occurs. A
// shorter one is only redacted after a name such as password, because elsewhere it may
// occur by chance.
const shortestHidden = 6

// credentialWords match parts of names whose values are credentials.
const credentialWords = `password|passwd|passphrase|secret|token|credential|api[-_]?key`

var (
	headerName = lazily(`(?i)` + credentialWords + `|^authorization$|^cookie$|^set-cookie$|^proxy-authorization$`)
	// A member of a JSON object that is a string; its end may have been cut off.
	memberValue = lazily(`(?i)("[^"\\]*(?:` + credentialWords + `)[^"\\]*"\s*:\s*")((?:[^"\\]|\\.)+)`)
	// A parameter of a query or a form.
	parameterValue = lazily(`(?i)([?&;\s][\w.%-]*(?:` + credentialWords + `)[\w.%-]*=|^[\w.%-]*(?:` + credentialWords + `)[\w.%-]*=)([^&;\s"'<>]+)`)
	// A token of IAM.
	token = lazily(`MII(?:[A-Za-z0-9+/=_-]|%[0-9A-Fa-f]{2}){61,}`)
)

// A hider redacts credentials in exchanges. known are those to redact wherever they occur.
type hider struct{ known []string }

// hider returns a hider with the credentials of the scenario and the server.
func (h *handler) hider() *hider {
	f := h.fake.Fixtures()
	known := []string{f.Password, f.SecretKey, f.Token, f.ReadonlyToken, f.ExpiredToken}
	for _, u := range h.fake.Scenario().Users {
		known = append(known, u.Password)
		for _, t := range u.Tokens {
			known = append(known, t.Value)
		}
		for _, k := range u.AccessKeys {
			known = append(known, k.Secret, k.SecurityToken)
		}
	}
	return &hider{known}
}

// exchange redacts the credentials in an exchange.
func (n *hider) exchange(x fakeserver.Exchange) fakeserver.Exchange {
	found := slices.Clone(n.known)
	x.Header, x.Answered = hideHeaders(x.Header, &found), hideHeaders(x.Answered, &found)
	texts := []*string{&x.URL, &x.Body, &x.Answer, &x.Judgement.Path}
	for _, text := range texts {
		*text = hideNamed(*text, &found)
	}
	x.Judgement.Request, x.Judgement.Answer = slices.Clone(x.Judgement.Request), slices.Clone(x.Judgement.Answer)
	for _, problems := range [][]contract.Problem{x.Judgement.Request, x.Judgement.Answer} {
		for i := range problems {
			p := &problems[i]
			texts = append(texts, &p.Message, &p.Pointer, &p.Name)
		}
	}
	replacer := replacerOf(found)
	clean := func(text string) string { return token().ReplaceAllString(replacer.Replace(text), redacted) }
	for _, text := range texts {
		*text = clean(*text)
	}
	for _, header := range []http.Header{x.Header, x.Answered} {
		for _, values := range header {
			for i := range values {
				values[i] = clean(values[i])
			}
		}
	}
	return x
}

// hideHeaders redacts the values of headers with the name of a credential, and adds the
// values to found.
func hideHeaders(header http.Header, found *[]string) http.Header {
	header = header.Clone()
	for name, values := range header {
		if !headerName().MatchString(name) {
			continue
		}
		for i, value := range values {
			if value != "" && value != redacted {
				*found = append(*found, value)
				values[i] = redacted
			}
		}
	}
	return header
}

// hideNamed redacts the values of members and parameters with the name of a credential, and
// adds the values to found.
func hideNamed(text string, found *[]string) string {
	for _, pattern := range []*regexp.Regexp{memberValue(), parameterValue()} {
		for _, match := range pattern.FindAllStringSubmatch(text, -1) {
			*found = append(*found, match[2])
		}
		text = pattern.ReplaceAllString(text, "${1}"+redacted)
	}
	return text
}

// replacerOf returns a replacer that redacts credentials in each encoding that a request may
// have them in.
func replacerOf(credentials []string) *strings.Replacer {
	forms := map[string]bool{}
	for _, c := range credentials {
		if len(c) < shortestHidden || c == redacted {
			continue
		}
		forms[c], forms[url.QueryEscape(c)], forms[url.PathEscape(c)] = true, true, true
		if quoted, err := json.Marshal(c); err == nil {
			forms[string(quoted[1:len(quoted)-1])] = true
		}
		if plain, err := url.QueryUnescape(c); err == nil && len(plain) >= shortestHidden {
			forms[plain] = true
		}
	}
	// The longest come first: one may be a prefix of another.
	longest := slices.SortedFunc(maps.Keys(forms), func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(longest))
	for _, form := range longest {
		pairs = append(pairs, form, redacted)
	}
	return strings.NewReplacer(pairs...)
}

// lazily compiles a pattern when it is first used: most programs that import this package use few of
// them, and all together take a while at each start.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
