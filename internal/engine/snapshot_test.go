package engine_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/engine"
)

// The snapshots show the graph and its jobs before and after the run.
func TestSnapshots(t *testing.T) {
	const list = `{"job_count":%COUNT%,"job_list":[%JOBS%]}`
	job := func(id, graph string) string {
		return `{"job_id":"` + id + `","job_name":"UpgradeGraph","status":"success","related_graph":"` + graph + `","begin_time":"2026-11-23T10:00:00"}`
	}
	for _, tt := range []struct {
		name          string
		before, after []string // ids of jobs; nil if the list cannot be read
		given         string   // the job id in the answer to an accepted upgrade; "" for none
		unknown       []string
	}{
		{"quiet", []string{job("old", "g")}, []string{job("old", "g")}, "j", nil},
		{"its own", []string{job("old", "g")}, []string{job("old", "g"), job("j", "g")}, "j", nil},
		{"another's", []string{job("old", "g")}, []string{job("new", "g"), job("old", "g"), job("j", "g")}, "j", []string{"new"}},
		{"in other letter case", []string{job("old", "g")}, []string{job("OLD", "g"), job("J", "g")}, "j", nil},
		{"of another graph", []string{}, []string{job("new", "h"), job("j", "g")}, "j", nil},
		{"its own may have no name", []string{}, []string{job("new", "g")}, "", nil},
		{"nobody knows", nil, []string{job("new", "g")}, "j", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newNaive()
			plain := s.handler
			var mu sync.Mutex
			seen := 0
			s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/graphs/jobs") {
					plain.ServeHTTP(w, r)
					return
				}
				if r.URL.RawQuery == "" { // a case
					refuse(w, http.StatusUnauthorized, "APIGW.0301")
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if name := r.URL.Query().Get("graph_name"); name != "g" || r.Header.Get("X-Auth-Token") == "" {
					t.Errorf("the list was asked for with %q", r.URL.RawQuery)
				}
				jobs := tt.before
				if seen++; seen > 1 {
					jobs = tt.after
				}
				if jobs == nil {
					refuse(w, http.StatusInternalServerError, "GES.9999")
					return
				}
				text := strings.ReplaceAll(strings.ReplaceAll(list, "%COUNT%", string(rune('0'+len(jobs)))), "%JOBS%", strings.Join(jobs, ","))
				_, _ = w.Write([]byte(text))
			})
			s.answer = func(w http.ResponseWriter, a *arrival) bool {
				if a.graph != named {
					return refuse(w, http.StatusNotFound, "GES.0047")
				}
				_, _ = w.Write([]byte(`{"job_id":"` + tt.given + `"}`))
				return true
			}
			l := &log{}
			config := configure(s, risk(cases.Destructive))
			e := s.run(t, config, l.hooks())
			again, err := replay(t, config, l.exchanges, true)
			if err != nil {
				t.Error(err)
			}
			for _, e := range []*engine.Engine{e.Engine, again} {
				var ids []string
				for _, j := range e.UnknownJobs() {
					ids = append(ids, j.ID)
				}
				if !slices.Equal(ids, tt.unknown) {
					t.Errorf("expected the unknown %q, got %q", tt.unknown, ids)
				}
				before, after := e.Snapshots()
				if before == nil || after == nil || before.Version != ownVersion || before.Name != "g" || len(before.Jobs) != len(tt.before) || (before.Gap != "") != (tt.before == nil) {
					t.Errorf("before %+v, after %+v", before, after)
				}
			}
			for _, r := range e.Results() {
				for _, x := range r.Exchanges {
					if x.Case == "snapshot" {
						t.Errorf("%s: expected the snapshots not to be judged", r.Case)
					}
				}
			}
		})
	}
}

// A list of several pages is read to its end, whatever the server's page size. If that is
// impossible, the snapshot says so, and no job counts as unknown.
func TestSnapshotsOfALongList(t *testing.T) {
	const fresh = 5 // number of jobs that begin during the run, first in the list
	for _, tt := range []struct {
		name          string
		jobs, page    int
		ignored       string // the query parameter that the server ignores
		read, unknown int
		gap           string
	}{
		{"pages as asked for", 250, 100, "", 250, fresh, ""},
		{"smaller pages", 60, 10, "", 60, fresh, ""},
		{"larger pages", 250, 300, "", 250, fresh, ""},
		{"the same page each time", 60, 10, "offset", 10, 0, "only 10 of the 60 jobs in the list could be read"},
		{"too many", 1100, 100, "", 1000, 0, "only 1000 of the 1100 jobs in the list could be read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newNaive()
			plain := s.handler
			seen := 0 // number of times the first page was read
			s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/graphs/jobs") {
					plain.ServeHTTP(w, r)
					return
				}
				offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
				if offset == 0 {
					seen++
				}
				if tt.ignored == "offset" {
					offset = 0
				}
				first := 0 // the newest job has the lowest number
				if seen > 1 {
					first = -fresh
				}
				jobs := []any{}
				for i := first + offset; i < min(first+offset+tt.page, tt.jobs); i++ {
					jobs = append(jobs, map[string]string{"job_id": strconv.Itoa(i), "related_graph": "g"})
				}
				_ = json.NewEncoder(w).Encode(map[string]any{"job_count": tt.jobs - first, "job_list": jobs})
			})
			e := s.run(t, configure(s, risk(cases.Inert)), engine.Hooks{}, find(t, "upgradeGraph/path/graph_id/unknown"))
			before, _ := e.Snapshots()
			if len(before.Jobs) != tt.read || before.Gap != tt.gap {
				t.Errorf("expected %d jobs and %q, got %d and %q", tt.read, tt.gap, len(before.Jobs), before.Gap)
			}
			if got := len(e.UnknownJobs()); got != tt.unknown {
				t.Errorf("expected %d unknown, got %d", tt.unknown, got)
			}
		})
	}
}
