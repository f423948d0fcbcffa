package fakeserver_test

import (
	"bytes"
	"net/http/httptest"
	"testing"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
)

// What is refused, in which order and how, is the contract's to say.
func TestContractDecides(t *testing.T) {
	for _, test := range []struct {
		name, old, with string
		request         request
		want            string
	}{
		{
			"code", "codes: [GES.7036, GES.0001]", "codes: [GES.0001, GES.7036]",
			request{body: `{"upgrade_version":"2.2.7"}`}, incorrect,
		},
		{
			"order", "        - unknown-graph\n        - foreign-graph\n        - stopped-graph\n", "        - foreign-graph\n        - stopped-graph\n",
			request{path: "/v2/{p}/graphs/none/upgrade", body: good}, "OK",
		},
		{
			"level", "    when: [{in: body, keyword: unknown}]\n    level: MAY\n", "    when: [{in: body, keyword: unknown}]\n    level: MUST\n",
			request{body: `{"upgrade_version":"2.2.9","more":1}`}, illegal,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if bytes.Count(gesconform.OpenAPI, []byte(test.old)) == 0 {
				t.Fatalf("the contract has no %q", test.old)
			}
			document, err := contract.Parse(test.name, bytes.Replace(gesconform.OpenAPI, []byte(test.old), []byte(test.with), 1))
			if err != nil {
				t.Fatal(err)
			}
			server := fakeserver.New(fakeserver.WithContract(document))
			if got := outcome(test.request.send(server, server.Fixtures())); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func BenchmarkServer(b *testing.B) {
	server := fakeserver.New()
	f := server.Fixtures()
	for _, r := range []request{
		{name: "older", body: `{"upgrade_version":"2.2.7"}`},
		{name: "graph", method: "GET", path: "/v2/{p}/graphs/{g}"},
	} {
		b.Run(r.name, func(b *testing.B) {
			out := r.build(f)
			for b.Loop() {
				out.Body = r.build(f).Body
				server.ServeHTTP(httptest.NewRecorder(), out)
			}
		})
	}
}
