package conformance

import (
	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
)

// subjects are the containers of the specs. Each case is in the first one that holds it.
// Each requirement about an aspect of every answer has a spec in the container that lists
// the aspect.
var subjects = []struct {
	name    string
	holds   func(*cases.Case) bool
	aspects []contract.Aspect
}{
	{
		// credentials are judged before anything else in a request
		name:    "authentication",
		holds:   func(k *cases.Case) bool { return k.Subject == "security" },
		aspects: []contract.Aspect{contract.AspectNoCredentials},
	},
	{
		// another method, or a path that a router may take for another one: these never reach the operation
		name:  "methods",
		holds: func(k *cases.Case) bool { return k.Subject == "method" || k.Condition == "unroutable-path" },
	},
	{
		// the steps of an upgrade until its end, and the valid requests that start one
		name:  "lifecycle",
		holds: func(k *cases.Case) bool { return k.Observes != "" || k.Accepts != "" },
	},
	{
		// all other requests that must be refused
		name:    "refusals",
		holds:   func(k *cases.Case) bool { return k.Condition != "" },
		aspects: []contract.Aspect{contract.AspectAnswered},
	},
	{
		name:  "schema",
		holds: func(*cases.Case) bool { return false },
		aspects: []contract.Aspect{
			contract.AspectStatus, contract.AspectMediaType, contract.AspectJSON, contract.AspectSchema,
			contract.AspectSchemaOfSuccess, contract.AspectSchemaOfError, contract.AspectIDEcho, contract.AspectNoStackTrace,
		},
	},
	{
		name:    "error codes",
		holds:   func(*cases.Case) bool { return false },
		aspects: []contract.Aspect{contract.AspectCodeForm, contract.AspectCodeMeaning},
	},
}
