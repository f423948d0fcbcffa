package fakeserver

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gesconform/gesconform/gen"
)

// The lists are not part of the contract, since nothing that an upgrade
// promises shows in them. The pages: ges_03_0345 for graphs, ges_03_0374 for
// jobs (https://support.huaweicloud.com/intl/en-us/api-ges/).

// A window is the part of a list that a request asks for.
type window struct{ offset, limit int }

const defaultLimit = 10

// list answers a call for a list of the project with what show returns for the
// window that is asked for, unless the call is refused as showGraph would be. show
// returns false for a query that it cannot read.
func (s *service) list(c *call, show func(query url.Values, w window) (any, bool)) {
	if s.showGraph == nil {
		s.answerUnimplemented(c)
		return
	}
	c.route = s.showGraph
	s.judgeStatic(c, anyGraph(c.values["project_id"]))
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
	s.answer(c, "bad-query", http.StatusBadRequest, incorrect, "")
}

// anyGraph is a path of showGraph that breaks no rule of the contract.
func anyGraph(project string) string { return "/v2/" + url.PathEscape(project) + "/graphs/any" }

// windowOf reads the window of a query.
func windowOf(query url.Values) (window, error) {
	offset, errOffset := number(query.Get("offset"), 0)
	limit, errLimit := number(query.Get("limit"), defaultLimit)
	return window{offset, limit}, errors.Join(errOffset, errLimit)
}

// number reads a number of 0 or more; "" is the usual one.
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

// part is the window of a list.
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

// graphsOf lists a project's graphs, sorted by name. The caller holds the lock.
func (s *service) graphsOf(project string) []*graph {
	graphs := slices.DeleteFunc(slices.Collect(maps.Values(s.graphs)), func(g *graph) bool { return g.project != project })
	slices.SortFunc(graphs, func(a, b *graph) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id)) })
	return graphs
}

// listJobs answers GET /v2/{project_id}/graphs/jobs, newest first. The filter
// says "waiting" where the answer says "pending"; both are taken.
func (s *service) listJobs(c *call) {
	s.list(c, func(query url.Values, w window) (any, bool) {
		wanted, known := jobFilters[query.Get("status")]
		from, errFrom := day(query.Get("start_time"))
		to, errTo := day(query.Get("end_time"))
		if !known || errFrom != nil || errTo != nil {
			return nil, false
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		now := s.clock.now()
		s.endAllDueJobs(now)
		name := query.Get("graph_name")
		jobs := slices.DeleteFunc(s.jobs.newestFirst(), func(j *job) bool {
			return j.graph.project != c.who.project ||
				name != "" && j.graph.name != name ||
				wanted != "" && j.status(now) != wanted ||
				!from.IsZero() && j.began.Before(from) ||
				!to.IsZero() && !j.began.Before(to.AddDate(0, 0, 1))
		})
		shown := []gen.Job{}
		for _, j := range part(jobs, w) {
			shown = append(shown, j.show(j.status(now)))
		}
		return struct {
			Count int       `json:"job_count"`
			Jobs  []gen.Job `json:"job_list"`
		}{len(jobs), shown}, true
	})
}

var jobFilters = map[string]gen.JobStatus{
	"": "", "running": gen.JobStatusRunning, "waiting": gen.JobStatusPending, "pending": gen.JobStatusPending,
	"success": gen.JobStatusSuccess, "failed": gen.JobStatusFailed, "partiallyFailed": gen.JobStatusPartiallyFailed,
}

// day reads a date in UTC; "" is the zero time.
func day(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, text)
}
