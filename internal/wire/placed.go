package wire

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/secrets"
)

// A Credential is what a request carries for a security scheme.
type Credential struct {
	In    contract.In // header, query or cookie
	Name  string      // of the header, query parameter or cookie
	Value string      // all of it, such as "Bearer …"
	// Variable is the name of the variable that is shown instead; "" for one that is made from Name.
	Variable string
	// Altered are values that the run has made of it, which must be refused. They are shown as the
	// variable with _ALTERED.
	Altered []string
}

// WithCredentials has the client remove credentials that callers put into their requests: from all
// that it keeps of requests and answers, however they are spelt there, and from their own places
// even if they are so short that they could be any text.
func WithCredentials(all ...Credential) Option {
	return func(t *Client) {
		for _, c := range all {
			if c.Value == "" {
				continue
			}
			c.Variable = cmp.Or(c.Variable, variableOf(c.Name))
			t.placed = append(t.placed, c)
			t.secrets = append(t.secrets, c.secrets()...)
		}
	}
}

// variableOf returns the name of a variable for what is called so: X_API_KEY for X-Api-Key.
func variableOf(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToUpper(name))
}

// secrets returns what must not be seen anywhere: the value, and what is secret in one of
// HTTP's own schemes (RFC 7617 and 6750).
func (c Credential) secrets() []secrets.Credential {
	whole := named(c.Variable, c.Value)
	for _, text := range c.Altered {
		whole.Near = append(whole.Near, secrets.Secret{Name: c.Variable + "_ALTERED", Text: text})
	}
	all := []secrets.Credential{whole}
	scheme, rest, found := strings.Cut(c.Value, " ")
	if c.In != contract.InHeader || !found {
		return all
	}
	rest = strings.TrimSpace(rest)
	all = append(all, named(c.Variable, rest))
	if !strings.EqualFold(scheme, "basic") {
		return all
	}
	if pair, err := base64.StdEncoding.DecodeString(rest); err == nil {
		_, password, _ := strings.Cut(string(pair), ":")
		all = append(all, named(c.Variable, string(pair)), named(c.Variable, password))
	}
	return all
}

// placedCredentials are the credentials in their places.
type placedCredentials []Credential

// of returns the credential with a value in a place, or nil.
func (all placedCredentials) of(in contract.In, name, value string) *Credential {
	for i, c := range all {
		if c.In == in && c.Value == value && (c.Name == name || in == contract.InHeader && strings.EqualFold(c.Name, name)) {
			return &all[i]
		}
	}
	return nil
}

// shownPath returns the escaped path of a request without credentials.
func (t *Client) shownPath(path string) string {
	path = Shown(path)
	if len(t.placed) == 0 {
		return path
	}
	return t.redactor.Load().text(t.placed.path(path))
}

// path returns an escaped path with variables for the credentials in its query.
func (all placedCredentials) path(path string) string {
	before, query, found := strings.Cut(path, "?")
	if !found || len(all) == 0 {
		return path
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		plainName, _ := url.QueryUnescape(name)
		plainValue, err := url.QueryUnescape(value)
		if c := all.of(contract.InQuery, plainName, plainValue); c != nil && err == nil {
			pairs[i] = name + "=$" + c.Variable
		}
	}
	return before + "?" + strings.Join(pairs, "&")
}

// header returns the header of a request with variables for the credentials in cookies.
func (all placedCredentials) header(h http.Header) http.Header {
	cookies := h["Cookie"]
	if len(all) == 0 || len(cookies) == 0 {
		return h
	}
	h = h.Clone()
	for i, line := range cookies {
		pairs := strings.Split(line, ";")
		for j, pair := range pairs {
			name, value, _ := strings.Cut(pair, "=")
			if c := all.of(contract.InCookie, strings.TrimSpace(name), strings.TrimSpace(value)); c != nil {
				pairs[j] = name + "=$" + c.Variable
			}
		}
		h["Cookie"][i] = strings.Join(pairs, ";")
	}
	return h
}
