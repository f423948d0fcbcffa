package fakeserver_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// optional has, for each condition that a service may refuse, a request with it and no other. always is whether the
// fake refuses it in any case.
var optional = map[string]struct {
	request
	always bool
}{
	"repeated-credentials": {request: request{body: good, header: header("X-Auth-Token", "{token}", "{token}")}},
	"missing-media-type":   {request: request{body: good, header: header("Content-Type")}},
	"deep-nesting":         {request: request{body: `{"upgrade_version":"2.2.9","more":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`}},
	"byte-order-mark":      {request: request{body: "\ufeff" + good}},
	"boolean-in-string":    {request: request{body: `{"upgrade_version":"2.2.9","force_upgrade":"true"}`}},
	"null-optional-member": {request: request{body: `{"upgrade_version":"2.2.9","force_upgrade":null}`}},
	"unknown-member":       {request: request{body: `{"upgrade_version":"2.2.9","reason":"none"}`}},
	"unknown-route":        {request: request{body: good, path: "/v2/{p}/graphs/{g}/upgrade/"}, always: true},
	"id-in-other-case":     {request: request{body: good, path: "/v2/{p}/graphs/{G}/upgrade"}, always: true},
}

// A strict server refuses whatever the contract lets a service refuse, as it says: but for members that it does
// not name, which a later version of a client may send, and which the journal has.
func TestStrict(t *testing.T) {
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	s := scenario.Default()
	s.Strict = true
	for _, refusal := range document.Operation("upgradeGraph").Refusals() {
		if refusal.Level != contract.May {
			continue
		}
		test, known := optional[refusal.Condition]
		if !known {
			t.Errorf("%s: no request has this condition", refusal.Condition)
			continue
		}
		tried++
		for name, options := range map[string][]fakeserver.Option{"": nil, "option": {fakeserver.WithStrict()}, "scenario": {fakeserver.WithScenario(s)}} {
			server := fakeserver.New(options...)
			f := server.Fixtures()
			test.path = strings.ReplaceAll(test.path, "{G}", strings.ToUpper(f.GraphID))
			got := test.send(server, f)
			x := server.Journal(0)[0]
			if refused := got.Code != http.StatusOK; refused != (test.always || name != "" && refusal.Condition != "unknown-member") {
				t.Errorf("%s, strict by %q: got %d %s", refusal.Condition, name, got.Code, got.Body)
			} else if refused && !test.always {
				status, code := refusal.FirstLawful()
				if x.Condition != refusal.Condition || got.Code != status || code != "" && !strings.Contains(got.Body.String(), code) {
					t.Errorf("%s: got %s, %d %s, want %d %s", refusal.Condition, x.Condition, got.Code, got.Body, status, code)
				}
			}
			if noticed := slices.ContainsFunc(x.Judgement.Request, func(p contract.Problem) bool {
				r := document.RefusalFor(document.Operation("upgradeGraph"), p)
				return r != nil && r.Condition == refusal.Condition
			}); !noticed && !test.always {
				t.Errorf("%s: the journal has %v", refusal.Condition, x.Judgement.Request)
			}
			if version(server) != "2.2.8" && got.Code != http.StatusOK {
				t.Errorf("%s: the refused upgrade took place", refusal.Condition)
			}
		}
	}
	if tried < 7 {
		t.Errorf("%d conditions were tried", tried)
	}
}

// What is merely noticed is answered as usual by a strict server, too: no service sees it, or acts on it.
func TestStrictTakesWhatIsOnlyNoticed(t *testing.T) {
	server := fakeserver.New(fakeserver.WithStrict())
	f := server.Fixtures()
	for _, r := range []request{
		{method: http.MethodGet, path: "/v2/{p}/graphs/{g}?token={t}"},
		{method: http.MethodGet, path: "/v2/{p}/graphs/{g}", header: header("Cookie", "a={token}")},
		{method: http.MethodGet, path: "/v2/{p}/graphs/{g}", header: header("X-Project-Id", "other")},
		{method: http.MethodGet, path: "/v2/{p}/graphs/{g}", header: header("Authorization", "a", "b")},
	} {
		r.path = strings.ReplaceAll(r.path, "{t}", f.Token)
		got := r.send(server, f)
		exchanges := server.Journal(0)
		if got.Code != http.StatusOK || len(exchanges[len(exchanges)-1].Judgement.Request) != 1 {
			t.Errorf("%s %v: got %d %s, and the journal has %v", r.path, r.header, got.Code, got.Body, exchanges[len(exchanges)-1].Judgement.Request)
		}
	}
}
