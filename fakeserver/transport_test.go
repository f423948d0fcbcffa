package fakeserver_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
)

// What a client sees of defects that do not send a whole answer, over a real connection.
func TestDeliveries(t *testing.T) {
	for _, test := range []struct {
		defect  string
		headers bool // whether the headers arrive
		hangs   bool // whether the client has to give up
	}{
		{"accepted-hangs", false, true},
		{"accepted-dropped", false, false},
		{"accepted-stalls", true, true},
		{"accepted-broken-off", true, false},
		{"accepted-length-too-large", true, false},
	} {
		t.Run(test.defect, func(t *testing.T) {
			d, err := fakeserver.LookupDefect(test.defect)
			if err != nil {
				t.Fatal(err)
			}
			running := fakeserver.Start(t, fakeserver.WithDefect(d))
			f := running.Fixtures()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, running.URL+"/v2/"+f.ProjectID+"/graphs/"+f.GraphID+"/upgrade", strings.NewReader(good))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("X-Auth-Token", f.Token)
			if test.hangs && !test.headers {
				cancelWhenTaken(t, running, cancel)
			}
			response, err := http.DefaultClient.Do(r)
			if (err == nil) != test.headers {
				t.Fatalf("got %v", err)
			}
			if err != nil {
				return
			}
			defer func() { _ = response.Body.Close() }()
			first := make([]byte, 1)
			if _, err := io.ReadFull(response.Body, first); err != nil {
				t.Fatalf("expected a part of the body: %v", err)
			}
			if test.hangs {
				cancel()
			}
			if _, err := io.ReadAll(response.Body); err == nil {
				t.Error("expected a body that is cut off, got all of it")
			}
		})
	}
}

// cancelWhenTaken calls cancel as soon as the server shows that it has accepted the
// upgrade.
func cancelWhenTaken(t *testing.T, running *fakeserver.Running, cancel func()) {
	t.Helper()
	f := running.Fixtures()
	graph := request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}"}
	go func() {
		for outcome(graph.send(running, f)) == "OK" {
			if body := graph.send(running, f).Body.String(); !strings.Contains(body, `"status":"200"`) || !strings.Contains(body, `"2.2.8"`) {
				break
			}
		}
		cancel()
	}()
}
