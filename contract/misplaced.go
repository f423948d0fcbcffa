package contract

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/jsonpointer"
	"github.com/gesconform/gesconform/internal/secrets"
)

// The keywords of problems with where a request has its credentials. They are not in a schema, and no
// condition refuses them: a service does not see where else a client sends what it gets.
const (
	KeywordPlace  = "place"  // credentials stand elsewhere than in their header
	KeywordOrigin = "origin" // credentials go to another origin than that of the endpoint
)

// keywordMismatch is that of a header that contradicts the path.
const keywordMismatch = "mismatch"

// ownCredentials returns the headers of a request that carry credentials for the service: those of the
// security schemes and of x-credential-headers, and Authorization. Cookies, and what is for a
// proxy, are for somebody else.
func (c *Contract) ownCredentials(header http.Header) http.Header {
	own := http.Header{}
	for _, name := range c.credentialHeaders {
		if slices.Contains([]string{"Cookie", "Set-Cookie", "Proxy-Authorization"}, name) {
			continue
		}
		for _, value := range header.Values(name) {
			if len(value) >= shortestCredential {
				own[name] = append(own[name], value)
			}
		}
	}
	return own
}

// credentialClause returns where the document says that a header carries credentials, or "" if only HTTP
// says it.
func (c *Contract) credentialClause(header string) string {
	for _, op := range c.operations {
		for _, scheme := range op.Schemes() {
			if http.CanonicalHeaderKey(scheme.Name) == header {
				return scheme.Clause
			}
		}
	}
	if list := "/x-credential-headers"; c.node(list) != nil && !slices.Contains(httpCredentialHeaders, header) {
		return list
	}
	return ""
}

// judgePlaces finds credentials that do not stand in their header alone: where a request repeats
// what a header of credentials carries, however it is spelt there, and where something has the name of
// such a header. Proxies and servers write down paths, queries and cookies (RFC 6750, section 5.3, for one).
func (c *Contract) judgePlaces(r *Request, path, query string) []Problem {
	var problems []Problem
	report := func(name, place string) {
		if name == "" {
			return
		}
		p := Problem{In: InSecurity, Name: name, Keyword: KeywordPlace, Clause: c.credentialClause(name), Message: "expected credentials in their header only, got some in " + place}
		if !slices.Contains(problems, p) {
			problems = append(problems, p)
		}
	}
	headers := c.ownCredentials(r.Header)
	own := c.carrierOf(headers)
	report(own.in(path), "the path")
	parameters, _ := url.ParseQuery(query) // the pairs without fault count
	for _, key := range sortedKeys(parameters) {
		if !c.hasScheme(InQuery, key) {
			report(c.credentialName(key), "the query")
		}
	}
	report(own.in(query), "the query")
	for _, name := range sortedKeys(r.Header) {
		others := own
		if headers[name] != nil {
			rest := maps.Clone(headers)
			delete(rest, name)
			others = c.carrierOf(rest)
		}
		text := strings.Join(append([]string{name}, r.Header[name]...), "\n")
		report(others.in(text), "the header "+name)
		if name == "Cookie" {
			report(c.namesCredentials(text), "the header "+name)
		}
	}
	report(own.in(string(r.Body)), "the body")
	if n := len(r.Header.Values("Authorization")); n > 1 {
		problems = append(problems, Problem{
			In: InSecurity, Name: "Authorization", Keyword: "repeated", Clause: c.credentialClause("Authorization"),
			Message: fmt.Sprintf("expected the header once, got it %d times", n),
		})
	}
	return c.located(problems)
}

// A carrier finds the credentials of headers in texts.
type carrier struct {
	headers http.Header
	names   []string
	set     *secrets.Set // nil if there are none
}

func (c *Contract) carrierOf(headers http.Header) *carrier {
	r := c.redactors.of(headers)
	if r == nil {
		return &carrier{}
	}
	return &carrier{headers, sortedKeys(headers), r.set}
}

