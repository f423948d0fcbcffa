package implied

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/config"
)

// An attempt is how a request takes the credentials of an alternative.
type attempt struct {
	alternative int    // index into the operation's security; -1 if it needs none
	scheme      string // id of the one that is left out or made up; "" for none, or for all that are left out
	lapse       lapse
}

// bare reports whether it has none, so that it does not matter of which alternative.
func (a *attempt) bare() bool { return a.lapse == missing && a.scheme == "" }

// A lapse is what is wrong with the credentials of a request.
type lapse string

// The lapses.
const (
	inOrder lapse = ""
	missing lapse = "missing"
	inside  lapse = "made up: another character in the middle"
	atEnd   lapse = "made up: another character at the end"
	longer  lapse = "made up: a character longer"
)

// madeUpLapses are the ways to make up credentials that have the form of the real ones.
var madeUpLapses = []lapse{inside, atEnd, longer}

// madeUp returns credentials of the form of the given ones. For http basic, the password is made
// up, or the user if there is no password: then the user is the secret, and some services do not look at the password.
func madeUp(s *contract.SecurityScheme, value string, l lapse) string {
	user, password, isPair := strings.Cut(value, ":")
	switch {
	case s.Scheme == "basic" && isPair && password == "":
		return altered(user, l) + ":"
	case s.Scheme == "basic" && isPair:
		return user + ":" + altered(password, l)
	default:
		return altered(value, l)
	}
}

// altered changes one character of a text. The last one of a text in base64 may have bits that
// nothing reads, so the one before it stands for the end.
func altered(text string, l lapse) string {
	runes := []rune(text)
	end := len([]rune(strings.TrimRight(text, "=")))
	if l == longer || end == 0 {
		return text + "x"
	}
	at := max(end-2, 0)
	if l == inside {
		at = end / 2
	}
	for at > 0 && !isAlphanumeric(runes[at]) { // a dot in a token separates its parts
		at--
	}
	runes[at] = another(runes[at])
	return string(runes)
}

func isAlphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// another returns another character of the same kind.
func another(r rune) rune {
	switch {
	case r >= '0' && r <= '9':
		return '0' + (r-'0'+5)%10
	case r >= 'a' && r <= 'z':
		return 'a' + (r-'a'+11)%26
	case r >= 'A' && r <= 'Z':
		return 'A' + (r-'A'+11)%26
	default:
		return 'x'
	}
}

// schemePrefix returns what stands before the credentials in Authorization.
func schemePrefix(s *contract.SecurityScheme) string {
	switch {
	case s.Type == "apiKey" || s.Type == "mutualTLS":
		return ""
	case s.Type == "http" && s.Scheme == "basic":
		return "Basic "
	case s.Type == "http" && s.Scheme != "bearer" && s.Scheme != "":
		return strings.ToUpper(s.Scheme[:1]) + s.Scheme[1:] + " "
	default: // bearer, oauth2 and openIdConnect
		return "Bearer "
	}
}

// credentialText returns what a request carries for a scheme.
func credentialText(s *contract.SecurityScheme, value string) string {
	if s.Type == "http" && s.Scheme == "basic" {
		value = base64.StdEncoding.EncodeToString([]byte(value))
	}
	return schemePrefix(s) + value
}

// usable returns the alternatives of an operation for which the credentials are there, by index; -1
// alone for an operation that needs none. One that is of the connection alone (mutual TLS) serves if there is no
// other: whether the connection has a certificate, nothing here knows.
func (o *Options) usable(op *contract.Operation) []int {
	var all, ofConnection []int
	for i, a := range op.Security {
		carried := slices.ContainsFunc(a, func(s *contract.SecurityScheme) bool { return s.Type != "mutualTLS" })
		given := !slices.ContainsFunc(a, func(s *contract.SecurityScheme) bool {
			_, ok := o.Credentials[s.ID]
			return !ok && s.Type != "mutualTLS" // which is not in the request
		})
		switch {
		case given && carried:
			all = append(all, i)
		case given && len(a) > 0:
			ofConnection = append(ofConnection, i)
		}
	}
	switch {
	case len(all) > 0:
		return all
	case op.Anonymous():
		return []int{-1}
	}
	return ofConnection
}

// needsCredentials says what to give for an operation, of which no alternative is usable.
func needsCredentials(op *contract.Operation) string {
	var all []string
	for _, a := range op.Security {
		var flags []string
		for _, s := range a {
			if s.Type == "mutualTLS" {
				flags = append(flags, "--client-cert FILE")
				continue
			}
			flags = append(flags, fmt.Sprintf("--credential %s=VALUE", s.ID))
		}
		all = append(all, strings.Join(flags, " "))
	}
	return strings.Join(all, " or ")
}

// credentials adds those of an attempt to a request.
func (b *builder) credentials(op *contract.Operation, a attempt) {
	if a.alternative < 0 || a.lapse == missing && a.scheme == "" {
		return
	}
	for _, s := range op.Security[a.alternative] {
		value, given := b.o.Credentials[s.ID]
		if b.shown {
			value = "$" + config.CredentialVariable(s.ID)
		}
		own := s.ID == a.scheme
		switch {
		case s.Type == "mutualTLS", !given && !b.shown, own && a.lapse == missing:
			continue
		case own && b.shown:
			value += "_MADE_UP"
		case own && a.lapse != inOrder:
			value = madeUp(s, value, a.lapse)
		}
		text := credentialText(s, value)
		if b.shown {
			text = schemePrefix(s) + value
		}
		b.place(s.In, s.Name, text)
	}
}
