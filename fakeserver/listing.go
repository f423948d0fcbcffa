package fakeserver

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
)

// The list of graphs is not in the contract, because no promise about an upgrade concerns it.
// Its page is ges_03_0345 of https://support.huaweicloud.com/intl/en-us/api-ges/.

// badQuery is the condition of a query that is not valid.
const badQuery = "bad-query"

// A window is the part of a list that a request asks for.
type window struct{ offset, limit int }

const defaultLimit = 10

// list answers a call for one of the project's lists with what show returns for the
// requested window. A call is refused as a call of showGraph would be. show returns false
// for a query that is not valid.
func (s *service) list(c *call, show func(query url.Values, w window) (any, bool)) {
	if s.showGraph == nil {
		s.answerUnimplemented(c)
		return
	}
	c.route = s.showGraph
	c.judged = contract.Request{Method: c.request.Method, Path: anyGraph(c.values["project_id"]), Header: c.request.Header}
	s.judgeStatic(c)
	if r := s.chosen(c); r != nil {
		s.writeRefusal(c, r)
		return
	}
	query, err := url.ParseQuery(c.request.URL.RawQuery)
	w, errWindow := windowOf(query)
	if err == nil && errWindow == nil {
		if body, ok := show(query, w); ok {
			_ = writeJSON(c.w, http.StatusOK, body) // fails if the client is gone
			return
		}
	}
	s.answer(c, badQuery, http.StatusBadRequest, incorrect, "")
}

// anyGraph returns a path of showGraph with a well-formed graph id.
func anyGraph(project string) string { return "/v2/" + url.PathEscape(project) + "/graphs/any" }

// windowOf returns the window that a query asks for.
func windowOf(query url.Values) (window, error) {
	offset, errOffset := number(query.Get("offset"), 0)
	limit, errLimit := number(query.Get("limit"), defaultLimit)
	return window{offset, limit}, errors.Join(errOffset, errLimit)
}

// number parses a number of 0 or more; for "" it returns usual.
func number(text string, usual int) (int, error) {
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if n < 0 {
		err = strconv.ErrRange
	}
	return n, err
}

// part returns the part of a list that is in a window.
func part[T any](list []T, w window) []T {
	start := min(w.offset, len(list))
	return list[start : start+min(w.limit, len(list)-start)]
}

// listGraphs answers GET /v2/{project_id}/graphs.
func (s *service) listGraphs(c *call) {
	s.list(c, func(_ url.Values, w window) (any, bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		now := s.clock.now()
		graphs := s.graphsOf(c.who.project)
		shown := []shownGraph{}
		for _, g := range part(graphs, w) {
			s.endDueJobs(g, now)
			shown = append(shown, g.show())
		}
		return struct {
			Count  int          `json:"graph_count"`
			Graphs []shownGraph `json:"graphs"`
		}{len(graphs), shown}, true
	})
}

// graphsOf returns a project's graphs, sorted by name. The caller must hold s.mu.
func (s *service) graphsOf(project string) []*graph {
	graphs := slices.DeleteFunc(slices.Collect(maps.Values(s.graphs)), func(g *graph) bool { return g.project != project })
	slices.SortFunc(graphs, func(a, b *graph) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id)) })
	return graphs
}

// ListJobs lists jobs, newest first. According to the page, the status that answers call
// "pending" is "waiting" in the filter; both are accepted.
func (s *service) ListJobs(ctx context.Context, request gen.ListJobsRequestObject) (gen.ListJobsResponseObject, error) {
	c, asked := callOf(ctx), request.Params
	w := window{orElse(asked.Offset, 0), orElse(asked.Limit, defaultLimit)}
	wanted, known := jobFilters[orElse(asked.Status, "")]
	from, errFrom := day(orElse(asked.StartTime, ""))
	to, errTo := day(orElse(asked.EndTime, ""))
	_, errQuery := url.ParseQuery(c.request.URL.RawQuery) // whose pairs without fault have been read
	if errQuery != nil || w.offset < 0 || w.limit < 0 || !known || errFrom != nil || errTo != nil {
		c.condition = badQuery
		return s.newRefusal(c, http.StatusBadRequest, incorrect, ""), nil
	}
	s.endAllDueJobs(c.now)
	name := orElse(asked.GraphName, "")
	jobs := slices.DeleteFunc(s.jobs.newestFirst(), func(j *job) bool {
		return j.graph.project != c.who.project ||
			name != "" && j.graph.name != name ||
			wanted != "" && j.status(c.now) != wanted ||
			!from.IsZero() && j.began.Before(from) ||
			!to.IsZero() && !j.began.Before(to.AddDate(0, 0, 1))
	})
	shown := []gen.Job{}
	for _, j := range part(jobs, w) {
		shown = append(shown, j.show(j.status(c.now)))
	}
	return gen.ListJobs200JSONResponse{JobCount: len(jobs), JobList: shown}, nil
}

// orElse returns what p points to; for nil it returns usual.
func orElse[T any](p *T, usual T) T {
	if p == nil {
		return usual
	}
	return *p
}

var jobFilters = map[string]gen.JobStatus{
	"": "", "running": gen.JobStatusRunning, "waiting": gen.JobStatusPending, "pending": gen.JobStatusPending,
	"success": gen.JobStatusSuccess, "failed": gen.JobStatusFailed, "partiallyFailed": gen.JobStatusPartiallyFailed,
}

// day parses a date in UTC; for "" it returns the zero time.
func day(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, text)
}
