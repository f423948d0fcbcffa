package values

import (
	"slices"
	"strings"
)

// An example is a text with a name for what is special about it.
type example struct{ name, text string }

// A format is what is known of the texts of a format.
type format struct {
	valid  []example // the plainest first
	near   []example // nearly valid
	lax    []string  // the names of those of near that the readers of common languages take unasked
	long   func(n int) (string, bool)
	number bool // of numbers: see formatBounds
}

// formats are those that contract checks. RFC 3339 is the source for dates and times, RFC 9562 for
// uuid, RFC 5321 for email, RFC 3986 for uri, RFC 1123 for hostname, RFC 4291 and 5952 for
// ipv6, RFC 4648 for byte.
var formats = map[string]format{
	"date": {
		valid: []example{{"plain", "2024-03-01"}, {"leap-day", "2024-02-29"}, {"leap-century", "2000-02-29"}, {"end-of-year", "2023-12-31"}},
		near: []example{
			{"february-30", "2026-02-30"}, {"no-leap-year", "2023-02-29"}, {"no-leap-century", "1900-02-29"}, {"month-13", "2024-13-01"},
			{"day-0", "2024-01-00"}, {"no-zeros", "2024-3-1"}, {"with-time", "2024-03-01T00:00:00Z"}, {"slashes", "2024/03/01"},
		},
		lax: []string{"no-zeros", "with-time"},
	},
	"date-time": {
		valid: []example{
			{"plain", "2024-03-01T12:30:45Z"}, {"leap-day", "2024-02-29T23:59:59Z"}, {"fraction", "2024-03-01T12:30:45.123Z"}, {"fraction-9", "2024-03-01T12:30:45.123456789Z"},
			{"offset", "2024-03-01T12:30:45+05:30"}, {"offset-west", "2024-03-01T00:00:00-08:00"},
		},
		near: []example{
			{"february-30", "2026-02-30T12:00:00Z"}, {"hour-24", "2024-03-01T24:00:00Z"}, {"minute-60", "2024-03-01T12:60:00Z"}, {"no-offset", "2024-03-01T12:30:45"},
			{"blank", "2024-03-01 12:30:45"}, {"date-alone", "2024-03-01"}, {"month-13", "2024-13-01T12:00:00Z"}, {"seconds-since-1970", "1709296245"},
		},
		lax: []string{"hour-24", "no-offset", "blank", "date-alone", "seconds-since-1970"},
		long: func(n int) (string, bool) {
			const head, tail = "2024-03-01T12:30:45.", "Z"
			digits := n - len(head) - len(tail)
			if digits < 1 || digits > 9 {
				return "", false
			}
			return head + "123456789"[:digits] + tail, true
		},
	},
	"time": {
		valid: []example{{"plain", "12:30:45Z"}, {"fraction", "12:30:45.5Z"}, {"offset", "12:30:45+05:30"}},
		near:  []example{{"hour-24", "24:00:00Z"}, {"minute-60", "12:60:00Z"}, {"no-seconds", "12:30Z"}},
		lax:   []string{"no-seconds"},
	},
	"duration": {
		valid: []example{{"plain", "P1D"}, {"whole", "P1Y2M3DT4H5M6S"}, {"weeks", "P2W"}, {"time", "PT36H"}},
		near:  []example{{"no-p", "1D"}, {"empty", "P"}, {"go", "1h30m"}, {"empty-time", "P1DT"}},
	},
	"uuid": {
		valid: []example{
			{"plain", "6f1c0b4e-5a3d-4e2b-9c7a-1d2e3f405162"}, {"upper-case", "6F1C0B4E-5A3D-4E2B-9C7A-1D2E3F405162"}, {"version-7", "018f3c6e-7d2a-7b3c-8d4e-5f60718293a4"},
		},
		near: []example{
			{"digit-short", "6f1c0b4e-5a3d-4e2b-9c7a-1d2e3f40516"}, {"digit-long", "6f1c0b4e-5a3d-4e2b-9c7a-1d2e3f4051623"}, {"not-hexadecimal", "6f1c0b4e-5a3d-4e2b-9c7a-1d2e3f40516g"},
			{"other-hyphens", "6f1c0b4e5-a3d-4e2b-9c7a-1d2e3f405162"}, {"text", "not-a-uuid"},
		},
		lax: []string{"other-hyphens"},
	},
	"email": {
		valid: []example{{"plain", "ada@example.com"}, {"tag", "ada.lovelace+tag@example.com"}, {"subdomain", "a@mail.example.org"}},
		near:  []example{{"no-at", "ada.example.com"}, {"two-ats", "ada@b@example.com"}, {"no-local", "@example.com"}, {"no-domain", "ada@"}, {"blank", "ada lovelace@example.com"}},
		long: func(n int) (string, bool) {
			const tail = "@example.com"
			return filler(max(n-len(tail), 0), false) + tail, n > len(tail) && n <= len(tail)+64
		},
	},
	"uri": {
		valid: []example{{"plain", "https://example.com/a"}, {"query", "https://example.com:8443/a/b?c=d&e=%20#f"}, {"urn", "urn:example:a"}, {"ipv6", "http://[2001:db8::1]/"}},
		near:  []example{{"no-scheme", "//example.com/a"}, {"relative", "/a/b"}, {"text", "not a uri"}, {"bad-escape", "https://example.com/%zz"}},
		long:  longAfter("https://example.com/"),
	},
	"uri-reference": {
		valid: []example{{"plain", "/a/b"}, {"absolute", "https://example.com/a"}, {"query", "?a=b"}},
		near:  []example{{"bad-escape", "/a/%zz"}},
		long:  longAfter("/"),
	},
	"hostname": {
		valid: []example{{"plain", "example.com"}, {"one-label", "localhost"}, {"label-63", strings.Repeat("a", 63) + ".example"}, {"digits-first", "3d.example.com"}},
		near:  []example{{"label-64", strings.Repeat("a", 64) + ".example"}, {"hyphen-first", "-a.example.com"}, {"hyphen-last", "a-.example.com"}, {"empty-label", "a..example.com"}, {"blank", "a b.example.com"}, {"port", "example.com:80"}},
		long: func(n int) (string, bool) {
			const tail = ".example"
			return filler(max(n-len(tail), 0), false) + tail, n > len(tail) && n <= len(tail)+63
		},
	},
	"ipv4": {
		valid: []example{{"plain", "192.0.2.1"}, {"least", "0.0.0.0"}, {"most", "255.255.255.255"}},
		near:  []example{{"256", "192.0.2.256"}, {"three-parts", "192.0.2"}, {"five-parts", "192.0.2.1.1"}, {"ipv6", "::1"}, {"prefix", "192.0.2.0/24"}},
	},
	"ipv6": {
		valid: []example{{"plain", "2001:db8::1"}, {"unspecified", "::"}, {"whole", "2001:0db8:0000:0000:0000:0000:0000:0001"}, {"ipv4-mapped", "::ffff:192.0.2.1"}},
		near:  []example{{"two-gaps", "2001::db8::1"}, {"nine-parts", "1:2:3:4:5:6:7:8:9"}, {"five-digits", "2001:0db80::1"}, {"not-hexadecimal", "2001:db8::g"}, {"ipv4", "192.0.2.1"}, {"brackets", "[2001:db8::1]"}},
	},
	"byte": {
		valid: []example{{"plain", "aGVsbG8h"}, {"padding", "aGVsbG8="}, {"two-paddings", "YQ=="}, {"62-and-63", "++//"}},
		near:  []example{{"other-character", "aGVs!G8h"}, {"padding-first", "=aGVsbG8"}},
		long: func(n int) (string, bool) {
			return strings.Repeat("aGVs", n/4), n%4 == 0
		},
	},
	"int32": {number: true},
	"int64": {number: true},
}

func longAfter(head string) func(n int) (string, bool) {
	return func(n int) (string, bool) { return head + filler(max(n-len(head), 0), false), n >= len(head) }
}

// candidates for format

func keepFormat(at *spot) []candidate {
	f := formats[at.part.schema.Format]
	if f.number {
		return at.formatNumbers(0)
	}
	return named("format-", f.valid)
}

func breakFormat(at *spot) []candidate {
	f := formats[at.part.schema.Format]
	if f.number {
		return at.formatNumbers(1)
	}
	all := named("format-", f.near)
	for i, e := range f.near {
		all[i].scalar = slices.Contains(f.lax, e.name)
	}
	return all
}

func named(prefix string, all []example) []candidate {
	out := make([]candidate, len(all))
	for i, e := range all {
		out[i] = candidate{name: prefix + e.name, value: e.text}
	}
	return out
}
