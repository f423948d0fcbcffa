package contract

import (
	"encoding/base64"
	"math"
	"math/big"
	"net/mail"
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A format is what values of a kind keep whose schema has that format.
type format struct {
	kind Kind
	says string // what is expected
	has  func(v *Value) bool
}

// formats are those that are checked, of the registry of OpenAPI and of JSON Schema. Another says
// nothing: its meaning is the document's own.
var formats = map[string]format{
	"date":          {KindString, "a date (RFC 3339, section 5.6: full-date)", text(isDate)},
	"date-time":     {KindString, "a date and time with its offset (RFC 3339, section 5.6: date-time)", text(isDateTime)},
	"time":          {KindString, "a time with its offset (RFC 3339, section 5.6: full-time)", text(isTime)},
	"duration":      {KindString, "a duration (RFC 3339, appendix A)", text(isDuration)},
	"uuid":          {KindString, "a UUID (RFC 9562, section 4)", text(isUUID)},
	"email":         {KindString, "an e-mail address (RFC 5321, section 4.1.2)", text(isEmail)},
	"uri":           {KindString, "a URI with its scheme (RFC 3986, section 3)", text(isURI)},
	"uri-reference": {KindString, "a URI reference (RFC 3986, section 4.1)", text(isURIReference)},
	"hostname":      {KindString, "a host name (RFC 1123, section 2.1)", text(isHostname)},
	"ipv4":          {KindString, "an IPv4 address", text(func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() })},
	"ipv6":          {KindString, "an IPv6 address (RFC 4291, section 2.2)", text(isIPv6)},
	"byte":          {KindString, "base64 (RFC 4648, section 4)", text(isBase64)},
	"int32":         {KindNumber, "an integer of 32 bits", within(math.MinInt32, math.MaxInt32)},
	"int64":         {KindNumber, "an integer of 64 bits", within(math.MinInt64, math.MaxInt64)},
	"float":         {KindNumber, "a number that single precision can hold", func(v *Value) bool { return math.Abs(v.number()) <= math.MaxFloat32 }},
	"double":        {KindNumber, "a number that double precision can hold", func(v *Value) bool { return !math.IsInf(v.number(), 0) }},
}

// HasOtherFormat reports whether texts have a format whose meaning is the document's own, so that it is not checked.
// That of a password is only how it is shown.
func (s *Schema) HasOtherFormat() bool {
	_, known := formats[s.Format]
	return s.Type == KindString && s.Format != "" && !known && s.Format != "password" && s.Format != "binary"
}

func text(has func(string) bool) func(*Value) bool { return func(v *Value) bool { return has(v.Text) } }

// within takes integers only, from least to most.
func within(least, most int64) func(*Value) bool {
	low, high := new(big.Rat).SetInt64(least), new(big.Rat).SetInt64(most)
	return func(v *Value) bool {
		if len(v.Text) < wholeDigits && v.number() == math.Trunc(v.number()) {
			return v.number() >= float64(least) && v.number() <= float64(most)
		}
		n, ok := exact(v.Text)
		return ok && n.IsInt() && n.Cmp(low) >= 0 && n.Cmp(high) <= 0
	}
}

// checkFormat checks a string or a number by the schema's format.
func (c *checker) checkFormat(s *Schema, v *Value) {
	if s.Format == "" || c.cut && v.Kind == KindString {
		return
	}
	if f, known := formats[s.Format]; known && f.kind == v.Kind && !f.has(v) {
		c.fail(s, "format", "expected %s", f.says)
	}
}

// digits reads a number of n digits at the beginning of a text.
func digits(s string, n int) (number int, rest string, ok bool) {
	if len(s) < n {
		return 0, "", false
	}
	for i := range n {
		if s[i] < '0' || s[i] > '9' {
			return 0, "", false
		}
		number = number*10 + int(s[i]-'0')
	}
	return number, s[n:], true
}

