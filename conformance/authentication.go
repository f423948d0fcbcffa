package conformance

import (
	"github.com/gesconform/gesconform/conformance/cases"
	"github.com/gesconform/gesconform/contract"
)

// authentication holds the cases that break the credentials: they are judged
// before anything else in a request.
var authentication = subject{
	name:    "authentication",
	holds:   func(k *cases.Case) bool { return k.Subject == "security" },
	aspects: []contract.Aspect{contract.AspectNoCredentials},
}
