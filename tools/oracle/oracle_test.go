// Package oracle compares the judgements of package contract with those of a second, third-party
// OpenAPI validator. It is a separate module, so that users of gesconform do not depend on that.
package oracle

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/contract"
)

const (
	upgradePath = "/v2/0123456789abcdef0123456789abcdef/graphs/53205529-026b-455a-9e07-228fae4b12b9/upgrade"
	graphPath   = "/v2/0123456789abcdef0123456789abcdef/graphs/53205529-026b-455a-9e07-228fae4b12b9"
	jobPath     = graphPath + "/jobs/f99f60f1-bba6-4cde-bd1a-ff4bdd1fd500000168232/status"
	goodBody    = `{"upgrade_version":"1.1.8","force_upgrade":true}`
	signature   = "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=0000000000000000000000000000000000000000000000000000000000000000"
)

func other(tb testing.TB) validator.Validator {
	tb.Helper()
	// The second validator checks the host of a request against servers.
	document, err := libopenapi.NewDocument(bytes.Replace(gesconform.OpenAPI, []byte("https://ges.{region}.myhuaweicloud.com"), []byte("/"), 1))
	if err != nil {
		tb.Fatal(err)
	}
	v, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		tb.Fatal(errs)
	}
	return v
}

type request struct {
	method, path, contentType, body string
	credentials                     []string // names and values of headers
}

func (r request) header() http.Header {
	h := http.Header{}
	for i := 0; i < len(r.credentials); i += 2 {
		h.Add(r.credentials[i], r.credentials[i+1])
	}
	if r.contentType != "" {
		h.Set("Content-Type", r.contentType)
	}
	return h
}

// build returns a new http.Request each time, because a body can only be read once.
func (r request) build(tb testing.TB) *http.Request {
	tb.Helper()
	out, err := http.NewRequest(r.method, "http://ges.example"+r.path, strings.NewReader(r.body))
	if err != nil {
		tb.Fatal(err)
	}
	out.Header = r.header()
	return out
}

// ours reports whether contract finds the request valid. It ignores unknown members, which the
// schemas allow.
func (r request) ours(c *contract.Contract) (bool, []contract.Problem) {
	escaped, _, _ := strings.Cut(r.path, "?")
	op, _, _ := c.Find(r.method, escaped)
	if op == nil {
		return false, nil
	}
	problems := c.JudgeRequest(op, &contract.Request{Method: r.method, Path: escaped, Header: r.header(), Body: []byte(r.body)})
	problems = slices.DeleteFunc(problems, func(p contract.Problem) bool { return p.Keyword == "unknown" })
	return len(problems) == 0, problems
}

var token = []string{"X-Auth-Token", "t"}

func post(body string) request {
	return request{"POST", upgradePath, "application/json", body, token}
}

type requestCase struct {
	name string
	request
	valid bool
}

