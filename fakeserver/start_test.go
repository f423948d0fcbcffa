package fakeserver_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
)

// askForGraph reads the fake's graph with a client, and returns the protocol used.
func askForGraph(t *testing.T, client *http.Client, ges *fakeserver.Running) string {
	t.Helper()
	f := ges.Fixtures()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, ges.URL+"/v2/"+f.ProjectID+"/graphs/"+f.GraphID, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Auth-Token", f.Token)
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), f.GraphID) {
		t.Errorf("expected the graph, got %s %s, %v", response.Status, body, err)
	}
	return response.Proto
}

func TestStartedServersAnswerTheirClients(t *testing.T) {
	t.Parallel()
	plain, secure := fakeserver.Start(t), fakeserver.StartTLS(t)
	if got := askForGraph(t, plain.Client(), plain); got != "HTTP/1.1" || !strings.HasPrefix(plain.URL, "http://127.0.0.1:") {
		t.Errorf("%s: got %s", plain.URL, got)
	}
	if got := askForGraph(t, secure.Client(), secure); got != "HTTP/2.0" || !strings.HasPrefix(secure.URL, "https://127.0.0.1:") {
		t.Errorf("%s: got %s", secure.URL, got)
	}
	other := fakeserver.StartTLS(t)
	for name, client := range map[string]*http.Client{"a client of no server": {Transport: &http.Transport{}}, "another's client": other.Client()} {
		response, err := client.Get(secure.URL)
		if err == nil {
			_ = response.Body.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: expected not to trust the certificate, got %v", name, err)
		}
	}
}

// A server that Start has started ends with the test, even if a connection is open.
func TestStartedServersEndWithTheirTest(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(fakeserver.TB, ...fakeserver.Option) *fakeserver.Running{"Start": fakeserver.Start, "StartTLS": fakeserver.StartTLS} {
		test := &scope{}
		ges := start(test)
		askForGraph(t, ges.Client(), ges)
		address := strings.TrimPrefix(strings.TrimPrefix(ges.URL, "http://"), "https://")
		silent, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		test.close()
		again, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatalf("%s: the port is not free: %v", name, err)
		}
		_ = again.Close()
		if rest, err := io.ReadAll(silent); len(rest) > 0 {
			t.Errorf("%s: expected the connection to end, got %q, %v", name, rest, err)
		}
		_ = silent.Close()
	}
}
