package fakeserver

import (
	"slices"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
)

// A policy is the part of the service's behaviour that defects can change.
type policy struct {
	leniencies  []leniency
	judgedFirst []string          // conditions that are judged before the credentials
	answers     map[string]answer // condition -> the answer to use instead of the lawful one
	refused     []refusedUpgrade  // lawful upgrades that are refused nevertheless

	target         func(*call) string // returns the version that a request asks for
	compared       func(*call) string // returns the version that is compared; nil if that is the one that it asks for
	later          func(target, current string) bool
	installs       func(current, target string) string                     // returns the version after an upgrade
	newJobID       func(*variant, *ids) string                             // returns the id of an upgrade's job
	endStatus      func(asked int, is gen.JobStatus) (shown gen.JobStatus) // of a job that has ended and is shown for the nth time
	shows          func(*shownGraph, aftermath)                            // changes what showGraph shows after an upgrade; nil shows what is
	neverEnds      bool
	staysUpgrading bool
	forgetsJobs    bool
	afterRefusal   []func(*service, *call)              // what happens when a call was refused
	losesJob       func(j *job, ago time.Duration) bool // whether it is unknown, now that it is asked for for the j.reads-th time, so long after its end; nil never loses one
	reads          func(*service, *call)                // reads the ids of a call otherwise; nil reads what is there
	sharesJobs     bool                                 // each job is shown under every graph
}

// lawful returns the policy that keeps to the contract.
func lawful() policy {
	return policy{
		answers:   map[string]answer{},
		target:    (*call).requestedVersion,
		later:     contract.Later,
		installs:  func(_, target string) string { return target },
		newJobID:  (*variant).jobID,
		endStatus: func(_ int, is gen.JobStatus) gen.JobStatus { return is },
	}
}

// An aftermath is what has gone before when a graph is shown after an upgrade.
type aftermath struct {
	upgrade *job
	before  string        // the version before the upgrade
	ago     time.Duration // since it ended
	times   int           // how often the graph has been shown since, counting this one
}

// A leniency is a condition that is not enforced for the calls for which when is true.
type leniency struct {
	condition string
	when      func(*call) bool
}

// An answer is the status and the error code of a refusal.
type answer struct {
	status int
	code   string
}

// A refusedUpgrade is the answer to lawful upgrades for which when is true.
type refusedUpgrade struct {
	answer
	when func(*call) bool
}

func (p *policy) ignores(c *call, condition string) bool {
	return slices.ContainsFunc(p.leniencies, func(l leniency) bool {
		return l.condition == condition && l.when(c)
	})
}
