package fakeserver

// A Defect is a named wrong that a server can be told to show.
type Defect struct {
	Name       string
	Summary    string
	Breaks     string // the requirement of the contract
	Equivalent string // why it breaks none, where it does not
	behaviours []behaviour
}

// A behaviour is one thing that a defect changes.
type behaviour func(*conduct)

// conduct is what a server does otherwise than it should: inside the service by
// the policy, and outside it by the rules.
type conduct struct {
	policy policy
	rules  []rule
}
