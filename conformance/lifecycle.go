package conformance

import (
	"github.com/gesconform/gesconform/conformance/cases"
)

// lifecycle holds the cases that follow an upgrade to its end, and the valid
// requests that start one.
var lifecycle = subject{
	name:  "lifecycle",
	holds: func(k *cases.Case) bool { return k.Observes != "" || k.Accepts != "" },
}
