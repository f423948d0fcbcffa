package fakeserver_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
)

// Which requests are refused, in which order and how, must follow from the contract.
func TestContractDecides(t *testing.T) {
	for _, test := range []struct {
		name    string
		changes []string // old, new, old, new
		request request
		want    string
	}{
		{
			"code", []string{"codes: [GES.7036, GES.0001]", "codes: [GES.0001, GES.7036]"},
			request{body: `{"upgrade_version":"2.2.7"}`}, incorrect,
		},
		{
			"order", []string{
				"        - target-not-later\n", "",
				"        - stopped-graph\n", "        - target-not-later\n        - stopped-graph\n",
			},
			request{path: "/v2/{p}/graphs/{stopped}/upgrade", body: `{"upgrade_version":"2.2.7"}`}, notLater,
		},
		{
			"level", []string{
				"keyword: unknown}]\n    level: MAY\n", "keyword: unknown}]\n    level: MUST\n",
				"- id: upgrade.unknown-members\n          level: MAY\n", "- id: upgrade.unknown-members\n          level: MUST\n",
			},
			request{body: `{"upgrade_version":"2.2.9","more":1}`}, illegal,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			shipped := string(gesconform.OpenAPI)
			for i := 0; i < len(test.changes); i += 2 {
				if strings.Count(shipped, test.changes[i]) != 1 {
					t.Fatalf("expected the contract to have one %q", test.changes[i])
				}
			}
			document, err := contract.Parse(test.name, []byte(strings.NewReplacer(test.changes...).Replace(shipped)))
			if err != nil {
				t.Fatal(err)
			}
			lawful, changed := fakeserver.New(), fakeserver.New(fakeserver.WithContract(document))
			if got := outcome(test.request.send(lawful, lawful.Fixtures())); got == test.want {
				t.Errorf("got %q from the unchanged contract, too", got)
			}
			if got := outcome(test.request.send(changed, changed.Fixtures())); got != test.want {
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
