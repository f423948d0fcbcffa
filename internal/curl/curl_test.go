package curl

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/curl/curltest"
	"github.com/gesconform/gesconform/internal/printable"
)

// hidden replaces hidden words in headers, the URL and the body with variables.
var hidden = Secret{Pattern: regexp.MustCompile(`\[hidden\]`), Variable: func(header, _ string) string {
	switch header {
	case "", PseudoHeader:
		return "SECRET"
	case "X-Open":
		return ""
	default:
		return "TOKEN"
	}
}}

const hostile = "it's \"$HOME\" $(id) `id` \\ ! %s %%"

func TestWhatTheShellGivesCurl(t *testing.T) {
	t.Parallel()
	env := []string{"SECRET=s3 'cret", "TOKEN=t0$ken"}
	for _, tt := range []struct{ url, header, body, wantURL, wantHeader, wantBody string }{
		{"http://h/a?b=" + hostile, hostile, hostile, "http://h/a?b=" + hostile, hostile, hostile},
		{"http://h/[hidden]?x", "[hidden]", "[hidden]", "http://h/s3 'cret?x", "t0$ken", "s3 'cret"},
		{"http://h/[hidden]x", "a[hidden]b[hidden]", "{\"a\":\"[hidden]\"}", "http://h/s3 'cretx", "at0$kenbt0$ken", "{\"a\":\"s3 'cret\"}"},
		{"http://h/[hidden]?a=[hidden]&b=[hidden]c", "x", "", "http://h/s3 'cret?a=s3%20'cret&b=s3%20'cretc", "x", ""},
		{"http://h/", hostile + "[hidden]" + hostile, hostile + "[hidden]" + hostile, "http://h/", hostile + "t0$ken" + hostile, hostile + "s3 'cret" + hostile},
		{"http://h/\xff", "\xe9[hidden]\tx", "-\x00\xff[hidden]-'\r\n\n", "http://h/\xff", "\xe9t0$ken\tx", "-\x00\xffs3 'cret-'\r\n\n"},
		{"http://h/\u202e", "\u202e", "[hidden]\n", "http://h/\u202e", "\u202e", "s3 'cret\n"},
		{"http://h/", "x", "@/etc/passwd", "http://h/", "x", "@/etc/passwd"},
		{"http://h/", "x", "", "http://h/", "x", ""},
		{"http://h/", "x", "{" + strings.Repeat(" ", 70_000) + "[hidden]" + strings.Repeat(" ", 64) + "}\n", "http://h/", "x", "{" + strings.Repeat(" ", 70_000) + "s3 'cret" + strings.Repeat(" ", 64) + "}\n"},
	} {
		line := Line(&Request{Method: "POST", URL: tt.url, Header: http.Header{"X-A": {tt.header}, "Content-Type": {"a/b"}}, Body: []byte(tt.body), Secret: hidden})
		if strings.ContainsRune(line, '\n') || printable.Escape(line) != line {
			t.Errorf("expected one line of printable characters, got %q", line)
		}
		args, got := curltest.Run(t, line, env...)
		if at := slices.Index(args, "--data-raw"); at >= 0 {
			got = args[at+1]
		}
		args = slices.DeleteFunc(args, func(a string) bool { return a == "--globoff" || a == "--path-as-is" })
		if got != tt.wantBody || args[4] != tt.wantURL || args[8] != "X-A: "+tt.wantHeader {
			t.Errorf("%+v: got %q %q from\n%s", tt, args, got, line)
		}
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]*Request{
		`curl -sS -i --head 'http://h/'`:                                                           {Method: "HEAD", URL: "http://h/"},
		`curl -sS -i -X 'A B' 'http://h/'`:                                                         {Method: "A B", URL: "http://h/"},
		`curl -sS -i -X GET --globoff --path-as-is 'http://h/../{x}'`:                              {Method: "GET", URL: "http://h/../{x}"},
		`curl -sS -i -X GET 'http://h/' -H 'A: 1' -H 'A: 2' -H 'B;'`:                               {Method: "GET", URL: "http://h/", Header: http.Header{"A": {"1", "2"}, "B": {""}}},
		`curl -sS -i -X GET 'http://h/' -H 'X-Open: [hidden]'`:                                     {Method: "GET", URL: "http://h/", Header: http.Header{"X-Open": {"[hidden]"}}, Secret: hidden},
		`curl -sS -i -X GET 'http://h/' -H "X-Auth-Token: $TOKEN"`:                                 {Method: "GET", URL: "http://h/", Header: http.Header{"X-Auth-Token": {"[hidden]"}}, Secret: hidden},
		`curl -sS -i -X PUT 'http://h/' -H 'Content-Type:' --data-raw '{}'`:                        {Method: "PUT", URL: "http://h/", Body: []byte("{}"), Header: http.Header{"Content-Length": {"2"}}},
		`curl -sS -i -X PUT 'http://h/' -H 'Content-Length: 3' -H 'Content-Type:' --data-raw '{}'`: {Method: "PUT", URL: "http://h/", Body: []byte("{}"), Header: http.Header{"Content-Length": {"3"}}},
		`cat f | curl -sS -i -X PUT 'http://h/' -H 'Content-Type:' -H 'Expect:' --data-binary @-`:  {Method: "PUT", URL: "http://h/", From: "cat f"},
		`printf '%s\012' "$SECRET" | curl -sS -i -X PUT 'http://h/' -H 'Content-Type:' --data-binary @-`: {
			Method: "PUT", URL: "http://h/", Body: []byte("[hidden]\n"), Secret: hidden,
		},
	} {
		if got := Line(r); got != want {
			t.Errorf("expected %s\ngot      %s", want, got)
		}
	}
}
