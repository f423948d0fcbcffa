package service

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/clients"
)

func TestASession(t *testing.T) {
	t.Parallel()
	s := serve(t, options(t, "success/force,job/failed,refused/404-page"))
	var list scenarioList
	s.ask(http.MethodGet, "/scenarios", "", "scenarios", &list)
	var names []string
	for _, one := range list.Scenarios {
		names = append(names, one.Name)
	}
	if want := []string{"success/plain", "success/force", "refused/404-page", "job/failed"}; !slices.Equal(names, want) {
		t.Errorf("expected %q, got %q", want, names)
	}
	var one scenario
	if s.ask(http.MethodGet, "/scenarios/job%2Ffailed", "", "scenario", &one); one.Name != "job/failed" || one.Decides[0] != "client.job-failure-seen" {
		t.Errorf("expected the scenario, got %+v", one)
	}
	for _, name := range names {
		if v := s.judge(clients.Correct, name); v.Verdict != judge.Conforms || v.Failed || v.Message != "" || v.Again {
			t.Errorf("%s: expected it to conform, got %+v", name, v)
		}
	}
	var all results
	s.ask(http.MethodPost, "/end", "", "results", &all)
	if len(all.Results) != 4 || len(all.Left) != 0 {
		t.Errorf("expected four results, got %+v", all)
	}
	<-s.Ended()
	if sentence, _ := s.refused(http.MethodPost, "/scenarios/job/failed/start", "", http.StatusConflict); !strings.Contains(sentence, "ended") {
		t.Errorf("expected that it has ended, got %q", sentence)
	}
}

func TestAnEndpointHasItsVariables(t *testing.T) {
	t.Parallel()
	s := serve(t, options(t, "success/force"))
	e := s.start("success/plain")
	if e.ForceUpgrade != nil || len(e.Environment) != 8 || e.Environment["GESCONFORM_ENDPOINT"] != e.Endpoint || e.Outcome != "http://127.0.0.1/scenarios/success/plain/outcome" {
		t.Errorf("got %+v", e)
	}
	if err := clients.Correct.Run(t.Context(), e.client(), io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	s.post("success/plain", map[string]any{"said": "success"})
	if e := s.start("success/force"); e.ForceUpgrade == nil || !*e.ForceUpgrade || e.Environment["GESCONFORM_FORCE_UPGRADE"] != "true" {
		t.Errorf("got %+v", e)
	}
}

// What is wrong with a request is said in a sentence, and changes nothing.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	s := serve(t, options(t, "success/plain"))
	s.start("success/plain")
	const at = "/scenarios/success/plain/outcome"
	for name, tt := range map[string]struct {
		method, path, body string
		status             int
		says               string
	}{
		"path":           {"GET", "/", "", 404, "GET /scenarios"},
		"scenario":       {"POST", "/scenarios/success/plane/start", "", 404, "success/plain"},
		"no scenario":    {"GET", "/scenarios/", "", 404, "unknown scenario"},
		"action":         {"POST", "/scenarios/success/plain/stop", "", 404, "unknown scenario"},
		"two actions":    {"POST", "/scenarios/success/plain/outcome/start", "", 404, "unknown scenario"},
		"not selected":   {"POST", "/scenarios/job/failed/start", "", 404, "not one of the scenarios of this run"},
		"method":         {"GET", at, "", 405, `expected POST, got "GET"`},
		"method of end":  {"GET", "/end", "", 405, "expected POST"},
		"method of list": {"DELETE", "/scenarios", "", 405, "expected GET"},
		"twice":          {"POST", "/scenarios/success/plain/start", "", 409, "under way"},
		"nothing":        {"POST", at, "", 400, "expected an object such as"},
		"malformed":      {"POST", at, `{"said": "success"`, 400, "expected an object such as"},
		"more":           {"POST", at, `{"said": "success"}{}`, 400, "something follows the object"},
		"array":          {"POST", at, `["success"]`, 400, "got array"},
		"null":           {"POST", at, `null`, 400, "said: expected success"},
		"unknown member": {"POST", at, `{"said": "success", "exit": 0}`, 400, `"exit"`},
		"type":           {"POST", at, `{"said": "success", "exit_status": "0"}`, 400, "exit_status: expected another type, got string"},
		"said":           {"POST", at, `{"said": "passed"}`, 400, `expected success, failure, not-applicable or nothing, got "passed"`},
		"too long":       {"POST", at, `{"said": "success", "stdout": "` + strings.Repeat("x", maxBody) + `"}`, 413, "at most 8388608 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			if sentence, _ := (tested{s.Service, t}).refused(tt.method, tt.path, tt.body, tt.status); !strings.Contains(sentence, tt.says) {
				t.Errorf("expected %q, got %q", tt.says, sentence)
			}
		})
	}
	if sentence, _ := s.refused(http.MethodPost, at, `{"said": "secret-secret-secret-secret"}`, 400); strings.Contains(sentence, "secret-secret-secret-secret") {
		t.Errorf("expected a part of what came at most, got %q", sentence)
	}
}

func TestPagesOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	s := serve(t, options(t, "success/plain"))
	for name, tt := range map[string]struct {
		host, origin string
		status       int
	}{
		"own":          {"localhost:8080", "", 200},
		"address":      {"[::1]:8080", "", 200},
		"rebound":      {"rebound.example:8080", "", 403},
		"other origin": {"127.0.0.1:8080", "https://page.example", 403},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/end", nil)
		r.Host = tt.host
		if tt.origin != "" {
			r.Header.Set("Origin", tt.origin)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}
		if status := s.send(r, "results", nil); status != tt.status {
			t.Errorf("%s: expected %d, got %d", name, tt.status, status)
		}
	}
}

// The plain success is the gate, as when a command is run.
func TestThePlainSuccessComesFirst(t *testing.T) {
	t.Parallel()
	s := serve(t, options(t, "job/failed,success/force"))
	for _, name := range []string{"job/failed", "success/force"} {
		if sentence, v := s.refused(http.MethodPost, "/scenarios/"+name+"/start", "", 409); !strings.Contains(sentence, "success/plain comes first") || v != nil {
			t.Errorf("%s: got %q, %+v", name, sentence, v)
		}
	}
	if sentence, _ := s.refused(http.MethodPost, "/scenarios/success/plain/outcome", `{"said": "success"}`, 409); !strings.Contains(sentence, "was not started") {
		t.Errorf("got %q", sentence)
	}
	s.judge(starts, "success/plain")
	if sentence, v := s.refused(http.MethodPost, "/scenarios/success/plain/outcome", `{"said": "success"}`, 409); !strings.Contains(sentence, "has had its outcome") || v == nil || v.Verdict != judge.Conforms {
		t.Errorf("got %q, %+v", sentence, v)
	}
	if sentence, v := s.refused(http.MethodPost, "/scenarios/success/plain/start", "", 409); !strings.Contains(sentence, "has its verdict") || v == nil {
		t.Errorf("got %q, %+v", sentence, v)
	}
	if sentence, v := s.refused(http.MethodPost, "/scenarios/job/failed/start", "", 409); !strings.Contains(sentence, "does not wait for the job") || v == nil || v.Verdict != judge.NotApplicable {
		t.Errorf("got %q, %+v", sentence, v)
	}
	if v := s.judge(starts, "success/force"); v.Verdict != judge.Conforms {
		t.Errorf("got %+v", v)
	}
}

// A client that does not get through the plain success is not judged further. What may be due to the
// machine alone can be tried once more, and counts if nobody does.
func TestAClientThatFailsThePlainSuccess(t *testing.T) {
	t.Parallel()
	for name, tries := range map[string]int{"twice": 2, "once": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, options(t, "success"))
			for n := range tries {
				e := s.start("success/plain")
				if err := starts.Run(t.Context(), e.client(), io.Discard, io.Discard); err != nil {
					t.Fatal(err)
				}
				if v := s.post("success/plain", map[string]any{"said": "failure", "error": "no time"}); v.Again != (n == 0) || v.Verdict != judge.Error {
					t.Errorf("expected an error, and another try once, got %+v", v)
				}
			}
			sentence, v := s.refused(http.MethodPost, "/scenarios/success/force/start", "", 409)
			if tries == 2 && (v == nil || v.Verdict != judge.Masked) || tries == 1 && !strings.Contains(sentence, "comes first") {
				t.Errorf("got %q, %+v", sentence, v)
			}
			report := s.session.End()
			if !strings.Contains(report.Failure, "no time") || report.Results[0].Verdict != judge.Error || len(report.Results) != len(s.scenarios) {
				t.Errorf("expected all results, got %q and %d", report.Failure, len(report.Results))
			}
		})
	}
}

