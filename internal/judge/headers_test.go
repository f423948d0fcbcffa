package judge_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/gesconform/gesconform/internal/judge"
)

// What is wrong with an answer's headers is charged to one requirement, and what only comes
// close to that to none.
func TestHeaders(t *testing.T) {
	c := shipped(t)
	const inGreek = `{"job_id":"f99f60f1","note":"γράφος"}`
	for _, tt := range []struct {
		name   string
		header http.Header
		body   string
		asked  string // Accept-Encoding
		want   string
	}{
		{name: "lists twice", header: http.Header{"Vary": {"Accept", "Origin"}, "Cache-Control": {"no-store", "no-cache"}, "Set-Cookie": {"a=1", "b=2"}, "Via": {"1.1 a", "1.1 b"}}},
		{name: "Content-Type twice", header: http.Header{"Content-Type": {"application/json", "text/plain"}}, want: "deviates answer.header-once"},
		{name: "Content-Type twice, equal", header: http.Header{"Content-Type": {"application/json", "application/json"}}, want: "deviates answer.header-once"},
		{name: "Retry-After twice", header: http.Header{"Retry-After": {"1", "1"}}, want: "deviates answer.header-once"},
		{name: "ETag twice", header: http.Header{"Etag": {`"a"`, `"b"`}}, want: "deviates answer.header-once"},
		{name: "X-Request-Id twice", header: http.Header{"X-Request-Id": {"a", "b"}}},
		{name: "ids that agree", header: http.Header{"X-Request-Id": {"AB"}}, body: `{"job_id":"1","request_id":"ab"}`},
		{name: "ids that differ", header: http.Header{"X-Request-Id": {"ab"}}, body: `{"job_id":"1","request_id":"ba"}`, want: "advisory answer.request-id"},
		{name: "an id in the body alone", body: `{"job_id":"1","request_id":"ba"}`},
		{name: "Latin-1, and ASCII", header: http.Header{"Content-Type": {"application/json; charset=iso-8859-1"}}},
		{name: "Latin-1, and Greek", header: http.Header{"Content-Type": {"application/json; charset=iso-8859-1"}}, body: inGreek, want: "advisory answer.charset"},
		{name: "UTF-8, and Greek", header: http.Header{"Content-Type": {`application/json; charset="UTF-8"`}}, body: inGreek},
		{name: "UTF-16, and ASCII", header: http.Header{"Content-Type": {"application/json; charset=UTF-16LE"}}, want: "advisory answer.charset"},
		{name: "no coding asked for", header: http.Header{"Content-Encoding": {"gzip"}}, asked: "identity", want: "advisory answer.content-coding"},
		{name: "a coding that cannot be read", header: http.Header{"Content-Encoding": {"br"}}, body: "\x0b\x02", asked: "identity", want: "advisory answer.content-coding"},
		{name: "a coding asked for", header: http.Header{"Content-Encoding": {"GZIP"}}, asked: "identity, gzip;q=0.5"},
		{name: "any coding asked for", header: http.Header{"Content-Encoding": {"gzip"}}, asked: "*"},
		{name: "nothing said of codings", header: http.Header{"Content-Encoding": {"gzip"}}},
		{name: "identity", header: http.Header{"Content-Encoding": {"identity"}}, asked: "gzip"},
	} {
		x := answer(200, "")
		x.Answer.Body = []byte(`{"job_id":"1"}`)
		if tt.body != "" {
			x.Answer.Body = []byte(tt.body)
		}
		x.Answer.Header = http.Header{"Content-Type": {"application/json"}}
		for name, values := range tt.header {
			x.Answer.Header[name] = values
		}
		x.Request.Header = http.Header{}
		if tt.asked != "" {
			x.Request.Header.Set("Accept-Encoding", tt.asked)
		}
		var want []string
		if tt.want != "" {
			want = []string{tt.want}
		}
		k := probe(c, "")
		if got := requirements(judge.New(c).Aspects(k, c.Operation(k.Operation), x)); !slices.Equal(got, want) {
			t.Errorf("%s: expected %q, got %q", tt.name, want, got)
		}
	}
}

// HEAD is answered without a body, whoever answers.
func TestHeadWithoutBody(t *testing.T) {
	c := shipped(t)
	for after, want := range map[string][]string{"": nil, `{"error_code":"APIGW.0101"}`: {"deviates answer.head-without-body"}} {
		x := answer(404, "")
		x.Request.Method, x.Answer.Body, x.AfterHead = http.MethodHead, nil, &after
		k := probe(c, "wrong-method")
		if got := requirements(judge.New(c).Aspects(k, c.Operation(k.Operation), x)); !slices.Equal(got, want) {
			t.Errorf("%q after the head: expected %q, got %q", after, want, got)
		}
	}
}
