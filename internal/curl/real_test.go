package curl

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/curl/curltest"
)

// What curl sends arrives like what net/http has sent.
func TestCurlSendsWhatNetHTTPSent(t *testing.T) {
	t.Parallel()
	recorder := &curltest.Recorder{}
	server := httptest.NewServer(recorder)
	t.Cleanup(server.Close)
	everyByte := make([]byte, 256)
	for i := range everyByte {
		everyByte[i] = byte(i)
	}
	of := func(pairs ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			h[pairs[i]] = append(h[pairs[i]], pairs[i+1])
		}
		return h
	}
	for name, r := range map[string]*Request{
		"get":                                {Method: "GET", URL: "/a/b?c=d"},
		"get, recorded with an empty body":   {Method: "GET", URL: "/", Body: BodyOf("GET", []byte{})},
		"head, the same":                     {Method: "HEAD", URL: "/", Body: BodyOf("HEAD", []byte{})},
		"delete, the same":                   {Method: "DELETE", URL: "/", Body: BodyOf("DELETE", []byte{})},
		"post, the same":                     {Method: "POST", URL: "/", Body: BodyOf("POST", []byte{})},
		"put, the same":                      {Method: "PUT", URL: "/", Body: BodyOf("PUT", nil)},
		"head with a body":                   {Method: "HEAD", URL: "/", Body: []byte(`{"a":1}`)},
		"get with a body":                    {Method: "GET", URL: "/", Body: []byte(`{"a":1}`)},
		"delete with a body":                 {Method: "DELETE", URL: "/", Body: []byte(`{"a":1}`)},
		"odd methods":                        {Method: "p0st-'it", URL: "/", Body: []byte("x")},
		"lower case":                         {Method: "post", URL: "/", Body: []byte("x")},
		"trace":                              {Method: "TRACE", URL: "/"},
		"options":                            {Method: "OPTIONS", URL: "/"},
		"own headers":                        {Method: "GET", URL: "/", Header: of("Accept", "a/b", "User-Agent", "me", "X-B", "2", "X-A", "1")},
		"a header twice":                     {Method: "GET", URL: "/", Header: of("X-Auth-Token", "1", "X-Auth-Token", "2", "X-Auth-Token", "1")},
		"a header without a value":           {Method: "POST", URL: "/", Header: of("Content-Type", ""), Body: []byte("x")},
		"a header of blanks":                 {Method: "GET", URL: "/", Header: of("X-A", " \t ", "X-B", " b ")},
		"no media type":                      {Method: "POST", URL: "/", Body: []byte("x")},
		"hostile header":                     {Method: "GET", URL: "/", Header: of("X-A", hostile, "X-B", "@/etc/passwd", "X-C", "\xff\xfe", "X-D", "a;b:c")},
		"quotes":                             {Method: "POST", URL: "/", Body: []byte(hostile)},
		"a file name":                        {Method: "POST", URL: "/", Body: []byte("@/etc/passwd")},
		"every byte":                         {Method: "POST", URL: "/", Body: everyByte},
		"line feeds at the end":              {Method: "POST", URL: "/", Body: []byte("\n\r\n\n\n")},
		"not UTF-8":                          {Method: "POST", URL: "/", Body: []byte("{\"a\":\"\xc3\x28\"}")},
		"a byte order mark":                  {Method: "POST", URL: "/", Body: []byte("\ufeff{}")},
		"much white space":                   {Method: "POST", URL: "/", Body: []byte("{" + strings.Repeat(" ", 70_000) + "}")},
		"longer than 1 KiB":                  {Method: "POST", URL: "/", Body: bytes.Repeat([]byte("a%"), LongestInlineBody/2)},
		"chunks":                             {Method: "POST", URL: "/", Header: of("Transfer-Encoding", "chunked"), Body: []byte(`{"a":1}`)},
		"asks first":                         {Method: "POST", URL: "/", Header: of("Expect", "100-continue"), Body: []byte(`{"a":1}`)},
		"chunks, asks first, coded":          {Method: "POST", URL: "/", Header: of("Transfer-Encoding", "chunked", "Expect", "100-continue", "Content-Encoding", "gzip"), Body: everyByte},
		"the recorded length":                {Method: "POST", URL: "/", Header: of("Content-Length", "2"), Body: []byte(`{}`)},
		"dots":                               {Method: "GET", URL: "/a/../b/./c"},
		"escaped dots":                       {Method: "GET", URL: "/a/%2e%2E/b"},
		"a pattern":                          {Method: "GET", URL: "/a[1-3]/{x,y}?z=[1]"},
		"an escaped slash, an empty segment": {Method: "GET", URL: "/a%2fb//c%20d"},
		"a query of its own":                 {Method: "GET", URL: "/a?b=$HOME&c='d'&e=%22!"},
	} {
		r := *r
		target := r.URL
		r.URL, r.Complete = server.URL+target, true
		request, err := http.NewRequestWithContext(t.Context(), r.Method, server.URL, bytes.NewReader(r.Body))
		if err != nil {
			t.Fatal(err)
		}
		path, query, _ := strings.Cut(target, "?")
		request.URL.Opaque, request.URL.RawQuery = path, query
		if len(r.Body) == 0 {
			request.Body = http.NoBody
		}
		request.Header = http.Header{"User-Agent": {""}} // none
		for field, values := range r.Header {
			if field == "Transfer-Encoding" {
				request.ContentLength = -1
				continue
			}
			request.Header[field] = values
		}
		answer, err := (&http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}).Do(request)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_ = answer.Body.Close()
		want := recorder.Take()
		line := Line(&r)
		out := curltest.RunReal(t, t.TempDir(), line)
		if got := recorder.Take(); !slices.Equal(got, want) {
			t.Errorf("%s: expected what net/http sent\n%s\ngot\n%s\nfrom %.1000s", name, strings.Join(want, "\n"), strings.Join(got, "\n"), line)
		}
		if !strings.Contains(out, "400 Bad Request") || strings.Contains(out, "curl: ") {
			t.Errorf("%s: expected the answer and no complaint, got %s from %.1000s", name, out, line)
		}
	}
}
