package contract

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/docfile"
)

// security reads the security of an operation, or else that of the document. Of its alternatives, those with
// a scheme that cannot be used are left out, as long as there are others.
func (k *compiler) security(op *Operation) {
	at := op.place.At("security")
	if at.Node == nil {
		at = k.set.Top().At("security")
	}
	op.securityClause = at.Clause()
	if at.Node != nil && !at.Node.Is(docfile.List) {
		op.lacks(at, "security: %s", expected("a list", at))
		return
	}
	var unusable []Unsupported
	for i := range at.Node.Members() {
		own := at.Item(i)
		alternative, why := k.alternative(own)
		if why != "" {
			unusable = append(unusable, unsupportedAt(own, "security: %s", why))
			continue
		}
		op.Security = append(op.Security, alternative)
	}
	if len(op.Security) == 0 {
		op.Unsupported = append(op.Unsupported, unusable...)
		return
	}
	for _, u := range unusable {
		k.note(at, "operation %s: %s; left out", op.ID, u.Reason)
	}
}

// alternative reads schemes that are needed together; why says why they cannot be used.
func (k *compiler) alternative(at docfile.Place) (all Alternative, why string) {
	if !at.Node.Is(docfile.Mapping) {
		return nil, expected("a mapping", at).Error()
	}
	for _, id := range namesOfMembers(at.Node) {
		scheme, err := k.securityScheme(id)
		if err != nil {
			return nil, err.Error()
		}
		all = append(all, scheme)
	}
	return all, ""
}

func (k *compiler) securityScheme(id string) (*SecurityScheme, error) {
	if scheme := k.schemes[id]; scheme != nil {
		return scheme, nil
	}
	at, err := k.set.Follow(k.securitySchemes().At(id))
	switch {
	case err != nil:
		return nil, fmt.Errorf("scheme %s: %w", id, err)
	case at.Node == nil:
		return nil, fmt.Errorf("unknown scheme %.100q", id)
	}
	scheme := &SecurityScheme{ID: id, Type: at.Node.TextOf("type"), Clause: at.Clause()}
	if err := scheme.read(at); err != nil {
		return nil, fmt.Errorf("scheme %s: %w", id, err)
	}
	if pattern := at.At("x-pattern"); pattern.Node.Is(docfile.Text) {
		if scheme.Pattern, err = compilePattern(pattern.Node.Text); err != nil {
			k.fail(pattern.Clause(), "security scheme %s: x-pattern: %s", id, err)
		}
	}
	k.schemes[id] = scheme
	return scheme, nil
}

// securitySchemes returns the place of the security schemes, which may be in another file.
func (c *Contract) securitySchemes() docfile.Place {
	at := c.set.Top()
	for _, name := range []string{"components", "securitySchemes"} {
		to, err := c.set.Follow(at.At(name))
		if err != nil {
			return at.At(name) // where none is found
		}
		at = to
	}
	return at
}

// read reads where the scheme has a request carry credentials.
func (s *SecurityScheme) read(at docfile.Place) error {
	switch s.Type {
	case "apiKey":
		s.In, s.Name = In(at.Node.TextOf("in")), at.Node.TextOf("name")
		if s.Name == "" || !slices.Contains([]In{InHeader, InQuery, InCookie}, s.In) {
			return fmt.Errorf("expected a name in header, query or cookie, got %.60q in %.60q", s.Name, string(s.In))
		}
		if s.In != InQuery && !tokenForm.MatchString(s.Name) {
			return fmt.Errorf("expected a name that a %s may have (RFC 9110, section 5.6.2), got %.60q", s.In, s.Name)
		}
		if s.In == InHeader {
			s.Name = http.CanonicalHeaderKey(s.Name)
		}
	case "http":
		s.Scheme, s.In, s.Name = strings.ToLower(at.Node.TextOf("scheme")), InHeader, "Authorization"
		if s.Scheme == "" {
			return fmt.Errorf("scheme: expected basic, bearer or another, got %s", at.At("scheme").Kind())
		}
	case "oauth2", "openIdConnect":
		s.In, s.Name = InHeader, "Authorization" // as a bearer token (RFC 6750, section 2.1)
	case "mutualTLS":
	default:
		return fmt.Errorf("type: expected apiKey, http, oauth2, openIdConnect or mutualTLS, got %.60q", s.Type)
	}
	return nil
}
