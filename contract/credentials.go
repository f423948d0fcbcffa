package contract

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// httpCredentialHeaders carry credentials in any HTTP service (RFC 9110, sections
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

// Redactor returns a function that replaces, anywhere in a text, the credentials that
// the headers carry with [redacted]. Values shorter than four bytes are kept.
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
	// The longest first: one may be a prefix of another.
	slices.SortFunc(found, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var pairs []string
	for _, value := range found {
		pairs = append(pairs, value, "[redacted]")
	}
	return strings.NewReplacer(pairs...).Replace
}
