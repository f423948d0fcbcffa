package fakeserver_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
)

// Whatever the request, the answer must not be a 5xx, and must have the documented form.
func FuzzServer(f *testing.F) {
	document, err := contract.Default()
	if err != nil {
		f.Fatal(err)
	}
	fixtures := fakeserver.New().Fixtures()
	for _, r := range corpus {
		out := r.build(fixtures)
		f.Add(out.Method, out.URL.EscapedPath(), r.body, out.Header.Get("X-Auth-Token"), out.Header.Get("Content-Type"))
	}
	server := fakeserver.New(fakeserver.WithUpgradeTimes(0))
	f.Fuzz(func(t *testing.T, method, path, body, token, mediaType string) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			t.Skip("no server is asked for that")
		}
		r := httptest.NewRequest(http.MethodGet, "/", strings.NewReader(body))
		r.Method, r.URL = method, u
		r.Header.Set("X-Auth-Token", token)
		r.Header.Set("Content-Type", mediaType)
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, r)
		if answer.Code >= 500 && answer.Code != http.StatusNotImplemented {
			t.Errorf("got %d: %s", answer.Code, answer.Body)
		}
		op := operation(document, r)
		switch {
		case op == nil && answer.Code < 300, u.Path == "/", strings.HasPrefix(u.Path, "/v3"): // a list, or IAM's
			return
		case op == nil:
			op = document.Operation("showGraph")
		}
		for _, p := range document.JudgeAnswer(op, method, &contract.Answer{Status: answer.Code, Header: answer.Header(), Body: answer.Body.Bytes()}) {
			t.Errorf("%v: %s", p, answer.Body)
		}
	})
}
