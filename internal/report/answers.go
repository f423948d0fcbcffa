package report

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// Limits of the table of answers: a server can make up as many codes as it likes.
const (
	shownCodes = 100
	shownCode  = 60 // characters of a code
)

// answers counts the answers by status, error code and operation.
type answers struct {
	Operations []string
	Statuses   []statusRows
	Exchanges  int
	SetAside   int // exchanges that are not judged, for example because they were repeated
	Hidden     int // answers with codes that are not shown
}

// statusRows are the answers of one status.
type statusRows struct {
	Status int // 0 for no answer
	Text   string
	Kind   string // fine, refused, broken or none
	Codes  []codeRow
}

// A codeRow counts the answers of one status and code, by operation.
type codeRow struct {
	Code   string
	Counts []int
	Total  int
}

// An answerKind is a row of the table. If there is no answer, status is 0 and code is the
// kind of failure.
type answerKind struct {
	status int
	code   string
}

func answersOf(run *result.Run) answers {
	var a answers
	counts := map[answerKind]map[string]int{}
	for _, x := range run.DistinctExchanges() {
		a.Exchanges++
		if x.SetAside != "" {
			a.SetAside++
		}
		operation := x.Operation()
		if !slices.Contains(a.Operations, operation) {
			a.Operations = append(a.Operations, operation)
		}
		kind := answerKindOf(&x)
		if counts[kind] == nil {
			counts[kind] = map[string]int{}
		}
		counts[kind][operation]++
	}
	slices.Sort(a.Operations)
	a.fill(counts)
	return a
}

func answerKindOf(x *result.DistinctExchange) answerKind {
	if x.Answer == nil {
		kind := answerKind{}
		if x.Failure != nil {
			kind.code = string(x.Failure.Kind)
		}
		return kind
	}
	return answerKind{x.Answer.Status, cut(printable.Escape(x.Code()), shownCode, "…")}
}

// fill makes the rows from the counts, sorted by status and code.
func (a *answers) fill(counts map[answerKind]map[string]int) {
	var kinds []answerKind
	for kind := range counts {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, func(x, y answerKind) int {
		return cmp.Or(cmp.Compare(x.status, y.status), cmp.Compare(x.code, y.code))
	})
	for i, kind := range kinds {
		row := codeRow{Code: kind.code}
		for _, operation := range a.Operations {
			row.Counts = append(row.Counts, counts[kind][operation])
			row.Total += counts[kind][operation]
		}
		if i >= shownCodes {
			a.Hidden += row.Total
			continue
		}
		if n := len(a.Statuses); n == 0 || a.Statuses[n-1].Status != kind.status {
			a.Statuses = append(a.Statuses, newStatusRows(kind.status))
		}
		last := &a.Statuses[len(a.Statuses)-1]
		last.Codes = append(last.Codes, row)
	}
}

func newStatusRows(status int) statusRows {
	s := statusRows{Status: status, Text: http.StatusText(status), Kind: "broken"}
	switch {
	case status == 0:
		s.Text, s.Kind = "no answer", "none"
	case status < 300:
		s.Kind = "fine"
	case status < 500:
		s.Kind = "refused"
	}
	if s.Text == "" {
		s.Text = fmt.Sprintf("status %d", status)
	}
	return s
}
