package selftest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// A neighbour is a lawful service that comes close to what the suite calls wrong at some moment.
type neighbour struct {
	fake http.Handler
	edit func(r *http.Request, answer *httptest.ResponseRecorder)

	mu sync.Mutex
}

// ServeHTTP implements http.Handler.
func (n *neighbour) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	n.fake.ServeHTTP(answer, r)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.edit(r, answer)
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.Header().Del("Content-Length")
	w.WriteHeader(answer.Code)
	_, _ = io.Copy(w, answer.Body)
}

func isList(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/graphs/jobs") }

// editJobs changes the list of jobs in an answer.
func editJobs(answer *httptest.ResponseRecorder, change func([]map[string]any) []map[string]any) {
	var list struct {
		Count int              `json:"job_count"`
		Jobs  []map[string]any `json:"job_list"`
	}
	if json.Unmarshal(answer.Body.Bytes(), &list) != nil || answer.Code != http.StatusOK {
		return
	}
	list.Jobs = change(list.Jobs)
	list.Count = len(list.Jobs)
	text, _ := json.Marshal(list)
	answer.Body.Reset()
	answer.Body.Write(text)
}

// TestLawfulMoments judges lawful services in which something is late, missing, or someone else's:
// none is accused.
func TestLawfulMoments(t *testing.T) {
	t.Parallel()
	for name, lawful := range map[string]func() func(*http.Request, *httptest.ResponseRecorder){
		"without the list of jobs": func() func(*http.Request, *httptest.ResponseRecorder) {
			return func(r *http.Request, answer *httptest.ResponseRecorder) {
				if isList(r) {
					answer.Code = http.StatusNotFound
					answer.Body.Reset()
					_, _ = answer.Body.WriteString(`{"error_code":"APIGW.0101","error_msg":"The API does not exist.","request_id":"r"}`)
				}
			}
		},
		"with a list that only the operator may read": func() func(*http.Request, *httptest.ResponseRecorder) {
			return func(r *http.Request, answer *httptest.ResponseRecorder) {
				if isList(r) {
					answer.Code = http.StatusForbidden
					answer.Body.Reset()
					_, _ = answer.Body.WriteString(`{"error_code":"GES.7041","error_msg":"no permission"}`)
				}
			}
		},
		"with jobs listed 200 ms late": func() func(*http.Request, *httptest.ResponseRecorder) {
			seen := map[any]time.Time{}
			return func(r *http.Request, answer *httptest.ResponseRecorder) {
				if isList(r) {
					editJobs(answer, func(jobs []map[string]any) []map[string]any {
						return slices.DeleteFunc(jobs, func(j map[string]any) bool {
							if seen[j["job_id"]].IsZero() {
								seen[j["job_id"]] = time.Now()
							}
							return time.Since(seen[j["job_id"]]) < 200*time.Millisecond
						})
					})
				}
			}
		},
		"with another user's job every 300 ms": func() func(*http.Request, *httptest.ResponseRecorder) {
			start := time.Now()
			return func(r *http.Request, answer *httptest.ResponseRecorder) {
				if !isList(r) {
					return
				}
				editJobs(answer, func(jobs []map[string]any) []map[string]any {
					for i := range int(time.Since(start) / (300 * time.Millisecond)) {
						jobs = append(jobs, map[string]any{"job_id": "theirs-" + string(rune('a'+i%26)) + strings.Repeat("a", i/26), "status": "success", "job_name": "ExportGraph"})
					}
					return jobs
				})
			}
		},
		"with a job that is unknown at first": func() func(*http.Request, *httptest.ResponseRecorder) {
			asked := map[string]int{}
			return func(r *http.Request, answer *httptest.ResponseRecorder) {
				if strings.HasSuffix(r.URL.Path, "/status") && answer.Code == http.StatusOK {
					if asked[r.URL.Path]++; asked[r.URL.Path] <= 3 {
						answer.Code = http.StatusBadRequest
						answer.Body.Reset()
						_, _ = answer.Body.WriteString(`{"error_code":"GES.7007","error_msg":"The job does not exist."}`)
					}
				}
			}
		},
	} {
		for _, m := range modes {
			t.Run(name+"/"+m.name, func(t *testing.T) {
				t.Parallel()
				suite := inprocess.Load(t)
				o := suite.Judge(t, func(t *testing.T, network *inprocess.Listener) config.Config {
					service := build(t)
					return serve(t, network, &neighbour{fake: service, edit: lawful()}, service.Fixtures())
				}, m.configure, suite.Cases)
				judgeAgain(t, suite, &o)
				for _, r := range o.Results {
					if r.Verdict == judge.Deviates || r.Verdict == judge.Advisory || r.Verdict == judge.Error {
						t.Errorf("%s: %s: %s %+v", r.Case, r.Verdict, r.Reason, r.Deviations(true))
					}
					if name == "without the list of jobs" && r.Operation == "listJobs" && r.Verdict != judge.NotApplicable {
						t.Errorf("%s: expected not-applicable, got %s", r.Case, r.Verdict)
					}
				}
			})
		}
	}
}
