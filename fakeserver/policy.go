package fakeserver

import (
	"slices"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
)

// A policy is what a defect may change of what the service does.
type policy struct {
	leniencies  []leniency
	judgedFirst []string          // conditions that are judged before the credentials
	answers     map[string]answer // condition -> what is answered instead
	refused     []refusedUpgrade  // lawful upgrades that are refused all the same

	later          func(target, current string) bool
	installs       func(current, target string) string                     // the version after an upgrade
	newJobID       func(*variant, *ids) string                             // for an upgrade
	endStatus      func(asked int, is gen.JobStatus) (shown gen.JobStatus) // of a job that has ended, asked for the nth time
	neverEnds      bool
	staysUpgrading bool
	forgetsJobs    bool
	sharesJobs     bool // each job is shown under every graph
}

// lawful is the policy that keeps to the contract.
func lawful() policy {
	return policy{
		answers:   map[string]answer{},
		later:     contract.Later,
		installs:  func(_, target string) string { return target },
		newJobID:  (*variant).jobID,
		endStatus: func(_ int, is gen.JobStatus) gen.JobStatus { return is },
	}
}

// A leniency is a condition that is not enforced for some calls.
type leniency struct {
	condition string
	when      func(*call) bool
}

// An answer is what a defect answers a condition with.
type answer struct {
	status int
	code   string
}

// A refusedUpgrade is the answer to some lawful upgrades.
type refusedUpgrade struct {
	answer
	when func(*call) bool
}

func (p *policy) ignores(c *call, condition string) bool {
	return slices.ContainsFunc(p.leniencies, func(l leniency) bool {
		return l.condition == condition && l.when(c)
	})
}
