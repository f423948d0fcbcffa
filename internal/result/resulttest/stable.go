package resulttest

import (
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

// Stable returns a copy of run without what differs between two runs with the same results,
// so that they can be compared. It removes:
//
//   - id, started, ended and duration_ns of the run, and duration_ns of each case;
//   - the request ids of answers, and the jobs that the graph had before and after;
//   - the numbers of a case's exchanges, which depend on what ran at the same
//     time (the exchanges themselves are dropped with them);
//   - the port in target.endpoint, and ports after addresses in error texts: headline,
//     failure, reasons, and got of findings.
func Stable(run result.Run) result.Run {
	run.ID, run.Started, run.Ended, run.Duration, run.Graph, run.Plan.SHA256 = "", time.Time{}, time.Time{}, 0, nil, ""
	run.Target.Endpoint = withoutPort(run.Target.Endpoint)
	run.Headline, run.Failure = withoutPorts(run.Headline), withoutPorts(run.Failure)
	run.Requirements = slices.Clone(run.Requirements)
	for i := range run.Requirements {
		run.Requirements[i].Reason = withoutPorts(run.Requirements[i].Reason)
	}
	run.Notes = slices.Clone(run.Notes)
	run.Cases = slices.Clone(run.Cases)
	for i := range run.Cases {
		c := &run.Cases[i]
		c.Duration, c.Sequences, c.Exchanges, c.RequestIDs = 0, nil, nil, nil
		c.Reason = withoutPorts(c.Reason)
		c.Findings = slices.Clone(c.Findings)
		for j := range c.Findings {
			stableFinding(&c.Findings[j])
		}
	}
	return run
}

func stableFinding(f *judge.Finding) { f.Got = withoutPorts(f.Got) }

func withoutPort(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil || u.Port() == "" {
		return endpoint
	}
	u.Host = u.Host[:len(u.Host)-len(u.Port())-1]
	return u.String()
}

var addressWithPort = regexp.MustCompile(`(\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}|\[[0-9a-fA-F:]+\]|\blocalhost):[0-9]{1,5}\b`)

func withoutPorts(sentence string) string { return addressWithPort.ReplaceAllString(sentence, "$1") }
