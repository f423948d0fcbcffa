package report

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/curl"
	"github.com/gesconform/gesconform/internal/curl/curltest"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestCurlBodiesComeOutOfTheShellAsTheyWere(t *testing.T) {
	for _, body := range []string{
		`{"upgrade_version":"1.0.5"}`,
		`it's`, `''`, `'`, `"$HOME" $(id) ` + "`id`" + ` \n \\ ! %s %%`,
		"@/etc/passwd", "-x", "- -", "\\", "%", "", " ",
		"line\nfeed\r\n\n", "tab\t", "\x00\x01\x7f\x80\xff\xfe0123", "\x00" + "7", "-\x00", "%d\x00%n'\\\"",
		"\ufeff{}", "ü 图 😀", "\u202eevil", "\xf0\x9f",
	} {
		x := resulttest.Exchange(1, "a", 200, "")
		x.Request.Body = []byte(body)
		line := curlLine(&x)
		if strings.ContainsAny(line, "\n\r\x00\x7f") || printable.Escape(line) != line {
			t.Errorf("%q: expected one line of printable characters, got %q", body, line)
		}
		args, stdin := curltest.Run(t, line)
		got := stdin
		if at := slices.Index(args, "--data-raw"); at >= 0 {
			got = args[at+1]
		}
		if got != body {
			t.Errorf("expected %q, got %q from\n%s", body, got, line)
		}
	}
}

func TestCurlHeaders(t *testing.T) {
	env := []string{"GESCONFORM_TOKEN=s3cret", "GESCONFORM_READONLY_TOKEN=ro", "GESCONFORM_EXPIRED_TOKEN=old", "GESCONFORM_ACCESS_KEY=ak"}
	for value, want := range map[string]string{
		"$GESCONFORM_TOKEN":                                          "X-A: s3cret",
		"$GESCONFORM_READONLY_TOKEN":                                 "X-A: ro",
		"$GESCONFORM_EXPIRED_TOKEN tail":                             "X-A: old tail",
		"$GESCONFORM_TOKENx":                                         "X-A: s3cretx",
		"$GESCONFORM_TOKEN_":                                         "X-A: s3cret_",
		"$GESCONFORM_TOKENX9":                                        "X-A: s3cretX9",
		"$GESCONFORM_TOKEN!\"$HOME`id`\\'":                           "X-A: s3cret!\"$HOME`id`\\'",
		"$GESCONFORM_TOKEN,$GESCONFORM_TOKEN":                        "X-A: s3cret,s3cret",
		"SDK-HMAC-SHA256 Access=$GESCONFORM_ACCESS_KEY, Signature=0": "X-A: SDK-HMAC-SHA256 Access=ak, Signature=0",
		"$GESCONFORM_TOKEN\xe9\t":                                    "X-A: s3cret\xe9", // as net/http writes it
		"$HOME":                                                      "X-A: $HOME",
		"it's; \"x\" \\":                                             "X-A: it's; \"x\" \\",
		"caf\xe9":                                                    "X-A: caf\xe9",
		"":                                                           "X-A;",
	} {
		x := exchange.Exchange{URL: "http://h/p", Request: contract.Request{Method: http.MethodGet, Header: http.Header{"X-A": {value}}}}
		args, _ := curltest.Run(t, curlLine(&x), env...)
		if want := []string{"-sS", "-i", "-X", "GET", "http://h/p", "-H", want}; !slices.Equal(args, want) {
			t.Errorf("%q: expected %q\ngot %q from\n%s", value, want, args, curlLine(&x))
		}
	}
}

func TestCurlLine(t *testing.T) {
	request := func(method, url, body string, header http.Header) exchange.Exchange {
		x := exchange.Exchange{Sequence: 17, URL: url, Request: contract.Request{Method: method, Header: header}}
		if body != "none" {
			x.Request.Body = []byte(body)
		}
		return x
	}
	long, longBinary := strings.Repeat("a", curl.LongestInlineBody+1), strings.Repeat("\xff", curl.LongestInlineBody+1)
	for want, x := range map[string]exchange.Exchange{
		`curl -sS -i -X POST 'http://h/p' -H 'Content-Type: a/b' -H "X-Auth-Token: $GESCONFORM_TOKEN" --data-raw '{}'`: request("POST", "http://h/p", "{}",
			http.Header{"X-Auth-Token": {"$GESCONFORM_TOKEN"}, "Content-Type": {"a/b"}, "Content-Length": {"2"}}),
		`curl -sS -i -X POST 'http://h/p' -H 'Content-Length: 3' -H 'Content-Type:' --data-raw '{}'`: request("POST", "http://h/p", "{}",
			http.Header{"Content-Length": {"3"}}),
		`curl -sS -i -X GET 'http://h/p' -H 'A: 1' -H 'A: 2' -H 'B: 3'`: request("GET", "http://h/p", "none",
			http.Header{"B": {"3"}, "A": {"1", "2"}}),
		`curl -sS -i --head 'http://h/p'`:                                                          request("HEAD", "http://h/p", "none", nil),
		`curl -sS -i -X 'A B' 'http://h/p'`:                                                        request("A B", "http://h/p", "none", nil),
		`curl -sS -i -X GET --globoff --path-as-is 'http://h/../{x}'`:                              request("GET", "http://h/../{x}", "none", nil),
		`printf '\000%%\\' | curl -sS -i -X POST 'http://h/p' -H 'Content-Type:' --data-binary @-`: request("POST", "http://h/p", "\x00%\\", nil),
		`jq -j 'select(.sequence == 17).request.body' exchanges.jsonl | curl -sS -i -X POST 'http://h/p' -H 'Content-Type:' -H 'Expect:' --data-binary @-`:                    request("POST", "http://h/p", long, nil),
		`jq -j 'select(.sequence == 17).request.body.base64' exchanges.jsonl | base64 -d | curl -sS -i -X POST 'http://h/p' -H 'Content-Type:' -H 'Expect:' --data-binary @-`: request("POST", "http://h/p", longBinary, nil),
	} {
		if got := curlLine(&x); got != want {
			t.Errorf("expected %s\ngot      %s", want, got)
		}
	}
}
