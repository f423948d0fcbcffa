package report

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

// harMembers has the members of each HAR 1.2 object with their types: s for a string, n for a
// number, o for an object and a for an array of objects, whose members have their own row. ?
// marks optional members.
var harMembers = map[string]string{
	"log":         "version:s creator:o browser:o? pages:a? entries:a comment:s?",
	"creator":     "name:s version:s comment:s?",
	"entries":     "pageref:s? startedDateTime:s time:n request:o response:o cache:o timings:o serverIPAddress:s? connection:s? comment:s?",
	"request":     "method:s url:s httpVersion:s cookies:a headers:a queryString:a postData:o? headersSize:n bodySize:n comment:s?",
	"response":    "status:n statusText:s httpVersion:s cookies:a headers:a content:o redirectURL:s headersSize:n bodySize:n comment:s?",
	"cookies":     "name:s value:s path:s? domain:s? expires:s? httpOnly:s? secure:s? comment:s?",
	"headers":     "name:s value:s comment:s?",
	"queryString": "name:s value:s comment:s?",
	"postData":    "mimeType:s params:a? text:s? comment:s?",
	"content":     "size:n compression:n? mimeType:s text:s? encoding:s? comment:s?",
	"cache":       "beforeRequest:o? afterRequest:o? comment:s?",
	"timings":     "blocked:n? dns:n? connect:n? send:n wait:n receive:n ssl:n? comment:s?",
}

// checkHAR checks that an object of an archive has the members that HAR 1.2 defines.
func checkHAR(t *testing.T, at, name string, object map[string]any) {
	t.Helper()
	members, known := harMembers[name]
	if !known {
		t.Errorf("%s: harMembers has no row for %s", at, name)
	}
	types := map[string]string{}
	for member := range strings.FieldsSeq(members) {
		key, kind, _ := strings.Cut(member, ":")
		types[key] = kind
		if _, ok := object[key]; !ok && !strings.HasSuffix(kind, "?") {
			t.Errorf("%s: %s is missing", at, key)
		}
	}
	for key, value := range object {
		kind, known := types[key]
		if !known {
			if !strings.HasPrefix(key, "_") {
				t.Errorf("%s: HAR 1.2 does not define %s; expected an underscore before the name of a custom member", at, key)
			}
			continue
		}
		got := "?"
		switch v := value.(type) {
		case string:
			got = "s"
		case float64:
			got = "n"
		case map[string]any:
			got = "o"
			checkHAR(t, at+"/"+key, key, v)
		case []any:
			got = "a"
			for i, element := range v {
				object, _ := element.(map[string]any)
				checkHAR(t, fmt.Sprintf("%s/%s/%d", at, key, i), key, object)
			}
		}
		if got != strings.TrimSuffix(kind, "?") {
			t.Errorf("%s: %s: expected type %[4]s, got %[3]v", at, key, value, kind)
		}
	}
}

// A readHAR is an archive as the tests read it.
type readHAR struct {
	Log struct {
		harHead
		Entries []harEntry `json:"entries"`
	} `json:"log"`
}

// harOf writes the archive of a run, checks its form, and reads it.
func harOf(t *testing.T, run result.Run) (read readHAR, written string) {
	t.Helper()
	var b bytes.Buffer
	if err := WriteHAR(&b, run); err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := errors.Join(json.Unmarshal(b.Bytes(), &document), json.Unmarshal(b.Bytes(), &read)); err != nil {
		t.Fatalf("%v: %s", err, &b)
	}
	if len(document) != 1 {
		t.Errorf("expected log alone, got %v", document)
	}
	log, _ := document["log"].(map[string]any)
	checkHAR(t, "log", "log", log)
	for i, e := range read.Log.Entries {
		at := fmt.Sprintf("entry %d", i)
		if started, err := time.Parse("2006-01-02T15:04:05.000Z", e.Started); err != nil || started.IsZero() {
			t.Errorf("%s: startedDateTime %q: expected ISO 8601 with milliseconds and Z", at, e.Started)
		}
		if timings := e.Timings; e.Time != timings.Send+timings.Wait+timings.Receive || min(timings.Send, timings.Wait, timings.Receive) < 0 {
			t.Errorf("%s: time: expected the sum of %+v, got %v", at, timings, e.Time)
		}
	}
	return read, b.String()
}

func runOf(cases ...[]exchange.Exchange) result.Run {
	run := result.Run{Tool: result.Tool{Name: "gesconform", Version: "0.1.0"}, Headline: "deviates: <1> of 2"}
	for i, exchanges := range cases {
		run.Cases = append(run.Cases, result.Case{Result: judge.Result{Case: fmt.Sprintf("case %d", i), Exchanges: exchanges}})
	}
	return run
}

