package fakeadmin

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/fakeserver"
)

// The journal has taken out what stands in the headers that carry credentials,
// and the same wherever else it stands. A client that is wrong puts credentials
// elsewhere: into the query, into a header or a member of another name, into a
// request for a token that goes to the wrong path. Those are taken out here.

// redacted stands where a credential stood.
const redacted = "[redacted]"

// shortest is the length from which on a credential is looked for everywhere.
// A shorter one is taken out only where a name says what it is: too much would
// look like it by chance.
const shortest = 6

// naming is how names say that something is a credential.
const naming = `password|passwd|passphrase|secret|token|credential|api[-_]?key`

var (
	headerName = regexp.MustCompile(`(?i)` + naming + `|^authorization$|^cookie$|^set-cookie$|^proxy-authorization$`)
	// A member of a JSON object with a string; the end may have been cut off.
	memberValue = regexp.MustCompile(`(?i)("[^"\\]*(?:` + naming + `)[^"\\]*"\s*:\s*")((?:[^"\\]|\\.)+)`)
	// A parameter of a query or a form.
	parameterValue = regexp.MustCompile(`(?i)([?&;\s][\w.%-]*(?:` + naming + `)[\w.%-]*=|^[\w.%-]*(?:` + naming + `)[\w.%-]*=)([^&;\s"'<>]+)`)
	// A token of IAM, whoever was given it.
	token = regexp.MustCompile(`MII(?:[A-Za-z0-9+/=_-]|%[0-9A-Fa-f]{2}){61,}`)
)

// A hider takes credentials out of exchanges.
type hider struct{ known []string }

// hider knows the credentials that the scenario names or the server has made.
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

// exchange takes credentials out of an exchange.
func (n *hider) exchange(x fakeserver.Exchange) fakeserver.Exchange {
	found := slices.Clone(n.known)
	x.Header, x.Answered = hideHeaders(x.Header, &found), hideHeaders(x.Answered, &found)
	texts := []*string{&x.URL, &x.Body, &x.Answer, &x.Judgement.Path}
	for _, text := range texts {
		*text = hideNamed(*text, &found)
	}
	x.Judgement.Request, x.Judgement.Answer = slices.Clone(x.Judgement.Request), slices.Clone(x.Judgement.Answer)
	for i := range x.Judgement.Request {
		p := &x.Judgement.Request[i]
		texts = append(texts, &p.Message, &p.Pointer, &p.Name)
	}
	for i := range x.Judgement.Answer {
		p := &x.Judgement.Answer[i]
		texts = append(texts, &p.Message, &p.Pointer, &p.Name)
	}
	replacer := replacerOf(found)
	clean := func(text string) string { return token.ReplaceAllString(replacer.Replace(text), redacted) }
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

// hideHeaders hides the values of headers whose names say what they are, and
// notes them.
func hideHeaders(header http.Header, found *[]string) http.Header {
	header = header.Clone()
	for name, values := range header {
		if !headerName.MatchString(name) {
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

// hideNamed hides what the names in a text say is a credential, and notes it.
func hideNamed(text string, found *[]string) string {
	for _, pattern := range []*regexp.Regexp{memberValue, parameterValue} {
		for _, match := range pattern.FindAllStringSubmatch(text, -1) {
			*found = append(*found, match[2])
		}
		text = pattern.ReplaceAllString(text, "${1}"+redacted)
	}
	return text
}

// replacerOf hides credentials in each form that they can have in a request.
func replacerOf(credentials []string) *strings.Replacer {
	forms := map[string]bool{}
	for _, c := range credentials {
		if len(c) < shortest || c == redacted {
			continue
		}
		forms[c], forms[url.QueryEscape(c)], forms[url.PathEscape(c)] = true, true, true
		if quoted, err := json.Marshal(c); err == nil {
			forms[string(quoted[1:len(quoted)-1])] = true
		}
		if plain, err := url.QueryUnescape(c); err == nil && len(plain) >= shortest {
			forms[plain] = true
		}
	}
	// Of two that begin alike the longer one is to be hidden whole.
	longest := slices.SortedFunc(maps.Keys(forms), func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(longest))
	for _, form := range longest {
		pairs = append(pairs, form, redacted)
	}
	return strings.NewReplacer(pairs...)
}
