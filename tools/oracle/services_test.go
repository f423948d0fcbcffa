package oracle

import (
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/gesconform/gesconform/internal/selftest/services"
)

// TestServicesDocuments checks that the documents of the services that servers of any document are tried on are valid
// in the eyes of the second validator, too.
func TestServicesDocuments(t *testing.T) {
	t.Parallel()
	for _, s := range services.All() {
		document, err := libopenapi.NewDocument(s.Document)
		if err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		v, errs := validator.NewValidator(document)
		if len(errs) > 0 {
			t.Fatalf("%s: %v", s.Name, errs)
		}
		if valid, problems := v.ValidateDocument(); !valid {
			for _, p := range problems {
				t.Errorf("%s: %s: %s", s.Name, p.Message, p.Reason)
				for _, e := range p.SchemaValidationErrors {
					t.Errorf("%s: line %d: %s", s.Name, e.Line, e.Reason)
				}
			}
		}
	}
}
