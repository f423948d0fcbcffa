package engine_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/judge"
)

// racy is a server that keeps to the rules, except that it accepts all upgrades that ask for the
// version of the last one while that is under way.
type racy struct {
	mu             sync.Mutex
	version, later string // the latter from when the job has been read so many times
	job            string
	reads          int
	accepted       int
	races          bool
}

func (r *racy) answer(w http.ResponseWriter, a *arrival) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	var asked struct {
		Version string `json:"upgrade_version"`
	}
	switch err := json.Unmarshal([]byte(a.body), &asked); {
	case a.graph != named:
		return refuse(w, http.StatusNotFound, "GES.0047")
	case r.later != "" && !(r.races && asked.Version == r.later && r.accepted > 1):
		return refuse(w, http.StatusBadRequest, "GES.7001")
	case err != nil || !contract.Later(asked.Version, r.version):
		return refuse(w, http.StatusBadRequest, "GES.7036")
	}
	r.accepted++
	r.later, r.reads, r.job = asked.Version, 0, fmt.Sprintf("job-%d", r.accepted)
	fmt.Fprintf(w, `{"job_id":%q}`, r.job)
	return true
}

func (r *racy) handler(plain http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		_, id, isJob := strings.Cut(q.URL.Path, "/jobs/")
		switch {
		case isJob:
			r.mu.Lock()
			defer r.mu.Unlock()
			status := "running"
			if r.reads++; r.reads > 6 && r.later != "" {
				r.version, r.later = r.later, ""
			}
			if r.later == "" {
				status = "success"
			}
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"job_id":%q,"status":%q}`, strings.TrimSuffix(id, "/status"), status)
		case q.Method == http.MethodGet && strings.HasSuffix(q.URL.Path, "/graphs/"+named):
			r.mu.Lock()
			defer r.mu.Unlock()
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"graph":{"id":%q,"name":"g","status":"200","data_store_version":%q}}`, named, r.version)
		default:
			plain.ServeHTTP(w, q)
		}
	})
}

func (r *racy) run(t *testing.T, most int) *finished {
	t.Helper()
	s := newNaive()
	s.answer = r.answer
	s.handler = r.handler(s.handler)
	return s.run(t, configure(s, risk(cases.Destructive), maxUpgrades(most)), engine.Hooks{})
}

// Two upgrades go together only if both may start.
func TestTogetherNeedsTwoUpgrades(t *testing.T) {
	for most, want := range map[int]judge.Verdict{2: judge.NotApplicable, 3: judge.Conforms} {
		r := &racy{version: ownVersion}
		e := r.run(t, most)
		got := result(t, e, "upgradeGraph/lifecycle/together-refused")
		if got.Verdict != want || want == judge.NotApplicable && got.Apart != judge.RuledOutByLimits {
			t.Errorf("at most %d: expected %s, got %s %q", most, want, got.Verdict, got.Reason)
		}
		if r.accepted > most {
			t.Errorf("at most %d: got %d upgrades", most, r.accepted)
		}
	}
}

// If two upgrades that come together are both accepted, no more are requested.
func TestTogetherAcceptedIsTheLast(t *testing.T) {
	r := &racy{version: ownVersion, races: true}
	e := r.run(t, 6)
	if got := result(t, e, "upgradeGraph/lifecycle/together-refused"); got.Verdict != judge.Deviates || r.accepted != 3 {
		t.Errorf("expected a deviation and 3 upgrades, got %s %q and %d", got.Verdict, got.Reason, r.accepted)
	}
}
