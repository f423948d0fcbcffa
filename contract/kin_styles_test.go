package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// kinTakes returns what kin-openapi finds wrong with a parameter p that a request carries.
func kinTakes(t *testing.T, in In, style Style, explode bool, schema, wire string) error {
	t.Helper()
	text := fmt.Sprintf(`{"name":"p","in":%q,"required":%v,"style":%q,"explode":%v,"schema":%s}`, in, in == InPath, style, explode, schema)
	p := &openapi3.Parameter{}
	if err := json.Unmarshal([]byte(text), p); err != nil {
		t.Fatal(err)
	}
	r := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/"}, Header: http.Header{}}
	input := &openapi3filter.RequestValidationInput{Request: r, PathParams: map[string]string{}, Options: &openapi3filter.Options{SkipSettingDefaults: true}}
	switch in {
	case InPath:
		plain, err := url.PathUnescape(wire)
		if err != nil {
			return err
		}
		input.PathParams["p"] = plain
	case InQuery:
		values, err := url.ParseQuery(wire)
		if err != nil {
			return err
		}
		r.URL.RawQuery, input.QueryParams = wire, values
	case InHeader:
		r.Header.Set("p", wire)
	default:
		r.Header.Set("Cookie", wire)
	}
	return openapi3filter.ValidateParameter(context.Background(), input, p)
}

// styleOpinions are where kin-openapi differs, with what we think. If kin comes to agree, the row must go.
var styleOpinions = map[string]string{
	`path matrix false {"type":"string"} ;p`:                           "RFC 6570, section 3.2.7: an empty value has no equals sign; kin wants one",
	"path matrix true " + aList + " ;p=a;q=b":                          "another name is another parameter; kin ignores it",
	"query form true " + anInteger + " p=07":                           "no number of JSON; kin reads it as Go does",
	`query form true {"type":"boolean"} p=True`:                        "no boolean of JSON; kin reads it as Go does",
	"query form true " + anInteger + " p=7&p=8":                        "which of the two counts, nobody says; kin takes the first",
	"query form false " + numbers + " p=1&p=2":                         "the same",
	`query form true {} p=7`:                                           "a schema without a type takes a text; kin finds no value",
	`query form true {"enum":[7,8]} p=7`:                               "the same for values that are listed",
	"query form true " + eitherNumber + " p=all":                       "the same",
	`query form true {"type":"integer","nullable":true} p=null`:        "null is written so by some, if by no specification; kin wants a number",
	"query form true " + aList + " p=":                                 "one empty text; kin finds no value",
	"query form true " + numbers + " p=":                               "no item: how an empty array is written, OpenAPI 3.0.4 leaves open; kin finds no value",
	"query deepObject true " + deepColour + " p[a][R]=1&p[b]=2&p[b]=3": "OpenAPI defines no arrays in deepObject, and clients write them in three ways; kin takes one",
	"query deepObject true " + deepNumbers + " p[b][]=2&p[b][]=3":      "the same",
	"header simple false " + anInteger + "  7 ":                        "RFC 9110, section 5.5: white space around a value is no part of it; kin got it from no message",
	"cookie form true " + numbers + " p=1; p=2":                        "form with explode, the default in cookies (OpenAPI 3.0.4, section 4.8.12.2); kin refuses the document",
	"cookie form true " + aColour + " R=100; G=200":                    "the same",
}

// kin-openapi decodes parameters, too: both must find the same ones valid.
func TestKinAgreesOnStyles(t *testing.T) {
	for _, test := range styleChecks {
		s, _ := compileText(t, test.schema)
		p := &Parameter{Name: "p", In: test.in, Style: test.style, Explode: test.explode, Schema: s}
		v, problems := p.Decode(test.wire)
		ours := len(p.checkDecoded(v, problems)) == 0
		theirs := kinTakes(t, test.in, test.style, test.explode, test.schema, test.wire)
		row := fmt.Sprintf("%s %s %v %s %s", test.in, test.style, test.explode, test.schema, test.wire)
		why, listed := styleOpinions[row]
		switch {
		case ours == (theirs == nil) && listed:
			t.Errorf("%s: kin now agrees", row)
		case ours != (theirs == nil) && !listed:
			t.Errorf("%s\nours: %v\nkin: %v %s", row, p.checkDecoded(v, problems), theirs, why)
		}
	}
}
