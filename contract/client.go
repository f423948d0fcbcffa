package contract

import (
	"fmt"
	"slices"
)

// A Side is one of the two that talk HTTP, and that a requirement is about.
type Side string

// The sides.
const (
	Server Side = "server"
	Client Side = "client"
)

// IsAbout reports whether a requirement is about a side. One that does not say is about the
// server.
func (r *Requirement) IsAbout(side Side) bool {
	return slices.Contains(r.AppliesTo, side) || len(r.AppliesTo) == 0 && side == Server
}

// A Behaviour is something that is expected of a client.
type Behaviour string

// The behaviours. Each is that of the requirement of this name with "client." before it.
const (
	ClientSends                Behaviour = "sends"                 // it sends the upgrade
	ClientRequestLawful        Behaviour = "request-lawful"        // what it sends keeps to the contract
	ClientSuccessNeedsJob      Behaviour = "success-needs-job"     // no success after a refusal or without a job's id
	ClientAsksOwnJob           Behaviour = "asks-own-job"          // it asks for no job but the one that it was given
	ClientSuccessWhenAccepted  Behaviour = "success-when-accepted" // success after every lawful acceptance
	ClientCredentialsStay      Behaviour = "credentials-stay"      // credentials go to the endpoint's origin only
	ClientCredentialsInPlace   Behaviour = "credentials-in-place"  // credentials are in their headers and nowhere else
	ClientCredentialsUnprinted Behaviour = "credentials-unprinted" // no credentials in what it prints
	ClientRetryAfter           Behaviour = "retry-after"           // it sends nothing again before Retry-After has passed
	ClientJobFailureSeen       Behaviour = "job-failure-seen"      // a failed job is no success, nor is one that has not ended
	ClientNoBlindRepeat        Behaviour = "no-blind-repeat"       // it reads before it repeats what may have been accepted
	ClientErrorCodeShown       Behaviour = "error-code-shown"      // it prints the error code of a refusal
	ClientKnownMembers         Behaviour = "known-members"         // it sends only members that the contract knows
	ClientJobIDEscaped         Behaviour = "job-id-escaped"        // a job's id is one segment of the path
	ClientSurvivesRefusedRead  Behaviour = "survives-refused-read" // a read that is refused for now is no failed upgrade
	ClientEnds                 Behaviour = "ends"                  // it ends, whatever the service does
	ClientPollPace             Behaviour = "poll-pace"             // it does not call more often than the gateway lets through
)

// behaviours are those above, in the same order.
var behaviours = []Behaviour{
	ClientSends, ClientRequestLawful, ClientSuccessNeedsJob, ClientAsksOwnJob, ClientSuccessWhenAccepted, ClientCredentialsStay,
	ClientCredentialsInPlace, ClientCredentialsUnprinted, ClientRetryAfter, ClientJobFailureSeen, ClientNoBlindRepeat, ClientErrorCodeShown,
	ClientKnownMembers, ClientJobIDEscaped, ClientSurvivesRefusedRead, ClientEnds, ClientPollPace,
}

// Behaviours returns all that can be expected of a client.
func Behaviours() []Behaviour { return slices.Clone(behaviours) }

// RequirementsFor returns the requirements that are about a side, in the order of the document.
func (c *Contract) RequirementsFor(side Side) []*Requirement {
	return slices.DeleteFunc(c.Requirements(), func(r *Requirement) bool { return !r.IsAbout(side) })
}

// RequirementExpecting returns the requirement that expects a behaviour of a client, or nil.
func (c *Contract) RequirementExpecting(b Behaviour) *Requirement {
	return c.requirementsBySaying[saying{"", "expects", string(b)}]
}

// checkSides makes sure that a requirement names sides that exist, and that clients are held to
// what it expects, and to nothing else.
func (c *Contract) checkSides(r *Requirement) error {
	for _, side := range r.AppliesTo {
		if side != Server && side != Client {
			return fmt.Errorf("appliesTo: expected server or client, got %q", side)
		}
	}
	switch onlyClient := slices.Equal(r.AppliesTo, []Side{Client}); {
	case r.Expects == "" && !r.IsAbout(Server):
		return fmt.Errorf("appliesTo: expected server, got %q; only what a requirement expects can be seen of a client", r.AppliesTo)
	case r.Expects == "":
		return nil
	case !onlyClient:
		return fmt.Errorf("expects: is about clients only; expected appliesTo: [client] beside it, got %q", r.AppliesTo)
	case !slices.Contains(behaviours, r.Expects):
		return fmt.Errorf("expects: unknown behaviour %q, expected one of %q", r.Expects, behaviours)
	}
	if other := c.RequirementExpecting(r.Expects); other != r {
		return fmt.Errorf("expects %q, which %s already does", r.Expects, other.ID)
	}
	return nil
}
