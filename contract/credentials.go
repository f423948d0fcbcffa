package contract

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/internal/secrets"
)

// httpCredentialHeaders carry credentials in any HTTP service (RFC 9110, sections
// 11.6.2 and 11.7.2; RFC 6265).
var httpCredentialHeaders = []string{"Authorization", "Cookie", "Proxy-Authorization", "Set-Cookie"}

// parseCredentialHeaders gathers the headers that carry credentials: HTTP's own,
// those of the security schemes and those of x-credential-headers.
func (c *Contract) parseCredentialHeaders() error {
	var names []string
	if err := c.decode("/x-credential-headers", &names); err != nil {
		return err
	}
	names = append(names, httpCredentialHeaders...)
	schemes := c.securitySchemes()
	for _, m := range schemes.Node.Members() {
		if scheme, err := c.set.Follow(schemes.At(m.Name)); err == nil && scheme.Node.TextOf("in") == "header" {
			names = append(names, scheme.Node.TextOf("name"))
		}
	}
	for i, name := range names {
		names[i] = http.CanonicalHeaderKey(name)
	}
	slices.Sort(names)
	c.credentialHeaders = slices.Compact(names)
	return nil
}

// CarriesCredentials reports whether a header's values are credentials, in requests or
// in answers. name is in canonical form (http.CanonicalHeaderKey).
func (c *Contract) CarriesCredentials(name string) bool {
	_, found := slices.BinarySearch(c.credentialHeaders, name)
	return found
}

// shortestCredential is the length in bytes from which a header's value is redacted
// wherever it appears. A shorter one is not a real credential, and would be found by
// chance in other words.
const shortestCredential = 4

// redacted stands for a credential.
const redacted = "[redacted]"

// Redact replaces in texts, which belong together, the credentials that headers carry with [redacted],
// however they are spelt there: escaped, encoded, in another letter case, or in parts. Of values
// that are shorter than eight bytes only the plain spelling is found; those of fewer than four are kept.
func (c *Contract) Redact(headers []http.Header, texts ...*string) {
	if r := c.redactorOf(headers...); r != nil {
		r.redact(texts)
	}
}

// Redactor returns a function that does what [Contract.Redact] does, for one text.
func (c *Contract) Redactor(headers ...http.Header) func(string) string {
	r := c.redactorOf(headers...)
	return func(text string) string {
		if r != nil {
			r.redact([]*string{&text})
		}
		return text
	}
}

// A redactor removes the credentials of some headers from texts.
type redactor struct {
	plain *strings.Replacer // of the values as they are
	set   *secrets.Set      // of what is secret in them
}

func (r *redactor) redact(texts []*string) {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = r.plain.Replace(*text)
	}
	clean := r.set.Find(all...).Marked(redacted)
	for i, text := range texts {
		*text = clean[i]
	}
}

// redactorOf returns the redactor of headers, or nil if they carry no credentials.
func (c *Contract) redactorOf(headers ...http.Header) *redactor {
	carried := http.Header{}
	for _, header := range headers {
		for _, name := range c.credentialHeaders {
			carried[name] = append(carried[name], header[name]...)
		}
	}
	return c.redactors.of(carried)
}

// mostRedactors is how many redactors a contract keeps. Clients send the same token again and again, and of
// a long one a redactor takes a millisecond to make.
const mostRedactors = 32

// redactors keep the redactors that were made last, by the credentials.
type redactors struct {
	mu    sync.Mutex
	known map[string]*redactor
}

// of returns the redactor of credentials by the names of their headers, or nil if there are none.
func (all *redactors) of(carried http.Header) *redactor {
	var key strings.Builder
	for _, name := range sortedKeys(carried) {
		for _, value := range carried[name] {
			if len(value) >= shortestCredential {
				key.WriteString(name + "\x00" + value + "\x00")
			}
		}
	}
	if key.Len() == 0 {
		return nil
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	if r := all.known[key.String()]; r != nil {
		return r
	}
	if all.known == nil || len(all.known) >= mostRedactors {
		all.known = map[string]*redactor{}
	}
	r := newRedactor(carried)
	all.known[key.String()] = r
	return r
}

func newRedactor(carried http.Header) *redactor {
	var plain []string
	var credentials []secrets.Credential
	for _, name := range sortedKeys(carried) {
		for _, value := range carried[name] {
			if len(value) >= shortestCredential {
				plain = append(plain, value)
			}
			for _, secret := range secretsIn(name, value) {
				credentials = append(credentials, secrets.Credential{Secret: secrets.Secret{Name: name, Text: secret}})
			}
		}
	}
	// The longest first: one may be a prefix of another.
	slices.SortStableFunc(plain, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var pairs []string
	for _, value := range plain {
		pairs = append(pairs, value, redacted)
	}
	return &redactor{strings.NewReplacer(pairs...), secrets.New(credentials...)}
}

// secretsIn returns what is secret in the value of a header: in a signature, what was computed; with
// another scheme, what follows its name; in Basic, the password, too; and the values of cookies.
func secretsIn(header, value string) []string {
	switch header {
	case "Cookie":
		var all []string
		for cookie := range strings.SplitSeq(value, ";") {
			_, secret, _ := strings.Cut(cookie, "=")
			all = append(all, strings.TrimSpace(secret))
		}
		return all
	case "Set-Cookie":
		cookie, _, _ := strings.Cut(value, ";")
		_, secret, _ := strings.Cut(cookie, "=")
		return []string{strings.TrimSpace(secret)}
	case "Authorization", "Proxy-Authorization":
		if _, signature, signed := strings.Cut(value, "Signature="); signed {
			signature, _, _ = strings.Cut(signature, ",")
			return []string{strings.Trim(signature, `" `)}
		}
		scheme, secret, found := strings.Cut(strings.TrimSpace(value), " ")
		if !found {
			return []string{value}
		}
		all := []string{strings.TrimSpace(secret)}
		if decoded, err := base64.StdEncoding.DecodeString(all[0]); err == nil && strings.EqualFold(scheme, "Basic") {
			_, password, _ := strings.Cut(string(decoded), ":")
			all = append(all, password)
		}
		return all
	default:
		return []string{value}
	}
}
