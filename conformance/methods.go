package conformance

import (
	"github.com/gesconform/gesconform/conformance/cases"
)

// methods holds the cases that use another method, or a path that a router may
// take for another one: they never reach the operation.
var methods = subject{
	name:  "methods",
	holds: func(k *cases.Case) bool { return k.Subject == "method" || k.Condition == "unroutable-path" },
}
