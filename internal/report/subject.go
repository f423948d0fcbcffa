package report

import (
	"cmp"
	"strings"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// A subject is what reports say differently of what was judged: a deployment of the service of the
// built-in contract, a client of it, or a server by any other document.
type subject struct {
	what     string         // the title of the page, after "Conformance of "
	coverage []coverageKind // the columns of the coverage
	// oneCause returns what findings about one requirement share that are one failure.
	oneCause func(judge.Finding) string
	// families returns the name under which a case is shown among others of its operation, and
	// under which its duration is counted.
	families func(*result.Case) string
	// likewise is how many other cases with the same finding a terminal names; 0 for all.
	likewise int
	place    func(f judge.Finding, place string) string // in the contract, for people
}

// A coverageKind is a column of the coverage.
type coverageKind struct {
	name  string
	share func(*result.OperationCoverage) *result.Share
}

var (
	ofStatuses   = coverageKind{"statuses", func(o *result.OperationCoverage) *result.Share { return &o.Statuses }}
	ofCodes      = coverageKind{"error codes", func(o *result.OperationCoverage) *result.Share { return &o.Codes }}
	ofParameters = coverageKind{"parameters", func(o *result.OperationCoverage) *result.Share { return &o.Parameters }}
	ofKeywords   = coverageKind{"keywords", func(o *result.OperationCoverage) *result.Share { return &o.Keywords }}
)

var (
	aDeployment = &subject{
		what: "a Graph Engine Service", coverage: []coverageKind{ofStatuses, ofCodes, ofParameters, ofKeywords},
		oneCause: func(f judge.Finding) string { return f.Got }, families: familyOf,
		place: func(_ judge.Finding, place string) string { return place },
	}
	aClient = &subject{
		what: "a client", coverage: []coverageKind{ofStatuses, ofCodes},
		oneCause: aDeployment.oneCause, families: familyOf, place: aDeployment.place,
	}
	aServer = &subject{
		what: "a server", coverage: []coverageKind{ofStatuses, ofParameters, ofKeywords},
		oneCause: func(f judge.Finding) string { return cmp.Or(f.Clause, f.Got) }, // broken at twenty operations, it is one cause
		families: partOfRequest, likewise: shownOfEach,
		place: func(f judge.Finding, place string) string {
			return strings.TrimSpace(place + " " + printable.Line(f.Clause))
		},
	}
)

func subjectOf(run *result.Run) *subject {
	switch {
	case run.Client != nil:
		return aClient
	case run.Document != nil:
		return aServer
	}
	return aDeployment
}

// familyOf returns the second part of a case's id.
func familyOf(c *result.Case) string {
	parts := strings.SplitN(c.Case, "/", 3)
	if len(parts) < 2 {
		return "other"
	}
	return parts[1]
}

// partOfRequest returns the part of the request that the id of a case by a document names, between
// its operation and what was done to it; of other cases what was done.
func partOfRequest(c *result.Case) string {
	parts := strings.SplitN(c.Case, ": ", 3)
	if len(parts) < 2 {
		return "other"
	}
	return parts[1]
}

// What names what was judged, for a title.
func (d *digest) What() string { return subjectOf(d.Run).what }
