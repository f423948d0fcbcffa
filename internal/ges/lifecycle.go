package ges

// StepAccepted is the step that all others follow.
const StepAccepted = "accepted"

// A LifecycleStep is a step of an upgrade that a requirement can observe.
type LifecycleStep struct {
	Unobserved string // the reason to give if it was not reached
	Failing    bool   // only an upgrade that fails shows it
	Repeated   bool   // only a further upgrade shows it
	ByJob      bool   // only the upgrade's job shows it
	ByRefusal  bool   // what is refused at the graph shows it, too
	Starts     bool   // it starts an upgrade of its own
}

// LifecycleSteps has all steps by name.
var LifecycleSteps = map[string]LifecycleStep{
	StepAccepted:            {Unobserved: "no upgrade was asked for"},
	"version-order":         {Unobserved: "no accepted upgrade went from a version such as 1.1.9 to 1.1.10", Repeated: true},
	"second-refused":        {Unobserved: "no upgrade was under way when a second one could be asked for"},
	"second-refused-late":   {Unobserved: "no upgrade was under way long enough to ask for a second one later"},
	"second-refused-forced": {Unobserved: "no upgrade was under way when a forced one could be asked for"},
	"together-refused":      {Unobserved: "no two upgrades could be asked for at the same moment", Repeated: true, Starts: true},
	"not-later-again":       {Unobserved: "the graph's own version could not be asked for at the end", ByRefusal: true},
	"stopped-again":         {Unobserved: "the stopped graph could not be asked for at the end", ByRefusal: true},
	"not-permitted-again":   {Unobserved: "the credentials that may only read could not be tried at the end", ByRefusal: true},
	"version-shown":         {Unobserved: "no upgrade has succeeded"},
	"version-at-once":       {Unobserved: "no upgrade was seen to take effect", ByJob: true},
	"version-kept":          {Unobserved: "no request was sent that could have moved the version", ByRefusal: true},
	"job-ids-differ":        {Unobserved: "no two upgrades were accepted", Repeated: true},
	"job-queryable":         {Unobserved: "no upgrade was accepted", ByJob: true},
	"job-stays-known":       {Unobserved: "no job was shown", ByJob: true},
	"job-ends":              {Unobserved: "no upgrade was accepted", ByJob: true},
	"job-of-graph":          {Unobserved: "no upgrade was accepted", ByJob: true},
	"job-times":             {Unobserved: "no upgrade was accepted", ByJob: true},
	"job-times-agree":       {Unobserved: "no upgrade was accepted", ByJob: true},
	"job-progress":          {Unobserved: "no upgrade was accepted", ByJob: true},
	"job-unchanged":         {Unobserved: "no upgrade was accepted", ByJob: true},
	"etag-changes":          {Unobserved: "no upgrade was seen to move the version"},
	"last-modified-changes": {Unobserved: "no upgrade was seen to move the version"},
	"job-listed":            {Unobserved: "no upgrade was accepted"},
	"failure-rolled-back":   {Unobserved: "no upgrade has failed", Failing: true},
	"failure-explained":     {Unobserved: "no upgrade has failed", Failing: true},
}

// LifecycleCases are the valid variations that start the lifecycle if no request with more of
// them is accepted: the plainest first, and the next tells whether force_upgrade has to be given.
var LifecycleCases = []string{"force_upgrade-absent", "force_upgrade-false"}
