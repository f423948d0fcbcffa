package fakeserver_test

import (
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
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

// asked are the requests of a round, by which variations are told apart. Each names the
// operation whose answers its own must be like.
var asked = []struct {
	request
	operation string
}{
	{request{body: "{next}"}, "upgradeGraph"},
	{request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}/jobs/{job}/status"}, "showJob"},
	{request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}", header: header("Accept-Encoding", "gzip")}, "showGraph"},
	{request{method: http.MethodGet, path: "/v2/{p}/graphs/none"}, "showGraph"},
	{request{method: http.MethodHead, path: "/v2/{p}/graphs/{g}"}, "showGraph"},
	{request{method: http.MethodGet, path: "/v2/{p}/graphs//{g}"}, ""},
	{request{method: http.MethodPut}, "upgradeGraph"},
	{request{body: good, header: header("X-Auth-Token")}, "upgradeGraph"},
	{request{body: good, header: header("X-Auth-Token", "{readonly}")}, "upgradeGraph"},
	{request{body: good, path: "/v2/{p}/graphs/{stopped}/upgrade"}, "upgradeGraph"},
	{request{body: `{}`}, "upgradeGraph"},
	{request{body: `{}`, path: "/v2/{p}/graphs/none/upgrade"}, "upgradeGraph"},
	{request{body: `{"upgrade_version":"1.0.0"}`}, "upgradeGraph"},
	{request{body: `{"upgrade_version":"1.0.0","reason":"none"}`}, "upgradeGraph"},
}

// said returns the answers, headers included, of a server to some rounds of requests. Time goes by
// during an upgrade.
func said(t *testing.T, rounds int, options ...fakeserver.Option) (answers []string, raw []*httptest.ResponseRecorder) {
	t.Helper()
	clock := newClock()
	server := fakeserver.New(append(options, fakeserver.WithClock(clock.Now), fakeserver.WithUpgradeTimes(time.Minute))...)
	f := server.Fixtures()
	for i := range rounds {
		job := ""
		for n, r := range asked {
			if n == 1 {
				clock.Advance(time.Duration(5+i%4*20) * time.Second) // so that the job is pending, running or at its end
			}
			r.body = strings.ReplaceAll(r.body, "{next}", `{"upgrade_version":"`+f.Versions[i]+`"}`)
			r.path = strings.ReplaceAll(r.path, "{job}", job)
			got := r.send(server, f)
			if n == 0 {
				job = member(t, got, "job_id")
			}
			raw = append(raw, got)
			answers = append(answers, plain(got))
		}
		clock.Advance(time.Minute)
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

// What these variations change is not in what a recorder keeps; other tests look at it.
var unseen = []string{"chunked", "early-hints", "slow"}

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
		if repeats := v.Name == "job-id" && i%len(asked) == 1; plain(a) != usual[i] && !repeats { // the read of a job repeats its id
			differ++
			if !strings.HasSuffix(head, "; "+v.Name) {
				t.Errorf("answer %d differs and does not say so: %s", i+1, a.Body)
			}
		}
		testLawful(t, document, i%len(asked), a)
	}
	if shown == 0 || shown == len(raw) || (differ == 0) != slices.Contains(unseen, v.Name) {
		t.Errorf("%d of %d answers show it, %d differ", shown, len(raw), differ)
	}
}

// testLawful has the contract judge the answer to a request of asked.
func testLawful(t *testing.T, document *contract.Contract, n int, a *httptest.ResponseRecorder) {
	t.Helper()
	op, method := document.Operation(asked[n].operation), asked[n].method
	if op == nil && a.Code/100 == 3 {
		return
	}
	if op == nil {
		op = document.Operation("showGraph")
	}
	body := a.Body.Bytes()
	if a.Header().Get("Content-Encoding") == "gzip" {
		r, err := gzip.NewReader(a.Body)
		if err != nil {
			t.Fatal(err)
		}
		if body, err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range document.JudgeAnswer(op, cmp.Or(method, http.MethodPost), &contract.Answer{Status: a.Code, Header: a.Header(), Body: body}) {
		t.Errorf("answer %d of a round is not lawful: %v: %d %s", n+1, p, a.Code, body)
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

// What a client of net/http sees of the variations that are not in an answer itself.
func TestVariationsOnTheWire(t *testing.T) {
	for name, seen := range map[string]func(hinted bool, r *http.Response, body string) bool{
		"early-hints": func(hinted bool, _ *http.Response, _ string) bool { return hinted },
		"trailers": func(_ bool, r *http.Response, body string) bool {
			return r.Trailer.Get("X-Body-Bytes") == strconv.Itoa(len(body))
		},
		"closing": func(_ bool, r *http.Response, _ string) bool { return r.Close },
		"compressed": func(_ bool, r *http.Response, body string) bool {
			return r.Uncompressed && strings.HasSuffix(body, "}\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			running := fakeserver.Start(t, fakeserver.WithVariations(1, name))
			shown := map[bool]bool{}
			for range 10 {
				hinted := false
				trace := &httptrace.ClientTrace{Got1xxResponse: func(status int, _ textproto.MIMEHeader) error {
					hinted = status == http.StatusEarlyHints
					return nil
				}}
				f := running.Fixtures()
				r, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodGet, running.URL+"/v2/"+f.ProjectID+"/graphs/"+f.GraphID, http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("X-Auth-Token", f.Token)
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(answer.Body)
				_ = answer.Body.Close()
				if err != nil || answer.StatusCode != http.StatusOK {
					t.Fatalf("got %s %s, %v", answer.Status, body, err)
				}
				varied := strings.HasSuffix(answer.Header.Get("X-Fake-Variation"), "; "+name)
				if seen(hinted, answer, string(body)) != varied {
					t.Errorf("varied: %v, and the client does not see that", varied)
				}
				shown[varied] = true
			}
			if len(shown) != 2 {
				t.Error("expected some of ten answers to vary, got all or none")
			}
		})
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
