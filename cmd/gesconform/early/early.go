// Package early lets the garbage wait. A run is short, and memory cheaper than
// its time; at the start of the process a first collection would fall into the
// reading of the contract. It imports nothing of the module, and so comes before
// what makes the garbage: packages are initialized in the order of their import
// paths where they do not depend on one another (The Go Programming Language
// Specification, "Program initialization").
package early

import "runtime/debug"

func init() { debug.SetGCPercent(400) }
