package fakeserver

import (
	"slices"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
)

// A policy is what the service does by default and a defect may change. The zero
// value keeps to the contract.
type policy struct {
	leniencies  []leniency
	judgedFirst []string          // conditions that are judged before the credentials
	answers     map[string]answer // condition -> what is answered instead
	refused     []refusedUpgrade  // lawful upgrades that are refused all the same

	later          func(target, current string) bool   // nil compares as the contract says
	installs       func(current, target string) string // the version after an upgrade; nil is the target
	newJobID       func(*ids) string                   // nil gives each job an id of its own
	endStatus      func(asked int) gen.JobStatus       // of a job that has ended, asked for the nth time; nil is the true one
	neverEnds      bool
	staysUpgrading bool
	forgetsJobs    bool
	sharesJobs     bool // each job is shown under every graph
}

// A leniency is a condition that is not enforced: in one operation or in all,
// and for all calls or for some.
type leniency struct {
	operation string
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
		return l.condition == condition &&
			(l.operation == "" || l.operation == c.route.ID) && (l.when == nil || l.when(c))
	})
}

func (p *policy) refuses(c *call) *refusedUpgrade {
	for i := range p.refused {
		if p.refused[i].when(c) {
			return &p.refused[i]
		}
	}
	return nil
}

func (p *policy) isLater(target, current string) bool {
	if p.later != nil {
		return p.later(target, current)
	}
	return contract.Later(target, current)
}

func (p *policy) versionAfter(current, target string) string {
	if p.installs != nil {
		return p.installs(current, target)
	}
	return target
}

func (p *policy) jobID(n *ids) string {
	if p.newJobID != nil {
		return p.newJobID(n)
	}
	return n.job()
}

func (p *policy) statusAfterEnd(asked int, status gen.JobStatus) gen.JobStatus {
	if p.endStatus != nil {
		return p.endStatus(asked)
	}
	return status
}
