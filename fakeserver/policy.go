package fakeserver

import (
	"slices"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
)

// A policy is what a defect changes inside the service. The zero value changes
// nothing.
type policy struct {
	leniencies []leniency
	overtakes  []string          // conditions that are judged before those that come first
	answers    map[string]answer // condition -> what is answered instead
	declines   []decline         // lawful upgrades that are refused

	later          func(target, current string) bool   // nil compares as it should
	moves          func(current, target string) string // nil moves to the target
	newJobID       func(*ids) string                   // nil gives each job its own
	endStatus      func(asked int) gen.JobStatus       // nil says success; asked counts from 1
	neverEnds      bool
	staysUpgrading bool
	forgetsJobs    bool
	sharesJobs     bool // each graph shows all jobs
}

// A leniency is a condition that is not enforced: in one operation or in all,
// and always or only where the call shows something.
type leniency struct {
	operation string
	condition string
	when      func(*call) bool
}

type answer struct {
	status int
	code   string
}

// A decline is an answer to lawful upgrades that show something.
type decline struct {
	answer
	when func(*call) bool
}

func (p *policy) ignores(c *call, condition string) bool {
	return slices.ContainsFunc(p.leniencies, func(l leniency) bool {
		return l.condition == condition &&
			(l.operation == "" || l.operation == c.route.ID) && (l.when == nil || l.when(c))
	})
}

func (p *policy) declined(c *call) *decline {
	for i := range p.declines {
		if p.declines[i].when(c) {
			return &p.declines[i]
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
	if p.moves != nil {
		return p.moves(current, target)
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