func isDate(s string) bool {
	year, rest, ok := digits(s, 4)
	if !ok || !strings.HasPrefix(rest, "-") {
		return false
	}
	month, rest, ok := digits(rest[1:], 2)
	if !ok || !strings.HasPrefix(rest, "-") {
		return false
	}
	day, rest, ok := digits(rest[1:], 2)
	return ok && rest == "" && month >= 1 && month <= 12 && day >= 1 && day <= time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func isDateTime(s string) bool {
	const date = len("2006-01-02")
	return len(s) > date && (s[date] == 'T' || s[date] == 't') && isDate(s[:date]) && isTime(s[date+1:])
}

const minutesOfDay = 24 * 60

func isTime(s string) bool {
	hour, minute, rest, ok := hourAndMinute(s)
	if !ok || !strings.HasPrefix(rest, ":") {
		return false
	}
	second, rest, ok := digits(rest[1:], 2)
	if !ok || second > 60 {
		return false
	}
	if fraction, found := strings.CutPrefix(rest, "."); found {
		if rest = strings.TrimLeft(fraction, "0123456789"); rest == fraction {
			return false
		}
	}
	offset := 0
	switch {
	case rest == "Z" || rest == "z":
	case rest != "" && (rest[0] == '+' || rest[0] == '-'):
		h, m, end, ok := hourAndMinute(rest[1:])
		if !ok || end != "" {
			return false
		}
		if offset = h*60 + m; rest[0] == '-' {
			offset = -offset
		}
	default:
		return false
	}
	// A leap second is the last one of a day of UTC.
	return second < 60 || (hour*60+minute-offset+minutesOfDay)%minutesOfDay == minutesOfDay-1
}

func hourAndMinute(s string) (hour, minute int, rest string, ok bool) {
	if hour, rest, ok = digits(s, 2); !ok || hour > 23 || !strings.HasPrefix(rest, ":") {
		return 0, 0, "", false
	}
	minute, rest, ok = digits(rest[1:], 2)
	return hour, minute, rest, ok && minute <= 59
}

// isDuration also takes a fraction of a second, and units that are passed over, which ISO 8601 allows.
func isDuration(s string) bool {
	rest, found := strings.CutPrefix(s, "P")
	if !found {
		return false
	}
	date, clock, hasClock := strings.Cut(rest, "T")
	if weeks, ok := strings.CutSuffix(date, "W"); ok {
		return !hasClock && weeks != "" && strings.Trim(weeks, "0123456789") == ""
	}
	return inUnits(date, "YMD", false) && inUnits(clock, "HMS", true) && (date != "" || clock != "") && hasClock == (clock != "")
}

// inUnits reports whether a text consists of numbers, each with one of the units behind it, in their order.
func inUnits(s, units string, fraction bool) bool {
	for s != "" {
		rest := strings.TrimLeft(s, "0123456789")
		if rest == s || rest == "" {
			return false
		}
		if fraction && (rest[0] == '.' || rest[0] == ',') {
			if s = strings.TrimLeft(rest[1:], "0123456789"); s == rest[1:] || s != "S" {
				return false
			}
			rest = s
		}
		unit := strings.IndexByte(units, rest[0])
		if unit < 0 {
			return false
		}
		s, units = rest[1:], units[unit+1:]
	}
	return true
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash && s[i] != '-' || !dash && !isHex(s[i]) {
			return false
		}
	}
	return true
}

func isHex(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F'
}

// isEmail takes what package mail takes for an address alone, without a name or a comment beside it.
func isEmail(s string) bool {
	address, err := mail.ParseAddress(s)
	return err == nil && address.Name == "" && !strings.HasSuffix(s, ">") && !strings.HasSuffix(s, ")") && strings.TrimSpace(s) == s
}

// isHostname takes internationalised names, too (RFC 5890), and the full stop of the root.
func isHostname(s string) bool {
	const mostBytes, mostOfLabel = 253, 63
	s = strings.TrimSuffix(s, ".")
	if s == "" || len(s) > mostBytes {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > mostOfLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool {
			return r != '-' && !(r < utf8.RuneSelf && isAlphanumeric(byte(r))) && (r < utf8.RuneSelf || r == utf8.RuneError || !unicode.In(r, unicode.L, unicode.M, unicode.N))
		}) {
			return false
		}
	}
	return true
}

func isAlphanumeric(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

func isIPv6(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is6() && a.Zone() == ""
}

// isBase64 also takes the line breaks of MIME.
func isBase64(s string) bool {
	_, err := base64.StdEncoding.DecodeString(s)
	return err == nil
}