var requests = []requestCase{
	{"good", post(goodBody), true},
	{"without force", post(`{"upgrade_version":"1.1.8"}`), true},
	{"white space", post(" {\n \"upgrade_version\" : \"1.1.8\" }\t"), true},
	{"escapes", post(`{"upgrade\u005fversion":"1\u002e1.8"}`), true},
	{"a member more", post(`{"upgrade_version":"1.1.8","more":{"a":[1]}}`), true},
	{"charset", request{"POST", upgradePath, "application/json; charset=utf-8", goodBody, token}, true},
	{"signature", request{"POST", upgradePath, "application/json", goodBody, []string{"Authorization", signature}}, true},
	{"graph", request{"GET", graphPath, "", "", token}, true},
	{"job", request{"GET", jobPath, "", "", token}, true},
	{"empty object", post(`{}`), false},
	{"list", post(`[]`), false},
	{"null", post(`null`), false},
	{"text", post(`"1.1.8"`), false},
	{"cut off", post(`{"upgrade_version":`), false},
	{"no JSON", post(`upgrade_version=1.1.8`), false},
	{"no body", post(``), false},
	{"null version", post(`{"upgrade_version":null}`), false},
	{"number", post(`{"upgrade_version":1.1}`), false},
	{"list for a text", post(`{"upgrade_version":["1.1.8"]}`), false},
	{"empty version", post(`{"upgrade_version":""}`), false},
	{"no version", post(`{"upgrade_version":"latest"}`), false},
	{"five parts", post(`{"upgrade_version":"1.1.1.1.1"}`), false},
	{"line end", post(`{"upgrade_version":"1.1.8\n"}`), false},
	{"long", post(`{"upgrade_version":"` + strings.Repeat("1.", 40) + `1"}`), false},
	{"text for a truth", post(`{"upgrade_version":"1.1.8","force_upgrade":"true"}`), false},
	{"null force", post(`{"upgrade_version":"1.1.8","force_upgrade":null}`), false},
	{"letter case", post(`{"Upgrade_Version":"1.1.8"}`), false},
	{"media type", request{"POST", upgradePath, "text/plain", goodBody, token}, false},
	{"XML", request{"POST", upgradePath, "application/xml", "<a/>", token}, false},
	{"no credentials", request{"POST", upgradePath, "application/json", goodBody, nil}, false},
	{"credentials elsewhere", request{"POST", upgradePath + "?X-Auth-Token=t", "application/json", goodBody, nil}, false},
	{"wrong method", request{"PUT", upgradePath, "application/json", goodBody, token}, false},
	{"DELETE of a graph", request{"DELETE", graphPath, "", "", token}, false},
	{"unknown path", request{"POST", graphPath + "/downgrade", "application/json", goodBody, token}, false},
	{"another version of the API", request{"POST", strings.Replace(upgradePath, "v2", "v1", 1), "application/json", goodBody, token}, false},
	{"project id", request{"GET", "/v2/a-b/graphs/g", "", "", token}, false},
	{"long project id", request{"GET", "/v2/" + strings.Repeat("a", 65) + "/graphs/g", "", "", token}, false},
	{"two values", post(goodBody + goodBody), false},
	{"byte order mark", post("\xef\xbb\xbf" + goodBody), false},
	{"empty token", request{"POST", upgradePath, js, goodBody, []string{"X-Auth-Token", ""}}, false},
	{"body without a type", request{"POST", upgradePath, "", goodBody, token}, false},
	{"escaped slash", request{"POST", "/v2/p/graphs/a%2Fb/upgrade", js, goodBody, token}, false},
	{"empty graph id", request{"POST", "/v2/p/graphs//upgrade", js, goodBody, token}, false},
	{"graph id", request{"GET", "/v2/p/graphs/a~b", "", "", token}, false},
}

func askAboutRequest(tb testing.TB, v validator.Validator, r request) (bool, []string) {
	tb.Helper()
	valid, faults := v.ValidateHttpRequestSync(r.build(tb))
	var reasons []string
	for _, f := range faults {
		reasons = append(reasons, f.Message+": "+f.Reason)
	}
	return valid, reasons
}

