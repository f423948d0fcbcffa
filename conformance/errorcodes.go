package conformance

import (
	"github.com/gesconform/gesconform/conformance/cases"
	"github.com/gesconform/gesconform/contract"
)

// errorCodes holds what is true of every error code.
var errorCodes = subject{
	name:    "error codes",
	holds:   func(*cases.Case) bool { return false },
	aspects: []contract.Aspect{contract.AspectCodeForm, contract.AspectCodeMeaning},
}
