package fakeserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// requestID matches ids that are different in each answer.
var requestID = regexp.MustCompile(`[0-9a-f]{32}`)

// said returns the answers, headers included, of a server to some rounds of requests.
func said(t *testing.T, rounds int, options ...fakeserver.Option) (answers []string, raw []*httptest.ResponseRecorder) {
	t.Helper()
	server := fakeserver.New(append(options, fakeserver.WithClock(newClock().Now), fakeserver.WithUpgradeTimes(0))...)
	f := server.Fixtures()
	for i := range rounds {
		upgrade := request{body: `{"upgrade_version":"` + f.Versions[i] + `"}`}.send(server, f)
		raw = append(raw, upgrade)
		answers = append(answers, plain(upgrade))
		var job struct {
			ID string `json:"job_id"`
		}
		if err := json.Unmarshal(upgrade.Body.Bytes(), &job); err != nil {
			t.Fatal(err)
		}
		for _, r := range []request{
			{method: http.MethodGet, path: "/v2/{p}/graphs/{g}/jobs/" + job.ID + "/status"},
			{method: http.MethodGet, path: "/v2/{p}/graphs/{g}"},
			{method: http.MethodGet, path: "/v2/{p}/graphs/none"},
			{body: good, header: header("X-Auth-Token")},
			{body: `{}`},
		} {
			got := r.send(server, f)
			raw = append(raw, got)
			answers = append(answers, plain(got))
		}
	}
	return answers, raw
}

func plain(r *httptest.ResponseRecorder) string {
	text := fmt.Sprint(r.Code, r.Header(), r.Body)
	if strings.Contains(text, "request_id") {
		text = requestID.ReplaceAllString(text, "")
	}
	return text
}

func TestVariations(t *testing.T) {
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range fakeserver.Variations() {
		t.Run(v.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { testVariation(t, document, v) })
		})
	}
}

func testVariation(t *testing.T, document *contract.Contract, v fakeserver.Variation) {
	t.Helper()
	const rounds = 12
	usual, _ := said(t, rounds)
	started := time.Now()
	varied, raw := said(t, rounds, fakeserver.WithVariations(7, v.Name))
	if took := time.Since(started); (took > 0) != (v.Name == "slow") {
		t.Errorf("all answers took %s", took)
	}
	again, _ := said(t, rounds, fakeserver.WithVariations(7, v.Name))
	other, _ := said(t, rounds, fakeserver.WithVariations(8, v.Name))
	if !slices.Equal(varied, again) {
		t.Error("the same seed gives other answers")
	}
	if slices.Equal(varied, other) {
		t.Error("another seed gives the same answers")
	}
	shown, differ := 0, 0
	for i, a := range raw {
		head := a.Header().Get("X-Fake-Variation")
		if !strings.HasPrefix(head, fmt.Sprintf("seed=7; request=%d; ", i+1)) {
			t.Fatalf("got the header %q", head)
		}
		if strings.HasSuffix(head, "; "+v.Name) {
			shown++
		}
		a.Header().Del("X-Fake-Variation")
		if repeats := v.Name == "job-id" && i%6 == 1; plain(a) != usual[i] && !repeats { // the read of a job repeats its id
			differ++
			if !strings.HasSuffix(head, "; "+v.Name) {
				t.Errorf("answer %d differs and does not say so: %s", i+1, a.Body)
			}
		}
		op := document.Operation("upgradeGraph")
		switch i % 6 {
		case 1:
			op = document.Operation("showJob")
		case 2, 3:
			op = document.Operation("showGraph")
		}
		for _, p := range document.JudgeAnswer(op, op.Method, &contract.Answer{Status: a.Code, Header: a.Header(), Body: a.Body.Bytes()}) {
			t.Errorf("answer %d is not lawful: %v", i+1, p)
		}
	}
	if unseen := v.Name == "slow" || v.Name == "chunked"; shown == 0 || shown == len(raw) || (differ == 0) != unseen {
		t.Errorf("%d of %d answers show it, %d differ", shown, len(raw), differ)
	}
}

// Chunked answers have no Content-Length, and are complete.
func TestChunkedAnswers(t *testing.T) {
	running := fakeserver.Start(t, fakeserver.WithVariations(1, "chunked"))
	lengths := map[bool]bool{}
	for range 10 {
		status, header, body, err := overTCP(t, running, request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}"})
		if status != http.StatusOK || err != nil || !strings.HasSuffix(body, "}\n") {
			t.Fatalf("got %d %s, %v", status, body, err)
		}
		varied := strings.Contains(header.Get("X-Fake-Variation"), "chunked")
		if varied == (header.Get("Content-Length") != "") {
			t.Errorf("varied: %v, and the length is %q", varied, header.Get("Content-Length"))
		}
		lengths[varied] = true
	}
	if len(lengths) != 2 {
		t.Error("expected some of ten answers to be chunked, got all or none")
	}
}

// The answers of faults vary as others do, and name the variations.
func TestFaultsVary(t *testing.T) {
	server := fakeserver.New(fakeserver.WithVariations(1, "messages", "charset"), fakeserver.WithFault(scenario.Fault{Answer: &scenario.Answer{Status: 503}}))
	usual := fakeserver.New(fakeserver.WithFault(scenario.Fault{Answer: &scenario.Answer{Status: 503}}))
	f := server.Fixtures()
	want := member(t, request{body: good}.send(usual, f), "error_msg")
	shown := map[string]int{}
	for range 20 {
		got := request{body: good}.send(server, f)
		head := got.Header().Get("X-Fake-Variation")
		for name, varied := range map[string]bool{"messages": member(t, got, "error_msg") != want, "charset": got.Header().Get("Content-Type") != "application/json"} {
			if varied != strings.Contains(head, name) {
				t.Errorf("%s varied: %v, and the header says %q", name, varied, head)
			}
			if varied {
				shown[name]++
			}
		}
	}
	if len(shown) != 2 {
		t.Errorf("got %v in 20 answers", shown)
	}
}

// Job ids are unique, whatever their forms.
func TestVariedJobIDsAreUnique(t *testing.T) {
	server := fakeserver.New(fakeserver.WithVariations(3, "job-id"), fakeserver.WithUpgradeTimes(0))
	f := server.Fixtures()
	seen, lengths := map[string]bool{}, map[int]bool{}
	for _, version := range f.Versions {
		id := member(t, request{body: `{"upgrade_version":"` + version + `"}`}.send(server, f), "job_id")
		if seen[id] {
			t.Errorf("got the job id %q twice", id)
		}
		seen[id], lengths[len(id)] = true, true
	}
	if len(lengths) != 5 {
		t.Errorf("got ids of the lengths %v, want the usual one and four others", lengths)
	}
}
