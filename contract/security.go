package contract

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// A fault is what is wrong with the credentials for a scheme; the worst is last.
type fault int

const (
	faultless fault = iota
	faultMissing
	faultForm
	faultRepeated
)

// judgeCredentials judges whether a request has the credentials of one alternative. Otherwise it reports one
// problem: of credentials that are there and wrong, if there are some, and else the first that are missing.
func (op *Operation) judgeCredentials(header http.Header, query string) []Problem {
	if len(op.Security) == 0 {
		return nil
	}
	carried := carriedBy(header, query)
	wrong, missing := Problem{}, Problem{}
	anonymous, partly := false, false
	for _, alternative := range op.Security {
		if len(alternative) == 0 {
			anonymous = true
			continue
		}
		kept, lacks := 0, Problem{}
		for _, s := range alternative {
			switch f := s.judge(carried.of(s)); {
			case f == faultless:
				kept++
			case f == faultMissing:
				if lacks.Keyword == "" {
					lacks = s.problem(f)
				}
			case wrong.Keyword == "":
				wrong = s.problem(f)
			}
		}
		if kept == len(alternative) {
			return nil
		}
		if lacks.Keyword != "" && (missing.Keyword == "" || kept > 0 && !partly) {
			missing, partly = lacks, kept > 0 // credentials that are there in part say which alternative is meant
		}
	}
	switch {
	case wrong.Keyword != "":
		return []Problem{wrong}
	case anonymous || missing.Keyword == "":
		return nil
	default:
		return []Problem{missing}
	}
}

// credentials are where a request carries some.
type credentials struct {
	header         http.Header
	query, cookies []pair
}

func carriedBy(header http.Header, query string) credentials {
	c := credentials{header: header}
	if query != "" {
		c.query = (&decoder{unescape: leniently(url.QueryUnescape)}).split(query, "&")
	}
	if lines := header["Cookie"]; len(lines) > 0 {
		c.cookies = (&decoder{unescape: plain}).split(strings.ReplaceAll(strings.Join(lines, ";"), "; ", ";"), ";")
	}
	return c
}

// of returns the values that a request carries for a scheme.
func (c *credentials) of(s *SecurityScheme) []string {
	if s.In == InHeader {
		return c.header[s.Name]
	}
	pairs := c.query
	if s.In == InCookie {
		pairs = c.cookies
	}
	var all []string
	for _, p := range pairs {
		if p.name == s.Name {
			all = append(all, p.value)
		}
	}
	return all
}

// judge judges the values that a request carries for the scheme. What is in no part of a message, as a client's
// certificate is, is not seen here.
func (s *SecurityScheme) judge(values []string) fault {
	switch {
	case s.In == "":
		return faultless
	case len(values) > 1:
		return faultRepeated
	case len(values) == 0 || values[0] == "":
		return faultMissing
	case s.Pattern != nil && !s.Pattern.MatchString(values[0]):
		return faultForm
	case s.Type == "http" && !s.hasForm(values[0]):
		return faultForm
	default:
		return faultless
	}
}

// bearerToken is what is taken for a token. RFC 6750, section 2.1, has fewer characters than services issue tokens with.
var bearerToken = regexp.MustCompile(`^[[:graph:]]+$`)

// hasForm reports whether the value of Authorization has the form of the scheme of HTTP.
func (s *SecurityScheme) hasForm(value string) bool {
	name, rest, _ := strings.Cut(value, " ")
	if !strings.EqualFold(name, s.Scheme) {
		return false
	}
	rest = strings.Trim(rest, " ")
	switch s.Scheme {
	case "basic": // RFC 7617, section 2
		decoded, err := base64.StdEncoding.DecodeString(rest)
		return err == nil && slices.Contains(decoded, ':')
	case "bearer":
		return bearerToken.MatchString(rest)
	default:
		return rest != ""
	}
}

// forms say what the value of Authorization is expected to be, by the scheme of HTTP.
var forms = map[string]string{
	"basic":  "Basic, and a name and a password in base64 (RFC 7617, section 2)",
	"bearer": "Bearer, and a token (RFC 6750, section 2.1)",
}

// problem describes what is wrong with the credentials for the scheme.
func (s *SecurityScheme) problem(f fault) Problem {
	p := Problem{In: InSecurity, Name: s.Name, Keyword: "required", Message: "expected credentials", Clause: s.Clause}
	switch {
	case f == faultRepeated && s.In == InHeader:
		p.Keyword, p.Message = "repeated", "expected the header once"
	case f == faultRepeated:
		p.Keyword, p.Message = "repeated", "expected the credentials once"
	case f == faultForm && s.Pattern != nil:
		p.Keyword, p.Message, p.Clause = "pattern", "expected the form "+s.Pattern.String(), s.Clause+"/x-pattern"
	case f == faultForm:
		form := forms[s.Scheme]
		if form == "" {
			form = s.Scheme + ", and the credentials"
		}
		p.Keyword, p.Message, p.Clause = "pattern", "expected the form "+form, s.Clause+"/scheme"
	}
	return p
}
