package contract

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The keywords of problems with where a request has its credentials. They are not in a schema, and
// no condition refuses them: a service does not see where else a client sends what it gets.
const (
	keywordPlace  = "place"  // credentials stand elsewhere than in their header
	keywordOrigin = "origin" // credentials go to another origin than that of the endpoint
)

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

// judgePlaces finds credentials that do not stand in their header alone: where a request repeats
// what a header of credentials carries, and where something has the name of such a header. Proxies
// and servers write down paths, queries and cookies (RFC 6750, section 5.3, for one).
func (c *Contract) judgePlaces(r *Request, path, query string) []Problem {
	own := c.ownCredentials(r.Header)
	var problems []Problem
	report := func(name, place string) {
		problems = append(problems, Problem{In: InSecurity, Name: name, Keyword: keywordPlace, Message: "expected credentials in their header only, got some in " + place})
	}
	carried := func(text string) (name string) {
		for name, values := range own {
			if slices.ContainsFunc(values, func(value string) bool { return strings.Contains(text, value) }) {
				return name
			}
		}
		return ""
	}
	if name := carried(withoutPercent(path)); name != "" {
		report(name, "the path")
	}
	parameters, _ := url.ParseQuery(query) // the pairs without fault count
	for _, key := range sortedKeys(parameters) {
		if name := c.credentialName(key); name != "" {
			report(name, "the query")
		} else if name := carried(key + "=" + strings.Join(parameters[key], "\n")); name != "" {
			report(name, "the query")
		}
	}
	for _, name := range sortedKeys(r.Header) {
		if own[name] != nil {
			continue
		}
		text := strings.Join(r.Header.Values(name), "\n")
		if found := carried(withoutPercent(text)); found != "" {
			report(found, "the header "+name)
		} else if name == "Cookie" && c.namesCredentials(text) != "" {
			report(c.namesCredentials(text), "the header "+name)
		}
	}
	if name := c.inBody(r, carried); name != "" {
		report(name, "the body")
	}
	if n := len(r.Header.Values("Authorization")); n > 1 {
		problems = append(problems, Problem{In: InSecurity, Name: "Authorization", Keyword: "repeated", Message: fmt.Sprintf("expected the header once, got it %d times", n)})
	}
	return problems
}

// inBody returns the header whose credentials a body carries, as they are or in a string of its JSON, or "".
func (c *Contract) inBody(r *Request, carried func(string) string) (name string) {
	if name = carried(string(r.Body)); name != "" || !bytes.Contains(r.Body, []byte(`\`)) {
		return name
	}
	v, _ := r.JSON()
	return v.find(carried)
}

// find returns the first answer of look, for the names and strings of a value, that is not "". v
// may be nil.
func (v *Value) find(look func(string) string) string {
	if v == nil {
		return ""
	}
	if found := look(v.Text); found != "" {
		return found
	}
	for _, item := range v.Items {
		if found := item.find(look); found != "" {
			return found
		}
	}
	for _, m := range v.Members {
		if found := look(m.Name); found != "" {
			return found
		}
		if found := m.Value.find(look); found != "" {
			return found
		}
	}
	return ""
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
		if name := c.credentialName(key); name != "" {
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
			In: InSecurity, Name: name, Keyword: keywordOrigin, Message: fmt.Sprintf("expected credentials to go to %s only, got some for %s", want, got),
		})
	}
	return problems
}

// originOf returns the origin of a URL (RFC 6454).
func originOf(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return strings.ToLower(u.Scheme + "://" + u.Hostname() + ":" + port)
}
