package fakeserver_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

func TestDefectTable(t *testing.T) {
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	all := fakeserver.Defects()
	if len(all) < 75 {
		t.Errorf("got %d defects", len(all))
	}
	equivalents := 0
	for i, d := range all {
		if i > 0 && all[i-1].Name >= d.Name {
			t.Errorf("%q does not come after %q", d.Name, all[i-1].Name)
		}
		if d.Summary == "" || strings.ToLower(d.Name) != d.Name || strings.ContainsAny(d.Name, " _") {
			t.Errorf("%q: %q", d.Name, d.Summary)
		}
		if d.Equivalent != "" {
			equivalents++
		} else if document.Requirement(d.Breaks) == nil {
			t.Errorf("%s: unknown requirement %q", d.Name, d.Breaks)
		}
		if found, err := fakeserver.LookupDefect(d.Name); err != nil || found.Name != d.Name {
			t.Errorf("LookupDefect(%q): %v", d.Name, err)
		}
	}
	if equivalents > 6 {
		t.Errorf("%d defects break nothing", equivalents)
	}
}

func TestLookupDefect(t *testing.T) {
	for name, want := range map[string]string{
		"job-id-mising": `unknown defect "job-id-mising", did you mean "job-id-missing"?`,
		"zzz":           "unknown defect \"zzz\"; `gesconform fake --list-defects` lists all",
	} {
		if _, err := fakeserver.LookupDefect(name); err == nil || err.Error() != want {
			t.Errorf("expected %s, got %v", want, err)
		}
	}
	if _, err := fakeserver.LookupDefect(""); err == nil {
		t.Error("LookupDefect(\"\"): expected an error")
	}
}

// steps sends a request of the corpus to a server, and then requests that show its
// effect. It returns the answers as text, and calls see with each.
func steps(r request, see func(request, *httptest.ResponseRecorder), options ...fakeserver.Option) (lines []string) {
	time0, sc := newClock(), scenario.Default()
	sc.Upgrades = []scenario.Upgrade{{Takes: time.Second}, {Takes: time.Second, Fails: "no space"}}
	server := fakeserver.New(append(options, fakeserver.WithClock(time0.Now), fakeserver.WithScenario(sc))...)
	f := server.Fixtures()
	ask := func(r request) *httptest.ResponseRecorder {
		answer, line := attempt(r, server, f)
		see(r, answer)
		lines = append(lines, line)
		return answer
	}
	get := func(path string) { ask(request{method: http.MethodGet, path: path}) }
	id := ""
	if answer := ask(r); answer.Code == http.StatusOK {
		id = strings.Trim(strings.TrimPrefix(strings.TrimSpace(answer.Body.String()), `{"job_id":`), `"}`)
	}
	get("/v2/{p}/graphs/{g}")
	if strings.Contains(id, `"`) || id == "" || strings.ContainsAny(id, "{}[]:, \x00\x03") {
		return lines
	}
	ask(request{body: `{"upgrade_version":"2.2.10"}`})
	for range 2 { // pending, and running
		get("/v2/{p}/graphs/{g}/jobs/" + id + "/status")
		time0.Advance(time.Second / 2)
	}
	// the upgrade has just ended
	get("/v2/{p}/graphs/{g}")
	get("/v2/{p}/graphs/{g}")
	time0.Advance(time.Minute)
	get("/v2/{p}/graphs/{g}")
	get("/v2/{p}/graphs/{g}/jobs/" + id + "/status")
	get("/v2/{p}/graphs/{g}/jobs/" + id + "/status")
	get("/v2/{p}/graphs/{stopped}/jobs/" + id + "/status")
	get("/v2/{p}/graphs/{foreign}/jobs/" + id + "/status")
	get("/v2/{p}/graphs/none/jobs/" + id + "/status")
	get("/v2/0123456789abcdef/graphs/{g}/jobs/" + id + "/status")
	get("/v2/{p}/graphs/{g}/jobs/" + id[:len(id)-1] + "/status")
	ask(request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}/jobs/" + id + "/status", header: header("X-Auth-Token")})
	ask(request{body: `{"upgrade_version":"2.2.10"}`})
	time0.Advance(time.Second)
	get("/v2/{p}/graphs/{g}")
	return lines
}

