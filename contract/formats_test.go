package contract

import (
	"encoding/base64"
	"encoding/json"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// formatValues has, for each format, values that have it and values that have not.
var formatValues = map[string]struct{ good, bad []string }{
	"date": {
		[]string{"2026-01-31", "2024-02-29", "2000-02-29", "0000-01-01", "9999-12-31"},
		[]string{"", "2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-01", "2026-01-00", "2026-1-1", "26-01-01", "2026/01/01", "2026-01-01T00:00:00Z", " 2026-01-01", "2026-01-01 ", "20260101", "２026-01-01"},
	},
	"date-time": {
		[]string{
			"2026-01-31T23:59:59Z", "2026-01-31t00:00:00z", "2026-01-31T12:00:00.5Z", "2026-01-31T12:00:00.123456789012Z", "2026-01-31T12:00:00+05:30", "2026-01-31T12:00:00-00:00",
			"2016-12-31T23:59:60Z", "1990-12-31T15:59:60-08:00", "2017-01-01T08:59:60.9+09:00",
		},
		[]string{
			"", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31 12:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "2026-01-31T12:00:61Z", "2026-01-31T12:00:60Z", "2026-02-30T12:00:00Z",
			"2026-01-31T12:00Z", "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00,5Z", "2026-01-31T12:00:00+0530", "2026-01-31T12:00:00+24:00", "2026-01-31T12:00:00+05:60", "2026-01-31T12:00:00Z+01:00", "1769860800",
		},
	},
	"time":     {[]string{"12:00:00Z", "23:59:60Z", "12:00:00.25+01:00", "00:59:60+01:00"}, []string{"", "12:00:00", "12:00Z", "25:00:00Z", "12:00:60Z", "1:00:00Z"}},
	"duration": {[]string{"P1Y2M3DT4H5M6S", "P4W", "PT36H", "P1D", "PT0S", "PT0.5S", "P1Y1D"}, []string{"", "P", "PT", "P1", "1D", "P1D2Y", "P1DT", "PT1D", "P1W1D", "PT1.5H", "PT.5S", "PT5.S", "p1d", "P-1D"}},
	"uuid": {
		[]string{"f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"},
		[]string{"", "f81d4fae7dec11d0a76500a0c91e6bf6", "f81d4fae-7dec-11d0-a765-00a0c91e6bf", "f81d4fae-7dec-11d0-a765-00a0c91e6bf66", "g81d4fae-7dec-11d0-a765-00a0c91e6bf6", "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}", "f81d4fae-7dec-11d0a-765-00a0c91e6bf6"},
	},
	"email": {
		[]string{"a@example.com", "a.b+c@sub.example.com", "a@localhost", `"a b"@example.com`, "müller@bücher.example", "a@xn--bcher-kva.example", "o'brien@example.com"},
		[]string{"", "a", "@example.com", "a@", "a b@example.com", "A <a@example.com>", "<a@example.com>", "a@example.com (A)", "a@b@c", " a@example.com", "a@example.com ", "a@example..com", "a@example.com, b@example.com"},
	},
	"uri": {
		[]string{
			"https://example.com", "http://user:pw@example.com:8080/a/b;c=1?d=e&f[]=1#g", "urn:isbn:0451450523", "mailto:a@example.com", "file:///etc/hosts", "http://[2001:db8::1]:80/", "http://[fe80::1%25en0]/",
			"http://[v1.a:b]/", "tel:+1-816-555-1212", "a:", "http://", "http://example.com/%C3%BC", "http://bücher.example/ü", "custom+scheme.1:x", "http://h:/",
		},
		[]string{"", "example.com", "/a/b", "//example.com", "1http://example.com", "http://exa mple.com", "http://example.com/%zz", "http://example.com/%4", "http://example.com/a b", `http://example.com/<a>`, `http://example.com/\`, "http://[::1", "http://[zz]/", "http://[fe80::1%en0]/", "http://[fe80::1%25]/", "http://h:80a/", "http://a/#b#c", ":a", "http://example.com/\n", "http://\xff/"},
	},
	"uri-reference": {[]string{"", "/a/b", "//example.com", "?q", "#f", "a/b:c", "../x", "https://example.com"}, []string{"1a:b", "a b", "%", "\\", "[a]"}},
	"hostname": {
		[]string{"example.com", "localhost", "a", "1.2.3", "xn--bcher-kva.example", "bücher.example", "example.com.", "a-b.c", strings.Repeat("a", 63) + ".com", "例え.jp"},
		[]string{"", ".", "-a.com", "a-.com", "a..b", ".a", "a_b.com", "a b", "example.com:80", "http://example.com", strings.Repeat("a", 64), strings.Repeat("abc.", 64), "a/b"},
	},
	"ipv4": {[]string{"0.0.0.0", "255.255.255.255", "192.0.2.1"}, []string{"", "256.0.0.1", "1.2.3", "1.2.3.4.5", "1.2.3.04", "::1", " 1.2.3.4", "1.2.3.4/8", "1.2.3.x"}},
	"ipv6": {[]string{"::", "::1", "2001:db8::8:800:200c:417a", "FF01::101", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8"}, []string{"", "1:2:3:4:5:6:7", "1::2::3", "12345::", "::g", "fe80::1%eth0", "192.0.2.1", "[::1]", "::1/128"}},
	"byte": {[]string{"", "YQ==", "YWI=", "YWJj", "+/+/", "YWJj\r\nYWJj"}, []string{"YQ", "YQ=", "Y", "YW Jj", "_-_-", "YQ==YQ==", "a?=="}},
}

var formatNumbers = map[string]struct{ good, bad []string }{
	"int32":  {[]string{"0", "-2147483648", "2147483647", "1.0", "1e3", "2147483647.0000000000"}, []string{"2147483648", "-2147483649", "1.5", "1e10", "1e9999", "0.0000000000000000001"}},
	"int64":  {[]string{"9223372036854775807", "-9223372036854775808", "9223372036854775807.0", "1e18"}, []string{"9223372036854775808", "-9223372036854775809", "1e19", "0.5", "9223372036854775806.5"}},
	"float":  {[]string{"0.1", "3.4e38", "-3.4e38", "1e-99"}, []string{"3.5e38", "-1e39", "1e999"}},
	"double": {[]string{"1.7e308", "-1.7e308"}, []string{"1.8e308", "-1e999"}},
}

// formatHolds reports whether the only problem of a value is its format, or it has none.
func formatHolds(t *testing.T, s *Schema, v *Value) bool {
	t.Helper()
	problems := s.check(v)
	if len(problems) > 1 || len(problems) == 1 && (problems[0].Keyword != "format" || problems[0].Clause != "/s/format") {
		t.Errorf("format %s: %q: got %v", s.Format, v.Text, problems)
	}
	return len(problems) == 0
}

func TestFormats(t *testing.T) {
	tried := 0
	try := func(s *Schema, kind Kind, good, bad []string) {
		tried++
		for i, text := range append(good[:len(good):len(good)], bad...) {
			if got, want := formatHolds(t, s, &Value{Kind: kind, Text: text}), i < len(good); got != want {
				t.Errorf("format %s: %q: got %v, want %v", s.Format, text, got, want)
			}
		}
	}
	for name, values := range formatValues {
		s, _ := compileText(t, `{"type":"string","format":"`+name+`"}`)
		try(s, KindString, values.good, values.bad)
	}
	for name, values := range formatNumbers {
		s, _ := compileText(t, `{"type":"number","format":"`+name+`"}`)
		try(s, KindNumber, values.good, values.bad)
	}
	if tried != len(formats) {
		t.Errorf("%d of %d formats are tried", tried, len(formats))
	}
}

// A format says nothing about values of another kind, and one that nobody knows says nothing.
func TestFormatsThatSayNothing(t *testing.T) {
	for _, test := range []struct{ schema, value string }{
		{`{"format":"date"}`, `7`}, {`{"type":"string","format":"int32"}`, `"x"`}, {`{"type":"number","format":"date"}`, `7`},
		{`{"type":"string","format":"colour"}`, `"x"`}, {`{"type":"string","format":"password"}`, `""`}, {`{"type":"string","format":"binary"}`, `"\u0000"`},
		{`{"type":"string","format":"date","nullable":true}`, `null`},
	} {
		s, _ := compileText(t, test.schema)
		if ok, problems := accepts(s, test.value); !ok {
			t.Errorf("%s: %s: got %v", test.schema, test.value, problems)
		}
	}
}

// otherOpinions are those of the standard library, for formats that it reads.
var otherOpinions = map[string]func(string) bool{
	"date": func(s string) bool { _, err := time.Parse(time.DateOnly, s); return err == nil },
	"ipv4": func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() },
	"byte": func(s string) bool { _, err := base64.StdEncoding.DecodeString(s); return err == nil },
	"date-time": func(s string) bool {
		_, err := time.Parse(time.RFC3339, strings.ToUpper(s))
		return err == nil && !strings.Contains(s, ",") || strings.Contains(s, ":60") // package time knows no leap seconds
	},
	"uri": func(s string) bool {
		u, err := url.Parse(s)
		isASCII := !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
		return err == nil && u.IsAbs() || !isASCII || strings.Contains(strings.ToLower(s), "[v") // it knows no IRIs, and no addresses of the future
	},
}

func FuzzFormats(f *testing.F) {
	for _, values := range formatValues {
		for _, text := range append(values.good[:len(values.good):len(values.good)], values.bad...) {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, format := range formats {
			holds := format.kind == KindString && format.has(&Value{Kind: KindString, Text: text})
			if other := otherOpinions[name]; holds && other != nil && !other(text) {
				t.Errorf("format %s: %q is taken, though the standard library does not read it", name, text)
			}
			if holds && name != "byte" && strings.ContainsAny(text, "\n\x00") {
				t.Errorf("format %s: %q is taken", name, text)
			}
		}
		if number := json.Number(text); json.Valid([]byte(text)) {
			if n, err := number.Int64(); err == nil && (!formats["int64"].has(&Value{Kind: KindNumber, Text: text}) || (n == int64(int32(n))) != formats["int32"].has(&Value{Kind: KindNumber, Text: text})) {
				t.Errorf("%s is an integer", text)
			}
		}
	})
}
