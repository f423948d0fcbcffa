package report

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// What the matrix shows at most: a server can make up as many codes as it likes.
const (
	shownCodes = 100
	shownCode  = 60 // characters of one
)

// A matrix counts what was answered: operation by status by error code.
type matrix struct {
	Operations []string
	Statuses   []statusRows
	Exchanges  int
	SetAside   int // of the exchanges: asked for again, say
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

// Head is how many rows the status takes.
func (s *statusRows) Head() int { return len(s.Codes) }

// An answerKind is what the matrix tells apart. Where no answer came, code says
// why.
type answerKind struct {
	status int
	code   string
}

func matrixOf(run *result.Run) matrix {
	m := matrix{}
	counts := map[answerKind]map[string]int{}
	for _, x := range run.DistinctExchanges() {
		m.Exchanges++
		if x.SetAside != "" {
			m.SetAside++
		}
		operation := x.Operation()
		if !slices.Contains(m.Operations, operation) {
			m.Operations = append(m.Operations, operation)
		}
		kind := answerKindOf(&x)
		if counts[kind] == nil {
			counts[kind] = map[string]int{}
		}
		counts[kind][operation]++
	}
	slices.Sort(m.Operations)
	m.fill(counts)
	return m
}

func answerKindOf(x *result.DistinctExchange) answerKind {
	if x.Answer == nil {
		kind := answerKind{}
		if x.Failure != nil {
			kind.code = string(x.Failure.Kind)
		}
		return kind
	}
	return answerKind{x.Answer.Status, cut(printable.Escape(x.ErrorCode()), shownCode, "…")}
}

// fill lays the counts out, by status and code.
func (m *matrix) fill(counts map[answerKind]map[string]int) {
	var kinds []answerKind
	for kind := range counts {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, func(a, b answerKind) int {
		return cmp.Or(cmp.Compare(a.status, b.status), cmp.Compare(a.code, b.code))
	})
	for i, kind := range kinds {
		row := codeRow{Code: kind.code}
		for _, operation := range m.Operations {
			row.Counts = append(row.Counts, counts[kind][operation])
			row.Total += counts[kind][operation]
		}
		if i >= shownCodes {
			m.Hidden += row.Total
			continue
		}
		if n := len(m.Statuses); n == 0 || m.Statuses[n-1].Status != kind.status {
			m.Statuses = append(m.Statuses, newStatusRows(kind.status))
		}
		last := &m.Statuses[len(m.Statuses)-1]
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