func blind(request, *httptest.ResponseRecorder) {}

// attempt sends a request and returns the answer, also as text. The request's context is
// already cancelled, so that a server that would hang or hang up panics with
// http.ErrAbortHandler, whose text is returned.
func attempt(r request, h http.Handler, f fakeserver.Fixtures) (answer *httptest.ResponseRecorder, line string) {
	answer = httptest.NewRecorder()
	defer func() {
		if fault := recover(); fault != nil {
			line = fmt.Sprint(fault)
		}
	}()
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	h.ServeHTTP(answer, r.build(f).WithContext(gone))
	return answer, fmt.Sprint(answer.Code, answer.Header(), answer.Body)
}

// shownByMore need more than one request, or another caller, than the corpus has; the kill matrix shows them.
var shownByMore = []string{
	"both-accepted-together", "jobs-list-of-other-project", "jobs-list-with-expired-token", "lock-expires", "lock-ignored-by-force", "lock-released-early", "lock-released-near-end",
	"reader-permitted-after-upgrade", "refusal-cached-for-next", "refusal-leaves-job", "refusal-moves-version-later", "refusal-of-reader-leaves-job",
	"stopped-graph-accepted-after-upgrade",
}

func TestEachDefectShows(t *testing.T) {
	lawful := map[string][]string{}
	for _, r := range corpus {
		lawful[r.name] = steps(r, blind)
	}
	likely := slices.Clone(corpus)
	for n, d := range fakeserver.Defects() {
		if testing.Short() && n%16 != 0 || slices.Contains(shownByMore, d.Name) {
			continue
		}
		i := slices.IndexFunc(likely, func(r request) bool {
			return !slices.Equal(steps(r, blind, fakeserver.WithDefect(d)), lawful[r.name])
		})
		if i < 0 {
			t.Errorf("%s cannot be told from the lawful server", d.Name)
			continue
		}
		// What shows one defect often shows the next one, too.
		found := likely[i]
		likely = slices.Insert(slices.Delete(likely, i, i+1), 0, found)
	}
}

// If a requirement is about the form of answers, the contract must find it broken by the
// defects that say that they break it.
func TestDefectsBreakWhatTheySay(t *testing.T) {
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := []contract.Aspect{"", contract.AspectAnswered, contract.AspectFirstAttempt, contract.AspectCodeMeaning, contract.AspectCodePrecise, contract.AspectCodeDocumented, contract.AspectNoCredentials, contract.AspectIDEcho,
		contract.AspectCharset, contract.AspectContentCoding, contract.AspectRequestID, contract.AspectHeadWithoutBody}
	for _, d := range fakeserver.Defects() {
		if d.Equivalent == "" && slices.Contains(elsewhere, document.Requirement(d.Breaks).Judges) {
			continue
		}
		broken := map[string]bool{}
		for _, r := range corpus {
			if broken[d.Breaks] && d.Equivalent == "" {
				break
			}
			steps(r, func(r request, answer *httptest.ResponseRecorder) {
				sent := r.build(fakeserver.Fixtures{})
				op := operation(document, sent)
				if op == nil {
					return
				}
				got := &contract.Answer{Status: answer.Code, Header: answer.Header(), Body: answer.Body.Bytes()}
				for _, p := range document.JudgeAnswer(op, sent.Method, got) {
					if r := document.RequirementJudging(op, p.Aspect); r != nil {
						broken[r.ID] = true
					}
				}
			}, fakeserver.WithDefect(d))
		}
		if broken[d.Breaks] != (d.Equivalent == "") || d.Equivalent != "" && len(broken) > 0 {
			t.Errorf("%s breaks %v, not %q", d.Name, broken, d.Breaks)
		}
	}
}
