package report

import (
	"fmt"
	"strings"

	"github.com/gesconform/gesconform/internal/result"
)

// A kindOfCoverage is a column of the coverage.
type kindOfCoverage struct {
	Name string
	of   func(*result.OperationCoverage) *result.Share
}

var kindsOfCoverage = []kindOfCoverage{
	{"statuses", func(o *result.OperationCoverage) *result.Share { return &o.Statuses }},
	{"error codes", func(o *result.OperationCoverage) *result.Share { return &o.Codes }},
	{"parameters", func(o *result.OperationCoverage) *result.Share { return &o.Parameters }},
	{"keywords", func(o *result.OperationCoverage) *result.Share { return &o.Keywords }},
}

// coverageInShort counts what was exercised, in a line: no share of it is a
// percentage, which flatters.
func coverageInShort(run *result.Run) string {
	if run.Coverage == nil {
		return ""
	}
	parts := []string{fmt.Sprintf("%d of %d requirements", len(run.Exercised()), len(run.Requirements))}
	for _, kind := range kindsOfCoverage {
		exercised, total := 0, 0
		for i := range run.Coverage.Operations {
			s := kind.of(&run.Coverage.Operations[i])
			exercised += len(s.Exercised)
			total += s.Total()
		}
		parts = append(parts, fmt.Sprintf("%d of %d %s", exercised, total, kind.Name))
	}
	return strings.Join(parts, ", ")
}

// missingInShort counts what was not exercised, by the reason.
func missingInShort(run *result.Run) string {
	var reasons, names []string
	for i := range run.Coverage.Operations {
		for _, kind := range kindsOfCoverage {
			for _, m := range kind.of(&run.Coverage.Operations[i]).Missing {
				for _, name := range m.Names {
					reasons, names = append(reasons, m.Reason), append(names, name)
				}
			}
		}
	}
	var parts []string
	for _, g := range result.ByReason(reasons, names) {
		parts = append(parts, fmt.Sprintf("%d: %s", len(g.Names), g.Reason))
	}
	return strings.Join(parts, "; ")
}
