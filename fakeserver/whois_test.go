package fakeserver_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/ges"
)

// Every answer says that it is the fake's, whatever else is wrong with it or varies.
func TestTheFakeSaysWhoItIs(t *testing.T) {
	servers := map[string]*fakeserver.Server{"plain": fakeserver.New(), "varied": fakeserver.New(fakeserver.WithVariations(1))}
	for _, d := range fakeserver.Defects() {
		servers[d.Name] = fakeserver.New(fakeserver.WithDefect(d))
	}
	for name, fake := range servers {
		server := httptest.NewServer(fake)
		client := &http.Client{Timeout: time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		f := fake.Fixtures()
		graph, answered := server.URL+"/v2/"+f.ProjectID+"/graphs/"+f.GraphID, 0
		for _, ask := range []struct{ method, url, token, body string }{
			{http.MethodGet, graph, f.Token, ""},
			{http.MethodGet, graph, "", ""},
			{http.MethodHead, graph, f.Token, ""},
			{http.MethodGet, server.URL + "/no/such/path", f.Token, ""},
			{http.MethodPost, graph + "/upgrade", f.Token, `{"upgrade_version":"latest"}`},
			{http.MethodPost, graph + "/upgrade", f.Token, `{"upgrade_version":"` + f.Versions[0] + `"}`},
		} {
			r, err := http.NewRequestWithContext(t.Context(), ask.method, ask.url, strings.NewReader(ask.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Auth-Token", ask.token)
			response, err := client.Do(r)
			if err != nil {
				continue // the defect is that there is no answer
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			if answered++; !ges.IsFake(response.Header) {
				t.Errorf("%s: %s %s, %d: expected Server: %s, got %q", name, ask.method, ask.url, response.StatusCode, ges.FakeServer, response.Header.Values("Server"))
			}
		}
		server.Close()
		if answered < 3 {
			t.Errorf("%s: only %d answers", name, answered)
		}
	}
}
