package contract

import (
	"net/netip"
	"strings"
	"unicode/utf8"
)

// The characters that parts of a URI may have beside letters, digits and escapes (RFC 3986, sections 2 and 3). What
// is not ASCII counts as a letter, since many write IRIs (RFC 3987).
const (
	uriUnreserved = "-._~"
	uriSubDelims  = "!$&'()*+,;="
	uriUser       = uriUnreserved + uriSubDelims + ":"
	uriHost       = uriUnreserved + uriSubDelims
	uriPath       = uriUnreserved + uriSubDelims + ":@/"
	uriQuery      = uriPath + "?[]" // brackets are escaped by few
)

// isURI reports whether a text is a URI with its scheme; it may have a fragment.
func isURI(s string) bool {
	scheme, rest, found := strings.Cut(s, ":")
	return found && isScheme(scheme) && isRelativePart(rest)
}

// isURIReference reports whether a text is a URI or a relative reference.
func isURIReference(s string) bool {
	if isURI(s) {
		return true
	}
	end := strings.IndexAny(s, "/?#")
	if end < 0 {
		end = len(s)
	}
	return !strings.Contains(s[:end], ":") && isRelativePart(s)
}

func isScheme(s string) bool {
	if s == "" || !isAlphanumeric(s[0]) || s[0] <= '9' {
		return false
	}
	for i := range len(s) {
		if !isAlphanumeric(s[i]) && strings.IndexByte("+-.", s[i]) < 0 {
			return false
		}
	}
	return true
}

// isRelativePart checks what follows the scheme.
func isRelativePart(s string) bool {
	s, fragment, _ := strings.Cut(s, "#")
	path, query, _ := strings.Cut(s, "?")
	if rest, found := strings.CutPrefix(path, "//"); found {
		authority, below, more := strings.Cut(rest, "/")
		if !isAuthority(authority) {
			return false
		}
		if path = below; more {
			path = "/" + path
		}
	}
	return consistsOf(path, uriPath) && consistsOf(query, uriQuery) && consistsOf(fragment, uriQuery)
}

func isAuthority(s string) bool {
	if at := strings.LastIndex(s, "@"); at >= 0 {
		if !consistsOf(s[:at], uriUser) {
			return false
		}
		s = s[at+1:]
	}
	host, port := s, ""
	if colon := strings.LastIndex(s, ":"); colon > strings.LastIndex(s, "]") {
		host, port = s[:colon], s[colon+1:]
	}
	if strings.Trim(port, "0123456789") != "" {
		return false
	}
	if literal, found := strings.CutPrefix(host, "["); found {
		address, closed := strings.CutSuffix(literal, "]")
		return closed && isIPLiteral(address)
	}
	return consistsOf(host, uriHost)
}

// isIPLiteral checks what stands in brackets: an IPv6 address, perhaps with a zone (RFC 6874), or one of the future.
func isIPLiteral(s string) bool {
	if len(s) > 0 && (s[0] == 'v' || s[0] == 'V') {
		version, address, _ := strings.Cut(s[1:], ".")
		return version != "" && address != "" && consistsOf(address, uriUser)
	}
	address, zone, hasZone := strings.Cut(s, "%25")
	a, err := netip.ParseAddr(address)
	return err == nil && a.Is6() && a.Zone() == "" && hasZone == (zone != "") && consistsOf(zone, uriUnreserved)
}

// consistsOf reports whether a text has no characters but letters, digits, escapes and others.
func consistsOf(s, others string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case isAlphanumeric(b), strings.IndexByte(others, b) >= 0, b >= utf8.RuneSelf:
		case b == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			i += 2
		default:
			return false
		}
	}
	return true
}