func load(tb testing.TB) *contract.Contract {
	tb.Helper()
	c, err := contract.Default()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestRequests(t *testing.T) {
	c, v := load(t), other(t)
	for _, test := range requests {
		t.Run(test.name, func(t *testing.T) {
			ours, problems := test.ours(c)
			theirs, reasons := askAboutRequest(t, v, test.request)
			if ours != test.valid || theirs != test.valid {
				t.Errorf("want %v\nwe say %v: %v\nthey say %v: %v", test.valid, ours, problems, theirs, reasons)
			}
		})
	}
}

type answerCase struct {
	name, method, path string
	status             int
	contentType, body  string
	valid              bool
}

const (
	js      = "application/json"
	refusal = `{"error_code":"GES.8011","error_msg":"graph [demo] is not found"}`
	graph   = `{"graph":{"id":"1","name":"n","status":"200","data_store_version":"1.0.5"}}`
)

var answers = []answerCase{
	{"taken on", "POST", upgradePath, 200, js, `{"job_id":"1"}`, true},
	{"more than the pages say", "POST", upgradePath, 200, js, `{"job_id":"1","job_name":"x"}`, true},
	{"charset", "POST", upgradePath, 200, "application/json;charset=UTF-8", `{"job_id":"1"}`, true},
	{"refused", "POST", upgradePath, 400, js, refusal, true},
	{"by the gateway", "POST", upgradePath, 401, js, `{"error_code":"APIG.0301","error_msg":"m","request_id":"r"}`, true},
	{"by default", "POST", upgradePath, 429, js, refusal, true},
	{"graph", "GET", graphPath, 200, js, graph, true},
	{"job", "GET", jobPath, 200, js, `{"job_id":"1","status":"running","job_progress":0.5,"fail_reason":null}`, true},
	{"empty object", "POST", upgradePath, 200, js, `{}`, false},
	{"two values", "POST", upgradePath, 200, js, `{"job_id":"1"}{"job_id":"2"}`, false},
	{"no type", "POST", upgradePath, 200, "", `{"job_id":"1"}`, false},
	{"list", "POST", upgradePath, 200, js, `[]`, false},
	{"empty id", "POST", upgradePath, 200, js, `{"job_id":""}`, false},
	{"number", "POST", upgradePath, 200, js, `{"job_id":1}`, false},
	{"null id", "POST", upgradePath, 200, js, `{"job_id":null}`, false},
	{"camel case", "POST", upgradePath, 200, js, `{"jobId":"1"}`, false},
	{"letter case", "POST", upgradePath, 200, js, `{"Job_Id":"1"}`, false},
	{"error for success", "POST", upgradePath, 200, js, refusal, false},
	{"cut off", "POST", upgradePath, 200, js, `{"job_id":"1"`, false},
	{"byte order mark", "POST", upgradePath, 200, js, "\xef\xbb\xbf" + `{"job_id":"1"}`, false},
	{"HTML", "POST", upgradePath, 404, "text/html", "<html></html>", false},
	{"no code", "POST", upgradePath, 400, js, `{"error_msg":"m"}`, false},
	{"empty message", "POST", upgradePath, 400, js, `{"error_code":"GES.8011","error_msg":""}`, false},
	{"code in small letters", "POST", upgradePath, 400, js, `{"error_code":"ges.8011","error_msg":"m"}`, false},
	{"status a number", "GET", graphPath, 200, js, strings.Replace(graph, `"200"`, "200", 1), false},
	{"no graph", "GET", graphPath, 200, js, `{}`, false},
	{"unknown state", "GET", jobPath, 200, js, `{"job_id":"1","status":"done"}`, false},
	{"no state", "GET", jobPath, 200, js, `{"job_id":"1"}`, false},
}

func (a answerCase) ours(tb testing.TB, c *contract.Contract) (bool, []contract.Problem) {
	tb.Helper()
	op, _, _ := c.Find(a.method, a.path)
	if op == nil {
		tb.Fatalf("no operation at %s %s", a.method, a.path)
	}
	problems := c.JudgeAnswer(op, a.method, &contract.Answer{Status: a.status, Header: a.header(), Body: []byte(a.body)})
	return len(problems) == 0, problems
}

func (a answerCase) header() http.Header {
	h := http.Header{}
	if a.contentType != "" {
		h.Set("Content-Type", a.contentType)
	}
	return h
}

func (a answerCase) theirs(tb testing.TB, v validator.Validator) (bool, []string) {
	tb.Helper()
	r := request{method: a.method, path: a.path, credentials: token}.build(tb)
	valid, faults := v.ValidateHttpResponse(r, &http.Response{StatusCode: a.status, Header: a.header(), Body: io.NopCloser(strings.NewReader(a.body)), Request: r})
	var reasons []string
	for _, f := range faults {
		reasons = append(reasons, f.Message+": "+f.Reason)
	}
	return valid, reasons
}

func TestAnswers(t *testing.T) {
	c, v := load(t), other(t)
	for _, test := range answers {
		t.Run(test.name, func(t *testing.T) {
			ours, problems := test.ours(t, c)
			theirs, reasons := test.theirs(t, v)
			if ours != test.valid || theirs != test.valid {
				t.Errorf("want %v\nwe say %v: %v\nthey say %v: %v", test.valid, ours, problems, theirs, reasons)
			}
		})
	}
}
