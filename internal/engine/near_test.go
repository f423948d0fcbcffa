package engine_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/judge"
)

// nearGraph serves, beside the graph under test, one under each id that is close to its own.
func nearGraph(name string) *naive {
	s := newNaive()
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		return a.graph != named && refuse(w, http.StatusNotFound, "GES.0047")
	}
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		graph := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		if r.Method != http.MethodGet || graph != named+"0" && graph != named[:len(named)-1] {
			s.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"graph":{"id":%q,"name":%q,"status":"200","data_store_version":"1.0.0"}}`, graph, name)
	})
	return s
}

// A graph that exists under an id close to the one under test accuses nobody, and no upgrade is
// asked for under that id.
func TestAnotherGraphMayHaveTheNearID(t *testing.T) {
	s := nearGraph("another")
	results := s.run(t, configure(s, risk(cases.Destructive), keepGoing, maxUpgrades(50)), engine.Hooks{})
	for _, id := range []string{"showGraph/path/graph_id/near-longer", "showGraph/path/graph_id/near-shorter", "upgradeGraph/path/graph_id/near-longer", "upgradeGraph/path/graph_id/near-shorter"} {
		if r := resultOf(results.Results(), id); r.Verdict != judge.NotApplicable || r.Reason == "" {
			t.Errorf("%s: expected not-applicable with the reason, got %+v", id, r)
		}
	}
	for _, a := range s.came() {
		if !a.safe() && (a.graph == named+"0" || a.graph == named[:len(named)-1]) {
			t.Errorf("%s %s: sent to a graph that a read has shown", a.method, a.path)
		}
	}
}

// The graph under test that is shown under another id is no other graph.
func TestTheGraphHasNoNearID(t *testing.T) {
	s := nearGraph("g")
	results := s.run(t, configure(s, risk(cases.Inert)), engine.Hooks{})
	for _, id := range []string{"showGraph/path/graph_id/near-longer", "showGraph/path/graph_id/near-shorter"} {
		if r := resultOf(results.Results(), id); r.Verdict != judge.Deviates {
			t.Errorf("%s: expected that it deviates, got %+v", id, r)
		}
	}
}

func resultOf(results []judge.Result, id string) judge.Result {
	for _, r := range results {
		if r.Case == id {
			return r
		}
	}
	return judge.Result{}
}