// in returns the header whose credentials a text has, or "".
func (own *carrier) in(text string) (name string) {
	if own.set == nil || text == "" {
		return ""
	}
	plain := withoutPercent(text)
	for _, name := range own.names {
		if slices.ContainsFunc(own.headers[name], func(value string) bool { return strings.Contains(plain, value) }) {
			return name
		}
	}
	name = cmp.Or(own.set.Find(text).Names()...)
	if name == "" && plain != text { // what was turned around, too, and then escaped
		name = cmp.Or(own.set.Find(plain).Names()...)
	}
	return name
}

// judgePathHeaders finds headers that name something else than the path does.
func (c *Contract) judgePathHeaders(op *Operation, r *Request) []Problem {
	if op == nil {
		return nil
	}
	values, _ := r.Match(op)
	var problems []Problem
	for _, header := range sortedKeys(c.pathHeaders) {
		parameter := c.pathHeaders[header]
		want, there := values[parameter]
		if there && slices.ContainsFunc(r.Header.Values(header), func(got string) bool { return got != want }) {
			problems = append(problems, Problem{
				In: InHeader, Name: header, Keyword: keywordMismatch, Clause: "/x-path-headers/" + jsonpointer.Escape(header),
				Message: "expected the " + parameter + " of the path, got another",
			})
		}
	}
	return c.located(problems)
}

// parsePathHeaders reads x-path-headers.
func (c *Contract) parsePathHeaders() error {
	c.pathHeaders = map[string]string{}
	return entries(c, "/x-path-headers", "path header", func(name string, _ int, parameter *string) error {
		if !slices.ContainsFunc(c.operations, func(op *Operation) bool {
			p := op.Parameter(*parameter)
			return p != nil && p.In == InPath
		}) {
			return fmt.Errorf("expected the name of a path parameter, got %q", *parameter)
		}
		if name != http.CanonicalHeaderKey(name) {
			return fmt.Errorf("expected the name as %s", http.CanonicalHeaderKey(name))
		}
		c.pathHeaders[name] = *parameter
		return nil
	})
}

// hasScheme reports whether a part of requests is where a security scheme has its credentials, under that name.
func (c *Contract) hasScheme(in In, name string) bool {
	return slices.ContainsFunc(c.operations, func(op *Operation) bool {
		return slices.ContainsFunc(op.Security, func(a Alternative) bool {
			return slices.ContainsFunc(a, func(s *SecurityScheme) bool { return s.In == in && s.Name == name })
		})
	})
}

// credentialName returns the header of credentials that a parameter is called like, or "".
func (c *Contract) credentialName(parameter string) string {
	name := http.CanonicalHeaderKey(strings.ReplaceAll(strings.TrimSpace(parameter), "_", "-"))
	if c.CarriesCredentials(name) {
		return name
	}
	return ""
}

// namesCredentials does the same for the cookies of a header Cookie.
func (c *Contract) namesCredentials(cookies string) string {
	for cookie := range strings.SplitSeq(cookies, ";") {
		key, _, _ := strings.Cut(cookie, "=")
		if name := c.credentialName(key); name != "" && !c.hasScheme(InCookie, strings.TrimSpace(key)) {
			return name
		}
	}
	return ""
}

// withoutPercent returns a text without percent-encoding, or as it is if that is broken.
func withoutPercent(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

// judgeOrigin finds credentials that go to another origin than the endpoint's.
func (c *Contract) judgeOrigin(header http.Header, to *url.URL, endpoint *url.URL) []Problem {
	got, want := originOf(to), originOf(endpoint)
	if got == want {
		return nil
	}
	var problems []Problem
	for _, name := range sortedKeys(c.ownCredentials(header)) {
		problems = append(problems, Problem{
			In: InSecurity, Name: name, Keyword: KeywordOrigin, Clause: c.credentialClause(name), Message: fmt.Sprintf("expected credentials to go to %s only, got some for %s", want, got),
		})
	}
	return c.located(problems)
}

// originOf returns the origin of a URL (RFC 6454).
func originOf(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return strings.ToLower(u.Scheme + "://" + u.Hostname() + ":" + port)
}