// The limits are those of a run: from the start to the first request, and from then on.
func TestLimits(t *testing.T) {
	t.Parallel()
	o := options(t, "success/force,hang/upgrade")
	s := serve(t, o)
	s.judge(clients.Correct, "success/plain")
	s.session.StartTimeout, s.session.ScenarioTimeout = 20*time.Millisecond, 20*time.Millisecond

	s.start("success/force")
	s.ended(t, "success/force")
	v := s.post("success/force", map[string]any{"said": "success"})
	if v.Verdict != judge.Error || !strings.Contains(v.Reason, "sent no request") || !strings.Contains(v.Reason, "within 20ms") || !v.Again {
		t.Errorf("got %+v", v)
	}

	s.session.StartTimeout = time.Minute
	for _, again := range []bool{true, false} {
		e := s.start("hang/upgrade")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if err := clients.Correct.Run(ctx, e.client(), io.Discard, io.Discard); err == nil {
			t.Error("expected that the connection was cut")
		}
		cancel()
		s.ended(t, "hang/upgrade")
		v := s.post("hang/upgrade", map[string]any{"said": "failure"})
		if v.Verdict != judge.Advisory || !strings.Contains(v.Message, "client.ends (SHOULD)") || v.Again != again {
			t.Errorf("got %+v", v)
		}
	}
}

// ended waits until a scenario has been ended.
func (s tested) ended(t *testing.T, name string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		for _, r := range s.session.Results() {
			if r.Case == name {
				return
			}
		}
	}
	t.Fatalf("%s was not ended", name)
}

// What a client has printed is searched and cleaned as the output of a process is.
func TestCredentialsInAnOutcome(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"stdout", "stderr", "error"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			s := serve(t, options(t, "success/plain"))
			e := s.start("success/plain")
			if err := clients.Correct.Run(t.Context(), e.client(), io.Discard, io.Discard); err != nil {
				t.Fatal(err)
			}
			v := s.post("success/plain", map[string]any{"said": "success", where: "with " + e.Token})
			if v.Verdict != judge.Deviates || !strings.Contains(v.Message, "client.credentials-unprinted (MUST)") || !strings.Contains(v.Message, "GESCONFORM_TOKEN") {
				t.Errorf("expected that the token is found, got %+v", v)
			}
			var all results
			s.ask(http.MethodGet, "/result", "", "results", &all)
			text, err := json.Marshal(append(s.session.End().Results, judge.Result{Reason: v.Message + all.Results[0].Message}))
			if err != nil || strings.Contains(string(text), e.Token) {
				t.Errorf("expected no token, got %s (%v)", text, err)
			}
		})
	}
}

// At the end, a scenario without an outcome is an error, and not forgotten.
func TestTheEndOfASession(t *testing.T) {
	t.Parallel()
	s := serve(t, options(t, "success/force,success/no-force"))
	if r := s.session.End(); !strings.Contains(r.Failure, "nobody asked for success/plain") {
		t.Errorf("expected a failure, got %+v", r)
	}
	s = serve(t, options(t, "success/force,success/no-force"))
	s.judge(clients.Correct, "success/plain")
	s.start("success/force")
	r := s.session.End()
	if len(r.Results) != 1 || r.Results[0].Verdict != judge.Error || !strings.Contains(r.Results[0].Reason, "before its outcome was posted") {
		t.Errorf("expected an error, got %+v", r)
	}
}

// A service ends by itself when each scenario has its verdict, and when its context ends.
func TestServe(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"all", "end", "context"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ask := func(url string, body string, into any) {
				answer, err := http.Post(url, "application/json", strings.NewReader(body))
				if err == nil {
					defer answer.Body.Close()
					err = json.NewDecoder(answer.Body).Decode(into)
				}
				if err != nil {
					t.Error(err)
				}
			}
			report, err := Serve(ctx, listener, options(t, "success/plain"), func(judge.Result) bool { return false }, func(url string) error {
				go func() {
					var e endpoint
					ask(url+"/scenarios/success/plain/start", "", &e)
					if how == "context" {
						cancel()
						return
					}
					_ = clients.Correct.Run(ctx, e.client(), io.Discard, io.Discard)
					ask(e.Outcome, `{"said": "success"}`, &verdict{})
					if how == "end" {
						ask(url+"/end", "", &results{})
					}
				}()
				return nil
			})
			want := judge.Conforms
			if how == "context" {
				want = judge.Error // it was interrupted
			}
			if err != nil || len(report.Results) != 1 || report.Results[0].Verdict != want || report.Failure != "" || (ctx.Err() != nil) != (want == judge.Error) {
				t.Errorf("expected one result, %s, got %+v (%v)", want, report, errors.Join(err, ctx.Err()))
			}
		})
	}
}