func TestHARNamesTheToolAndTheHeadline(t *testing.T) {
	for name, run := range map[string]result.Run{
		"sample": resulttest.Run(t), "no case": {Tool: result.Tool{Name: "gesconform", Version: "0.1.0"}, Headline: "deviates: <1> of 2"}, "two cases": runOf(nil, nil),
	} {
		run.Tool.SHA256 = "70070"
		read, _ := harOf(t, run)
		if want := (harHead{"1.2", harCreator{"gesconform", "0.1.0", "sha256 70070"}, run.Headline}); read.Log.harHead != want {
			t.Errorf("%s: expected %+v, got %+v", name, want, read.Log.harHead)
		}
		if n := len(run.DistinctExchanges()); read.Log.Entries == nil || len(read.Log.Entries) != n {
			t.Errorf("%s: expected an array of %d entries, got %v", name, n, read.Log.Entries)
		}
	}
}

func TestHAREntry(t *testing.T) {
	x := resulttest.Exchange(7, "a/b", http.StatusFound, `{"<&>":"ü 图"}`)
	x.Started = time.Date(2025, 6, 1, 14, 0, 0, 5_900_000, time.FixedZone("", 2*60*60))
	x.Duration, x.Attempt, x.SetAside = 1500*time.Microsecond, 2, "the request was sent again"
	x.URL = "http://127.0.0.1:8080/graphs/g1/upgrade?b=2&a=1+1%2F2&b=&flag&&bad=%zz&latin=%e9"
	x.Request.Header["Accept"] = []string{"z", "a"}
	x.Answer.Header = http.Header{"Location": {"http://elsewhere/"}, "X-Latin": {"caf\xe9"}, "Content-Type": {"application/json"}}
	read, written := harOf(t, runOf([]exchange.Exchange{x}))
	want := harEntry{
		Started: "2025-06-01T12:00:00.005Z", Time: 1.5, Timings: harTimings{Wait: 1.5},
		Request: harRequest{
			Method: "POST", URL: x.URL, HTTPVersion: "unknown", Cookies: []harPair{},
			Headers: []harPair{
				{Name: "Accept", Value: "z"}, {Name: "Accept", Value: "a"}, {Name: "Content-Type", Value: "application/json"},
				{Name: "X-Auth-Token", Value: "$GESCONFORM_TOKEN"},
			},
			QueryString: []harPair{
				{Name: "b", Value: "2"}, {Name: "a", Value: "1 1/2"}, {Name: "b"}, {Name: "flag"}, {Name: "bad", Value: "%zz"}, {Name: "latin", Value: "%e9"},
			},
			PostData:    &harPostData{MimeType: "application/json", Text: `{"upgrade_version":"1.0.5"}`},
			HeadersSize: -1, BodySize: 27,
		},
		Response: harResponse{
			Status: 302, StatusText: "Found", HTTPVersion: "unknown", Cookies: []harPair{},
			Headers: []harPair{
				{Name: "Content-Type", Value: "application/json"}, {Name: "Location", Value: "http://elsewhere/"},
				{Name: "X-Latin", Value: `caf\xe9`, Comment: `the value is not UTF-8; its invalid bytes are written as \xNN`},
			},
			Content: harContent{Size: 16, MimeType: "application/json", Text: `{"<&>":"ü 图"}`}, RedirectURL: "http://elsewhere/",
			HeadersSize: -1, BodySize: 16,
		},
		Sequence: 7, Case: "a/b", Aim: "current-version", Risk: "guarded", Attempt: 2, SetAside: "the request was sent again",
	}
	if len(read.Log.Entries) != 1 || !reflect.DeepEqual(read.Log.Entries[0], want) {
		t.Errorf("expected %+v\ngot      %+v", want, read.Log.Entries)
	}
	for _, member := range []string{`{\"<&>\":\"ü 图\"}`, `"_sequence":7`, `"_case":"a/b"`, `"_aim":"current-version"`, `"_risk":"guarded"`, `"_attempt":2`, `"_setAside":"the request was sent again"`} {
		if !strings.Contains(written, member) {
			t.Errorf("expected %s in %s", member, written)
		}
	}
}

func TestHAROfWhatIsNoText(t *testing.T) {
	binary := resulttest.Exchange(1, "a", 200, "\xff\x00<&>")
	binary.Request.Body = []byte("\xfe{}")
	empty := resulttest.Exchange(2, "a", 204, "")
	empty.Request.Body, empty.Answer.Header = []byte{}, nil
	none := resulttest.Exchange(3, "a", 200, "")
	none.Request.Method, none.Request.Body, none.Request.Header = http.MethodGet, []byte{}, http.Header{}
	bare := resulttest.Exchange(4, "a", 200, "")
	bare.Request.Header = nil
	read, _ := harOf(t, runOf([]exchange.Exchange{binary, empty, none, bare}))
	entries := read.Log.Entries
	if len(entries) != 4 {
		t.Fatalf("expected 4 entries, got %d", len(entries))
	}
	for i, want := range []*harPostData{
		{MimeType: "application/json", Text: "/nt9", Encoding: "base64", Comment: "the body is not UTF-8, so the text is base64"},
		{MimeType: "application/json"}, nil,
		{MimeType: "x-unknown", Text: `{"upgrade_version":"1.0.5"}`},
	} {
		if got := entries[i].Request.PostData; !reflect.DeepEqual(got, want) {
			t.Errorf("entry %d: expected %+v, got %+v", i, want, got)
		}
	}
	content := entries[0].Response.Content
	if body, err := base64.StdEncoding.DecodeString(content.Text); err != nil || string(body) != "\xff\x00<&>" || content.Size != 5 || content.Encoding != "base64" {
		t.Errorf("expected 5 bytes in base64, got %+v, %v", content, err)
	}
	if got := entries[1].Response; got.Content != (harContent{MimeType: "x-unknown"}) || got.BodySize != 0 || got.Status != 204 {
		t.Errorf("empty: got %+v", got)
	}
}

