// Package early does at the very start of the process what the rest of the start
// would otherwise wait for. It imports little, and so comes before the packages
// that take long to initialize: those that do not depend on one another are
// initialized in the order of their import paths (The Go Programming Language
// Specification, "Program initialization").
package early

import (
	"runtime/debug"

	"github.com/gesconform/gesconform/internal/yamlparts"
)

func init() {
	// A run is short, and memory cheaper than its time; a first collection would
	// fall into the reading of the contract.
	debug.SetGCPercent(400)
	// Nearly all commands need the contract.
	go yamlparts.Shipped()
}
