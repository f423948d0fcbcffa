package conformance

import (
	"github.com/gesconform/gesconform/conformance/cases"
	"github.com/gesconform/gesconform/contract"
)

// refusals holds the cases of all other requests that must be refused.
var refusals = subject{
	name:    "refusals",
	holds:   func(k *cases.Case) bool { return k.Condition != "" },
	aspects: []contract.Aspect{contract.AspectAnswered},
}
