package judge

import "time"

// A Said is what a client says of its upgrade.
type Said string

// What a client can say.
const (
	SaidSuccess       Said = "success"        // exit status 0, or no error
	SaidFailure       Said = "failure"        // another exit status, or an error
	SaidNotApplicable Said = "not-applicable" // exit status 77: it cannot do this one
	SaidNothing       Said = "nothing"        // it could not be started, died by a signal, or was ended
)

// A ClientOutcome is how a client has taken a scenario. It contains no credentials.
type ClientOutcome struct {
	Said   Said   `json:"said"`
	Reason string `json:"reason,omitempty"` // why it said nothing; for a function, its error
	// ExitStatus is nil if the client is no process, or did not exit.
	ExitStatus *int   `json:"exit_status,omitempty"`
	Signal     string `json:"signal,omitempty"` // by which it died, such as SIGKILL
	// TimedOut is whether it was ended because it had not ended in time.
	TimedOut bool `json:"timed_out,omitempty"`
	// Answered says what the scenario is, and Expected how a client takes it well.
	Answered string   `json:"answered"`
	Expected string   `json:"expected"`
	Stdout   string   `json:"stdout,omitempty"` // of a long one the beginning and the end
	Stderr   string   `json:"stderr,omitempty"`
	Printed  int64    `json:"printed,omitempty"` // how many bytes it has printed in all
	Leaked   []string `json:"leaked,omitempty"`  // the credentials that it has printed, by name
	// Jobs has the ids of the jobs that the service has started, whatever the client saw of its answers.
	Jobs     []string      `json:"jobs,omitempty"`
	Duration time.Duration `json:"duration_ns"` // from its first request, or from its start if it sent none
}
