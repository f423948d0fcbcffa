package conformance

import (
	"github.com/gesconform/gesconform/conformance/cases"
	"github.com/gesconform/gesconform/contract"
)

// schema holds what is true of the form of every answer.
var schema = subject{
	name:  "schema",
	holds: func(*cases.Case) bool { return false },
	aspects: []contract.Aspect{
		contract.AspectStatus, contract.AspectMediaType, contract.AspectJSON, contract.AspectSchema,
		contract.AspectSchemaOfSuccess, contract.AspectSchemaOfError, contract.AspectEcho, contract.AspectNoStackTrace,
	},
}
