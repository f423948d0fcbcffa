package contract

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gesconform/gesconform"
)

// Generators for Java, for one, make clients that refuse each member that a schema does not name, unless
// the schema says that there may be others. So each object of an answer says it.
func TestAnswersMayHaveOtherMembers(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(gesconform.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[*openapi3.Schema]bool{}
	var check func(name string, ref *openapi3.SchemaRef)
	check = func(name string, ref *openapi3.SchemaRef) {
		if ref == nil || seen[ref.Value] {
			return
		}
		s := ref.Value
		seen[s] = true
		if has := s.AdditionalProperties.Has; s.Type.Is("object") && (has == nil || !*has) {
			t.Errorf("%s: expected additionalProperties: true", name)
		}
		for member, below := range s.Properties {
			check(name+"/"+member, below)
		}
		check(name+"/items", s.Items)
	}
	for path, item := range document.Paths.Map() {
		for method, op := range item.Operations() {
			for status, response := range op.Responses.Map() {
				for _, media := range response.Value.Content {
					check(method+" "+path+" "+status, media.Schema)
				}
			}
		}
	}
	if len(seen) < 10 {
		t.Errorf("%d schemas were looked at", len(seen))
	}
	request := document.Components.Schemas["UpgradeGraphRequest"].Value
	if request.AdditionalProperties.Has != nil {
		t.Error("a request may be refused for other members: expected that its schema does not invite them")
	}
}
