package fakeserver

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/gen"
)

// A discarder takes an answer for as little as one can.
type discarder struct{ header http.Header }

func (d discarder) Header() http.Header       { return d.header }
func (discarder) Write(b []byte) (int, error) { return len(b), nil }
func (discarder) WriteHeader(int)             {}

// BenchmarkStages measures each step of the way that an upgrade takes through the
// server, without the network, and the whole of it. The steps are those of an upgrade
// that is accepted.
func BenchmarkStages(b *testing.B) {
	sc := scenario.Default()
	sc.Upgrades = []scenario.Upgrade{{}} // they take no time, so that each request is accepted
	server := New(WithScenario(sc))
	s, f := server.current.Load(), server.Fixtures()
	version := 0
	body := func() string {
		version++
		return `{"upgrade_version":"3.0.` + strconv.Itoa(version) + `","force_upgrade":false}`
	}
	r, err := http.NewRequest(http.MethodPost, "http://localhost/v2/"+f.ProjectID+"/graphs/"+f.GraphID+"/upgrade", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("X-Auth-Token", f.Token)
	r.Header.Set("Content-Type", "application/json")
	newCall := func() *call {
		r.Body = io.NopCloser(strings.NewReader(body()))
		return &call{w: discarder{http.Header{}}, request: r, came: time.Now()}
	}

	judged := newCall() // has all that a stage may need
	s.locate(judged)
	judged.readBody()
	s.judgeStatic(judged)
	s.judgeState(judged, time.Now())
	if s.chosen(judged) != nil {
		b.Fatalf("expected no refusal, got %v", judged.found)
	}
	answered := &recordingWriter{ResponseWriter: discarder{http.Header{}}, keeps: true, status: http.StatusOK, body: make([]byte, 64)}
	ctx := context.WithValue(r.Context(), callKey{}, judged)

	for _, stage := range []struct {
		name string
		run  func()
	}{
		{"whole", func() {
			r.Body = io.NopCloser(strings.NewReader(body()))
			server.ServeHTTP(discarder{http.Header{}}, r)
		}},
		{"request", func() { newCall() }}, // what the benchmark itself takes for one
		{"locate", func() { s.locate(&call{request: r}) }},
		{"read-body", func() { newCall().readBody() }},
		{"read-json", func() { contract.ReadJSON(judged.body) }},
		{"judge-request", func() {
			request := judged.judged // located, and its JSON read
			s.contract.JudgeRequest(judged.route.Operation, &request)
		}},
		{"credentials", func() { s.judgeCaller(judged, true) }},
		{"state", func() {
			s.judgeState(judged, time.Now())
			s.chosen(judged)
		}},
		{"operation", func() {
			judged.target = "3.0." + strconv.Itoa(version)
			_, _ = s.UpgradeGraph(ctx, gen.UpgradeGraphRequestObject{ProjectID: f.ProjectID, GraphID: f.GraphID, Body: judged.upgrade()})
		}},
		{"answer", func() {
			_ = accepted{"f99f60f1-bba6-4cde-bd1a-ff4bdd1fd500000168232"}.VisitUpgradeGraphResponse(answered)
		}},
		{"journal", func() { server.journal.add(judged, s, r, answered, judged.came) }},
	} {
		b.Run(stage.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				stage.run()
			}
		})
	}
}