func TestHAROfAFailure(t *testing.T) {
	none := resulttest.Exchange(1, "a", 0, "")
	none.Answer, none.Failure = nil, &exchange.Failure{Kind: exchange.Unreachable, Message: "no connection: refused"}
	cut := resulttest.Exchange(2, "a", 200, `{"job`)
	cut.Failure = &exchange.Failure{Kind: exchange.Cut, Message: "the answer's body ended too early"}
	read, written := harOf(t, runOf([]exchange.Exchange{none, cut}))
	if len(read.Log.Entries) != 2 || strings.Count(written, `"_error":`) != 2 {
		t.Fatalf("expected 2 entries with an _error each, got %s", written)
	}
	want := harResponse{
		HTTPVersion: "unknown", Cookies: []harPair{}, Headers: []harPair{}, Content: harContent{MimeType: "x-unknown"},
		HeadersSize: -1, BodySize: -1, Error: "unreachable: no connection: refused",
	}
	if got := read.Log.Entries[0].Response; !reflect.DeepEqual(got, want) {
		t.Errorf("no answer: expected %+v\ngot %+v", want, got)
	}
	got := read.Log.Entries[1].Response
	if got.Status != 200 || got.Content.Text != `{"job` || got.Content.Size != 5 || got.BodySize != -1 || got.Error != "cut: the answer's body ended too early" {
		t.Errorf("cut: got %+v", got)
	}
}

func TestHARHasEachExchangeOnceInOrder(t *testing.T) {
	shared := resulttest.Exchange(3, "first", 200, "")
	aside := shared
	aside.SetAside = "asked again"
	missing := exchange.Exchange{Sequence: 1} // as in a run that was read without its exchanges
	read, _ := harOf(t, runOf(
		[]exchange.Exchange{resulttest.Exchange(10, "first", 200, ""), aside},
		[]exchange.Exchange{shared, resulttest.Exchange(2, "second", 200, ""), missing},
		[]exchange.Exchange{shared},
	))
	var got []string
	for _, e := range read.Log.Entries {
		got = append(got, fmt.Sprint(e.Sequence, " ", e.Case, e.SetAside))
	}
	if want := []string{"2 second", "3 first", "10 first"}; !slices.Equal(got, want) {
		t.Errorf("expected %q, got %q", want, got)
	}
}

// Only exchanges are redacted, so no more of the rest of the run than the tool and the
// headline may be written.
func TestHARHoldsNothingButExchanges(t *testing.T) {
	bare := runOf([]exchange.Exchange{resulttest.Exchange(1, "a", 200, "{}")})
	full := *resulttest.Filled[result.Run](t)
	full.Tool, full.Headline, full.Cases[0].Exchanges = bare.Tool, bare.Headline, bare.Cases[0].Exchanges
	_, want := harOf(t, bare)
	if _, got := harOf(t, full); got != want {
		t.Errorf("expected %s\ngot %s", want, got)
	}
}

// A fullDisk fails every write.
type fullDisk struct{ err error }

func (d fullDisk) Write([]byte) (int, error) { return 0, d.err }

func TestWriteHARSaysWhatFailed(t *testing.T) {
	full := errors.New("no space left on device")
	err := WriteHAR(fullDisk{full}, resulttest.Run(t))
	if !errors.Is(err, full) || err.Error() != "write HAR: no space left on device" {
		t.Errorf("got %v", err)
	}
}

func BenchmarkWriteHAR(b *testing.B) {
	exchanges := make([]exchange.Exchange, 350)
	for i := range exchanges {
		exchanges[i] = resulttest.Exchange(i, "a", 400, `{"error_code":"GES.0001","error_msg":"Incorrect parameter."}`)
		exchanges[i].Answer.Header = http.Header{"Content-Type": {"application/json"}, "Content-Length": {"61"}, "X-Request-Id": {"63033b0ca389c35ae8f938e3d92c0f81"}}
	}
	run := runOf(exchanges)
	for b.Loop() {
		if err := WriteHAR(io.Discard, run); err != nil {
			b.Fatal(err)
		}
	}
}
