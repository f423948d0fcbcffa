package fakeadmin

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
)

func TestRepeat(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3000)
	for _, tt := range []struct {
		name, body string
		header     http.Header
		want, note string
	}{
		{"nothing", "", nil, `curl -sS -i -X POST 'http://h:1/p' -H 'Accept:' -H 'User-Agent:'`, ""},
		{"an empty body", "", http.Header{"Content-Length": {"0"}}, `curl -sS -i -X POST 'http://h:1/p' -H 'Accept:' -H 'User-Agent:' -H 'Content-Type:' --data-raw ''`, ""},
		{"a token", "", http.Header{"X-Auth-Token": {redacted}}, `curl -sS -i -X POST 'http://h:1/p' -H "X-Auth-Token: $GESCONFORM_TOKEN" -H 'Accept:' -H 'User-Agent:'`, ""},
		{"other headers", "", http.Header{"X-Api-Key": {redacted}, "Authorization": {redacted}},
			`curl -sS -i -X POST 'http://h:1/p' -H "Authorization: $GESCONFORM_AUTHORIZATION" -H "X-Api-Key: $GESCONFORM_API_KEY" -H 'Accept:' -H 'User-Agent:'`, ""},
		{"a body with a password", `{"password":"[redacted]"}`, http.Header{"Content-Length": {"30"}, "Content-Type": {"a/b"}},
			`curl -sS -i -X POST 'http://h:1/p' -H 'Content-Type: a/b' -H 'Accept:' -H 'User-Agent:' --data-raw "{\"password\":\"$GESCONFORM_CREDENTIAL\"}"`, ""},
		{"a body that was not kept", "", http.Header{"Content-Length": {"30"}, "Content-Type": {"a/b"}},
			`cat body | curl -sS -i -X POST 'http://h:1/p' -H 'Content-Type: a/b' -H 'Accept:' -H 'User-Agent:' -H 'Expect:' --data-binary @-`, "did not keep the body"},
		{"the beginning of a body", strings.Repeat("x", keptBody), http.Header{"Content-Type": {"a/b"}},
			`cat body | curl -sS -i -X POST 'http://h:1/p' -H 'Content-Type: a/b' -H 'Accept:' -H 'User-Agent:' -H 'Expect:' --data-binary @-`, "the beginning of the body"},
		{"a long body", long, http.Header{"Content-Type": {"a/b"}, "Content-Length": {"3000"}},
			`curl -sS 'http://h:1/_fake/journal?after=6' | jq -j '.exchanges[0].body' | curl -sS -i -X POST 'http://h:1/p' -H 'Content-Type: a/b' -H 'Accept:' -H 'User-Agent:' -H 'Expect:' --data-binary @-`, ""},
		{"a long body that is not text", long + "\xff", nil, "", "not text"},
	} {
		line, note := repeat(fakeserver.Exchange{Number: 7, Method: http.MethodPost, URL: "http://h:1/p", Header: tt.header, Body: tt.body})
		if line != tt.want || !strings.Contains(note, tt.note) || (tt.note == "") != (note == "") {
			t.Errorf("%s: expected %s\ngot %s\nand %q", tt.name, tt.want, line, note)
		}
	}
}
