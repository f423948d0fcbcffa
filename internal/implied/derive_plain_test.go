package implied_test

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/implied"
)

// An operation whose plain request cannot be made is not derived, and what to give is said: else the request without a
// parameter would be the plain one, and who takes that would be accused.
func TestOperationsWithoutAPlainRequest(t *testing.T) {
	const (
		get  = "get: {operationId: o, responses: {'200': {description: d}, '400': {description: d}}, parameters: [{name: p, required: true, "
		post = "post: {operationId: o, x-risk: inert, responses: {'200': {description: d}, '400': {description: d}}, requestBody: {required: true, content: {application/json: {schema: "
	)
	for name, test := range map[string]struct{ operation, want string }{
		"an object without members":     {get + "in: query, schema: {type: object}}]}", "no value of query p can be sent; give --fixture p=…: it is empty"},
		"an array without items":        {get + "in: query, schema: {type: array, maxItems: 0, items: {}}}]}", "give --fixture p=…"},
		"an array of arrays":            {get + "in: query, schema: {type: array, items: {type: array, items: {type: string}}}}]}", "it has no form as a text"},
		"a pattern that cannot be read": {get + "in: query, schema: {type: string, pattern: '(?=a)'}}]}", "an example that is valid would do"},
		"a pattern with an example":     {get + "in: query, schema: {type: string, pattern: '(?=a)', example: a}}]}", ""},
		"a header beyond ASCII":         {get + "in: header, schema: {type: string, enum: [ä]}}]}", "a header has ASCII only"},
		"a cookie of two":               {get + "in: cookie, schema: {type: string, enum: [a;b]}}]}", "characters that are escaped in a cookie"},
		"a header with an example":      {get + "in: header, example: b, schema: {type: string}}]}", ""},
		"a body of nothing":             {post + "{not: {}}}}}}", "no valid value of its body was found"},
		"a body that cannot be read":    {post + "{type: string, pattern: '(?=a)'}}}}}", "no valid value of its body was found; an example that is valid would do"},
		"a body with an example":        {post + "{type: string, pattern: '(?=a)', example: a}}}}}", ""},
		"another media type":            {post + "{not: {}}}, text/plain: {schema: {type: string}}}}}", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := contract.Parse("p.yaml", []byte("openapi: 3.0.3\ninfo: {title: t, version: v}\npaths: {/p: {"+test.operation+"}}\n"))
			if err != nil {
				t.Fatal(err)
			}
			all, underived, err := implied.Cases(implied.Options{Contract: c, Risk: cases.Destructive, MaxPlaces: config.DefaultMaxPlaces})
			if err != nil {
				t.Fatal(err)
			}
			why := ""
			for _, u := range underived {
				if u.Part == "" {
					why += u.Reason + ": " + u.Detail
				}
			}
			if !strings.Contains(why, test.want) || (len(all) == 0) != (test.want != "") || (why == "") != (test.want == "") {
				t.Errorf("got %d cases and %q, want %q", len(all), why, test.want)
			}
			for _, k := range all {
				if _, err := k.Request(); err != nil {
					t.Errorf("%s: %s", k.ID, err)
				}
			}
		})
	}
}

// Alternatives may share schemes, and one may stand twice: each case has an id of its own, and the document is judged.
func TestAlternativesThatShareSchemes(t *testing.T) {
	const document = "openapi: 3.0.3\ninfo: {title: t, version: v}\nsecurity: [{k: [], q: []}, {k: [], c: []}, {k: [], q: []}, {k: []}, {k: []}]\npaths: {/p: {get: {responses: {'200': {description: d}, '401': {description: d}}}}}\ncomponents: {securitySchemes: {k: {type: apiKey, in: header, name: X-K}, q: {type: apiKey, in: query, name: q}, c: {type: apiKey, in: cookie, name: c}}}\n"
	for _, document := range []string{document, strings.Replace(document, ", {k: []}, {k: []}", "", 1)} {
		c, err := contract.Parse("p.yaml", []byte(document))
		if err != nil {
			t.Fatal(err)
		}
		all, _, err := implied.Cases(implied.Options{Contract: c, Credentials: map[string]string{"k": "key-1", "q": "key-2", "c": "key-3"}})
		if err != nil || len(all) < 3 {
			t.Errorf("got %d cases, error %v", len(all), err)
		}
	}
}
