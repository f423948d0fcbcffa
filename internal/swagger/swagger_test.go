package swagger_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/gesconform/gesconform/internal/docfile"
	"github.com/gesconform/gesconform/internal/swagger"
)

// conversions are parts of Swagger documents, and where what of them stands in OpenAPI.
var conversions = []struct{ name, document, at, want string }{
	{"a query parameter", `{"paths":{"/a":{"get":{"parameters":[{"name":"q","in":"query","type":"integer","maximum":3,"required":true,"x-example":2}]}}}}`, "/paths/~1a/get/parameters/0",
		`{"name":"q","in":"query","required":true,"example":2,"schema":{"type":"integer","maximum":3}}`},
	{"lists in all forms", `{"parameters":{"a":{"name":"a","type":"array","items":{"type":"string"}},"b":{"name":"b","type":"array","collectionFormat":"multi"},"c":{"name":"c","type":"array","collectionFormat":"ssv"},"d":{"name":"d","type":"array","collectionFormat":"pipes"},"e":{"name":"e","type":"array","collectionFormat":"tsv"}}}`, "/components/parameters",
		`{"a":{"name":"a","explode":false,"schema":{"type":"array","items":{"type":"string"}}},"b":{"name":"b","style":"form","explode":true,"schema":{"type":"array"}},"c":{"name":"c","style":"spaceDelimited","explode":false,"schema":{"type":"array"}},"d":{"name":"d","style":"pipeDelimited","explode":false,"schema":{"type":"array"}},"e":{"name":"e","style":"tabDelimited","explode":false,"schema":{"type":"array"}}}`},
	{"a body of the document's media types", `{"consumes":["application/xml","application/json"],"paths":{"/a":{"put":{"parameters":[{"in":"body","name":"x","required":true,"schema":{"$ref":"#/definitions/A"}}]}}}}`, "/paths/~1a/put",
		`{"parameters":[],"requestBody":{"required":true,"content":{"application/xml":{"schema":{"$ref":"#/components/schemas/A"}},"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}}}`},
	{"a body that is shared", `{"parameters":{"B":{"in":"body","schema":{"type":"string"}}},"paths":{"/a":{"parameters":[{"$ref":"#/parameters/B"},{"$ref":"#/parameters/Q"}],"put":{"consumes":["text/plain"]}}}}`, "/paths/~1a",
		`{"parameters":[{"$ref":"#/components/parameters/Q"}],"put":{"requestBody":{"content":{"text/plain":{"schema":{"type":"string"}}}}}}`},
	{"a form", `{"paths":{"/a":{"post":{"consumes":["application/json","application/x-www-form-urlencoded"],"parameters":[{"in":"formData","name":"n","type":"string","required":true},{"in":"formData","name":"l","type":"array","items":{"type":"integer"}}]}}}}`, "/paths/~1a/post/requestBody",
		`{"required":true,"content":{"application/x-www-form-urlencoded":{"schema":{"type":"object","properties":{"n":{"type":"string"},"l":{"type":"array","items":{"type":"integer"}}},"required":["n"]},"encoding":{"l":{"explode":false}}}}}`},
	{"a file", `{"paths":{"/a":{"post":{"parameters":[{"in":"formData","name":"f","type":"file"}]}}}}`, "/paths/~1a/post/requestBody",
		`{"required":false,"content":{"multipart/form-data":{"schema":{"type":"object","properties":{"f":{"type":"string","format":"binary"}}}}}}`},
	{"an answer", `{"produces":["application/json"],"paths":{"/a":{"get":{"produces":["text/csv"],"responses":{"200":{"description":"d","schema":{"type":"file"},"headers":{"X":{"type":"integer","description":"e"}},"examples":{"text/csv":"a,b"}},"204":{"description":"d"},"404":{"$ref":"#/responses/R"}}}}}}`, "/paths/~1a/get",
		`{"responses":{"200":{"description":"d","content":{"text/csv":{"schema":{"type":"string","format":"binary"},"example":"a,b"}},"headers":{"X":{"description":"e","schema":{"type":"integer"}}}},"204":{"description":"d"},"404":{"$ref":"#/components/responses/R"}}}`},
	{"schemas", `{"definitions":{"A":{"discriminator":"kind","properties":{"discriminator":{"x-nullable":true,"type":"string"},"b":{"$ref":"#/definitions/B"},"c":{"additionalProperties":{"$ref":"other.json#/definitions/C"}}},"allOf":[{"items":{"$ref":"#/definitions/D"}}],"example":{"$ref":"#/definitions/E"}}}}`, "/components/schemas/A",
		`{"discriminator":{"propertyName":"kind"},"properties":{"discriminator":{"nullable":true,"type":"string"},"b":{"$ref":"#/components/schemas/B"},"c":{"additionalProperties":{"$ref":"other.json#/definitions/C"}}},"allOf":[{"items":{"$ref":"#/components/schemas/D"}}],"example":{"$ref":"#/definitions/E"}}`},
	{"credentials", `{"securityDefinitions":{"b":{"type":"basic"},"k":{"type":"apiKey","in":"query","name":"k"}},"security":[{"b":[]}]}`, "",
		`{"openapi":"3.0.3","security":[{"b":[]}],"paths":{},"components":{"securitySchemes":{"b":{"type":"http","scheme":"basic"},"k":{"type":"apiKey","in":"query","name":"k"}}}}`},
	{"what is not written well", `{"paths":{"/a":{"get":[],"put":{"parameters":7,"responses":[8]}},"/b":9},"definitions":[1],"parameters":null}`, "/paths",
		`{"/a":{"get":[],"put":{"parameters":[],"responses":[8]}},"/b":9}`},
}

func TestConvert(t *testing.T) {
	for _, test := range conversions {
		t.Run(test.name, func(t *testing.T) {
			set, err := docfile.Parse([]byte(test.document), "a document")
			if err != nil {
				t.Fatal(err)
			}
			defer set.Close()
			set.Replace(swagger.Convert(set.Root.Node))
			at, err := set.Resolve(set.Top(), "#"+test.at)
			if err != nil {
				t.Fatal(err)
			}
			text := at.Node.AppendJSON(nil)
			var got, want any
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if err := json.Unmarshal([]byte(test.want), &want); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %s\nwant %s", text, test.want)
			}
		})
	}
}
