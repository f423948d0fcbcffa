package contract

import (
	"encoding/json"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// keywordOpinions are where kin-openapi differs on a row of keywordChecks, with what we think. If kin comes to agree, the
// row must go.
var keywordOpinions = map[string]string{
	"one more":                              "kin reads the number as a float64, which rounds it",
	"one less than the least":               "the same",
	"a little less than the least":          "the same",
	"a little more than an exclusive bound": "the same",
	"a multiple of a large number":          "the same",
	"a reference to what is read-only":      "what a schema under allOf says of a member holds for the member; kin looks at the member's own schema",
	"a schema by its name":                  "OpenAPI 3.0.4, section 4.8.25: a schema has its own name beside those that are mapped; kin forgets it",
	"a schema that needs no name":           "what is valid by oneOf is not invalid for a hint that is missing; kin wants it",
	"a mapped schema by its name":           "the same",
}

// kin-openapi knows the keywords of JSON Schema 2020-12, too: both must find the same values valid.
func TestKinAgreesOnKeywords(t *testing.T) {
	sides := map[Side][]openapi3.SchemaValidationOption{Client: {openapi3.VisitAsRequest()}, Server: {openapi3.VisitAsResponse()}}
	for _, test := range keywordChecks {
		_, kin := compileText(t, test.schema)
		var v any
		if err := json.Unmarshal([]byte(test.value), &v); err != nil {
			t.Fatal(err)
		}
		options := sides[test.from]
		if test.from == "" {
			options = []openapi3.SchemaValidationOption{openapi3.EnableJSONSchema2020()}
		}
		err := kin.VisitJSON(v, options...)
		why, listed := keywordOpinions[test.name]
		switch {
		case (test.want == "") == (err == nil) && listed:
			t.Errorf("%s: kin now agrees", test.name)
		case (test.want == "") != (err == nil) && !listed:
			t.Errorf("%s: %s by %s\nours: %q\nkin: %v %s", test.name, test.value, test.schema, test.want, err, why)
		}
	}
}
