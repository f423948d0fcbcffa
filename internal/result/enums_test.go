package result_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestSchemaListsAllValues(t *testing.T) {
	data, err := os.ReadFile(resulttest.SchemaFile)
	if err != nil {
		t.Fatal(err)
	}
	type enum struct{ Enum []string }
	var schema struct {
		Defs struct {
			Verdict enum
			Level   enum
			Apart   enum
			Client  struct {
				Properties struct{ Said enum }
			} `json:"client_outcome"`
			Failure struct {
				Properties struct{ Kind enum }
			} `json:"transport_failure"`
			Expectation struct {
				Properties struct{ State enum }
			}
			Change struct {
				Properties struct{ Class enum }
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		dir, typ string
		listed   []string
	}{
		{"../judge", "Verdict", schema.Defs.Verdict.Enum},
		{"../judge", "Apart", schema.Defs.Apart.Enum},
		{"../judge", "Said", schema.Defs.Client.Properties.Said.Enum},
		{"../exchange", "FailureKind", schema.Defs.Failure.Properties.Kind.Enum},
		{"../../contract", "Level", schema.Defs.Level.Enum},
		{".", "ExpectationState", schema.Defs.Expectation.Properties.State.Enum},
		{".", "Class", schema.Defs.Change.Properties.Class.Enum},
	} {
		slices.Sort(tc.listed)
		want := resulttest.Constants(t, tc.dir, tc.typ)
		if len(want) == 0 || !slices.Equal(tc.listed, want) {
			t.Errorf("%s: expected %v, the schema lists %v", tc.typ, want, tc.listed)
		}
	}
}
