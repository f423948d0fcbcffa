package contract

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// httpCredentialHeaders carry credentials whatever the service (RFC 9110, sections
// 11.6.2 and 11.7.2; RFC 6265).
var httpCredentialHeaders = []string{"Authorization", "Cookie", "Proxy-Authorization", "Set-Cookie"}

// parseCredentialHeaders gathers the headers that carry credentials: HTTP's own,
// those of the security schemes and those of x-credential-headers.
func (c *Contract) parseCredentialHeaders(kin *openapi3.T) error {
	var names []string
	if err := c.decode("/x-credential-headers", &names); err != nil {
		return err
	}
	names = append(names, httpCredentialHeaders...)
	if kin.Components != nil {
		for _, scheme := range kin.Components.SecuritySchemes {
			if scheme.Value != nil && scheme.Value.In == "header" {
				names = append(names, scheme.Value.Name)
			}
		}
	}
	for i, name := range names {
		names[i] = http.CanonicalHeaderKey(name)
	}
	slices.Sort(names)
	c.credentialHeaders = slices.Compact(names)
	return nil
}

// CarriesCredentials reports whether the values of a header, by its canonical name,
// are credentials, in requests or in answers.
func (c *Contract) CarriesCredentials(name string) bool {
	_, found := slices.BinarySearch(c.credentialHeaders, name)
	return found
}

// shortestCredential is how many bytes a credential has at least that is looked for
// in other places than its header. A shorter one is none, or a word that would be
// found by chance.
const shortestCredential = 4

// Redactor returns a function that puts [redacted] in the place of each credential
// that one of the headers carries, if it has four bytes or more.
func (c *Contract) Redactor(headers ...http.Header) func(string) string {
	var found []string
	for _, header := range headers {
		for _, name := range c.credentialHeaders {
			for _, value := range header.Values(name) {
				if len(value) >= shortestCredential {
					found = append(found, value)
				}
			}
		}
	}
	if len(found) == 0 {
		return func(s string) string { return s }
	}
	// The longest first: one may be the beginning of another.
	slices.SortFunc(found, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var pairs []string
	for _, value := range found {
		pairs = append(pairs, value, "[redacted]")
	}
	return strings.NewReplacer(pairs...).Replace
}
