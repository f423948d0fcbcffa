package resulttest

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

// clientRequirements are the requirements of the sample contract for clients.
var clientRequirements = []struct {
	id    string
	level contract.Level
	text  string
}{
	{"sends", contract.Must, "A client that is to upgrade a graph sends the upgrade."},
	{"request-lawful", contract.Must, "Each request of a client keeps to the contract."},
	{"success-needs-job", contract.Must, "A client reports no success after a refusal, or after a 200 without a job."},
	{"asks-own-job", contract.Must, "A client asks only for a job whose id it was given."},
	{"success-when-accepted", contract.Must, "A client takes every lawful answer that accepts the upgrade for a success."},
	{"credentials-stay", contract.Must, "Credentials go to the origin of the endpoint only."},
	{"credentials-in-place", contract.Must, "Credentials are in their header and nowhere else."},
	{"credentials-unprinted", contract.Must, "A client prints no credentials."},
	{"retry-after", contract.Must, "A client that sends a request again does not do so before Retry-After has passed."},
	{"job-failure-seen", contract.Must, "A client that waits for the job reports a failed one as a failure."},
	{"no-blind-repeat", contract.Should, "An upgrade that may have been accepted is not sent again unread."},
	{"error-code-shown", contract.Should, "A client shows the error code of a refusal."},
	{"known-members", contract.Should, "A client sends only members that the contract names."},
	{"job-id-escaped", contract.Should, "A job id is one segment of a path."},
	{"survives-refused-read", contract.Should, "A refused read is not reported as a failed upgrade."},
	{"ends", contract.Should, "A client ends though no answer comes."},
	{"poll-pace", contract.Should, "A client sends no more than 200 requests in a second."},
}

var parsedClientSample = sync.OnceValues(func() (*contract.Contract, error) {
	var b strings.Builder
	b.WriteString(`openapi: 3.0.3
info: {title: sample, version: 1.2.3}
paths:
  /v2/{project_id}/graphs/{graph_id}/upgrade:
    parameters:
      - {name: project_id, in: path, required: true, schema: {type: string}, x-source: [page]}
      - {name: graph_id, in: path, required: true, schema: {type: string}, x-source: [page]}
    post:
      operationId: upgradeGraph
      responses: {'200': {description: accepted}}
  /v2/{project_id}/graphs/{graph_id}/jobs/{job_id}/status:
    parameters:
      - {name: project_id, in: path, required: true, schema: {type: string}, x-source: [page]}
      - {name: graph_id, in: path, required: true, schema: {type: string}, x-source: [page]}
      - {name: job_id, in: path, required: true, schema: {type: string}, x-source: [page]}
    get:
      operationId: showJob
      responses: {'200': {description: the job}}
x-sources:
  page: {title: A page, url: 'https://example.com/', date: 2024-01-01}
  standard: {title: 'RFC 9110, section 10.2.3, Retry-After', url: 'https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3', date: 2022-06-01}
  ours-d1: {title: Clients, reason: Nobody could rely on such a client.}
x-error-codes: {}
x-refusals: {}
x-requirements:
  - {id: answer.json, level: MUST, text: An answer is JSON., source: [page], judges: json}
`)
	for _, r := range clientRequirements {
		fmt.Fprintf(&b, "  - {id: client.%s, level: %s, text: %q, source: [page], appliesTo: [client], expects: %s}\n", r.id, r.level, r.text, r.id)
	}
	return contract.Parse("sample.yaml", []byte(b.String()))
})

// ClientContract returns a sample contract with the requirements for clients.
func ClientContract(t *testing.T) *contract.Contract {
	t.Helper()
	c, err := parsedClientSample()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A sent is a request of a client and what it was answered.
type sent struct {
	after        time.Duration
	request      string // method and path below the graph
	status       int    // 0 for none
	answer       string
	header, body string // of the answer, and of the request
	origin       string // if it is another one
	failure      exchange.FailureKind
}

var clientStarted = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

const (
	upgrade  = "POST upgrade"
	accepted = `{"job_id":"j1"}`
	refusal  = `{"error_code":"GES.0001","error_msg":"Parameter error."}`
)

// scenario returns the result of a scenario. said is "success", "failure" or another of judge.Said;
// the sequence numbers of its exchanges begin at first.
func scenario(name string, first int, o judge.ClientOutcome, requests []sent, findings ...judge.Finding) judge.Result {
	r := judge.Result{Case: name, Operation: "upgradeGraph", Requirement: findings[0].Requirement, Verdict: findings[0].Verdict, Findings: findings, Client: &o}
	for i := range findings {
		r.Verdict = judge.Worse(r.Verdict, findings[i].Verdict)
		if findings[i].Verdict != judge.Conforms {
			findings[i].Origin = &judge.Origin{Source: []string{"page"}}
		}
	}
	if r.Verdict == judge.NotApplicable || r.Verdict == judge.Error {
		r.Reason = findings[0].Got
	}
	exit := map[judge.Said]int{judge.SaidSuccess: 0, judge.SaidFailure: 1, judge.SaidNotApplicable: 77}
	if status, exited := exit[o.Said]; exited {
		o.ExitStatus = &status
	}
	o.Printed = int64(len(o.Stdout) + len(o.Stderr))
	for i, s := range requests {
		r.Exchanges = append(r.Exchanges, s.exchange(name, first+i))
	}
	return r
}

func (s *sent) exchange(name string, sequence int) exchange.Exchange {
	method, below, _ := strings.Cut(s.request, " ")
	path := "/v2/p1/graphs/g1/" + below
	origin := "http://127.0.0.1:40001"
	if s.origin != "" {
		origin = s.origin
	}
	x := exchange.Exchange{
		Sequence: sequence, Case: name, Attempt: 1, Started: clientStarted.Add(s.after), Duration: 2 * time.Millisecond, URL: origin + path,
		Request: contract.Request{Method: method, Path: path, Header: http.Header{"X-Auth-Token": {"$GESCONFORM_TOKEN"}, "User-Agent": {"curl/8.5.0"}}},
	}
	if method == http.MethodPost {
		x.Request.Header.Set("Content-Type", "application/json")
		x.Request.Body = []byte(`{"upgrade_version":"1.0.5"}`)
		if s.body != "" {
			x.Request.Body = []byte(s.body)
		}
	}
	if s.status > 0 {
		x.Answer = &contract.Answer{Status: s.status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(s.answer)}
		if name, value, found := strings.Cut(s.header, ": "); found {
			x.Answer.Header.Set(name, value)
		}
	}
	if s.failure != "" {
		x.Failure = &exchange.Failure{Kind: s.failure, Message: "the connection was ended by the scenario"}
	}
	return x
}

// taken returns a finding about a client, that the exchange with an index shows.
func taken(id string, verdict judge.Verdict, got string, at int) judge.Finding {
	f := judge.Finding{Requirement: "client." + id, Verdict: verdict, Got: got, Exchange: at}
	for _, r := range clientRequirements {
		if r.id == id {
			f.Level = r.level
		}
	}
	return f
}

// well returns findings that conform.
func well(ids ...string) []judge.Finding {
	var all []judge.Finding
	for _, id := range ids {
		all = append(all, taken(id, judge.Conforms, "", -1))
	}
	return all
}

// ClientResults returns the results of a client that breaks most of its requirements, each in a
// scenario of its own, and with every verdict.
func ClientResults() []judge.Result {
	const second = time.Second
	outcome := func(said judge.Said, took time.Duration, answered, expected, stdout, stderr string) judge.ClientOutcome {
		return judge.ClientOutcome{Said: said, Duration: took, Answered: answered, Expected: expected, Stdout: stdout, Stderr: stderr}
	}
	poll := func(after time.Duration, status int, answer string) sent {
		return sent{after: after, request: "GET jobs/j1/status", status: status, answer: answer}
	}
	running, done := `{"job_id":"j1","status":"running"}`, `{"job_id":"j1","status":"success"}`

	plain := scenario("success/plain", 1, outcome(judge.SaidSuccess, 3*second, "the upgrade is accepted, and its job ends after a while", "it reports success", "upgraded\n", ""), []sent{
		{request: upgrade, status: 200, answer: accepted}, poll(second/100, 200, running), poll(second, 200, running), poll(2*second, 200, running), poll(3*second, 200, done),
	}, well("success-when-accepted", "sends", "request-lawful", "credentials-stay", "credentials-in-place")...)

	refused := scenario("refused/400-GES.0001", 10, outcome(judge.SaidSuccess, second/5, "the upgrade is refused: 400 GES.0001", "it reports failure, and shows GES.0001", "ok\n", "warning: \x1b[31munexpected answer\x1b[0m\n"), []sent{
		{request: upgrade, status: 400, answer: refusal},
	}, taken("success-needs-job", judge.Deviates, "success after 400 GES.0001", 0), taken("error-code-shown", judge.Advisory, "GES.0001 is not in its output", 0), taken("request-lawful", judge.Conforms, "", 0))

	empty := scenario("malformed/200-empty-object", 20, outcome(judge.SaidFailure, second/2, "the upgrade is answered 200 with {}, which has no job_id", "it reports failure, and asks for no job", "", "job not found\n"), []sent{
		{request: upgrade, status: 200, answer: "{}"}, {after: second / 50, request: "GET jobs//status", status: 404, answer: `{"error_code":"APIG.0101","error_msg":"The API does not exist."}`},
	}, taken("asks-own-job", judge.Deviates, "asked for the job with an empty id", 1), taken("success-needs-job", judge.Conforms, "", -1))

	empty.Exchanges[1].Problems = []contract.Problem{{In: contract.InPath, Name: "job_id", Keyword: "minLength", Message: "expected an id, got none", Line: 17}}

	members := scenario("success/unknown-members", 30, outcome(judge.SaidFailure, second/10, "the upgrade is accepted; the answer has members that no page names", "it reports success", "", "unknown field \"trace\"\n"), []sent{
		{request: upgrade, status: 200, answer: `{"job_id":"j1","trace":"x"}`},
	}, taken("success-when-accepted", judge.Deviates, "failure after a lawful 200 with a job", 0))

	forced := scenario("success/force_upgrade-true", 40, outcome(judge.SaidSuccess, second, "the upgrade with force_upgrade true is accepted", "it sends force_upgrade true, and reports success", "", ""), []sent{
		{request: upgrade, status: 400, answer: refusal, body: `{"upgrade_version":"1.0.5","force_upgrade":"true","note":1}`},
	}, taken("request-lawful", judge.Deviates, "body /force_upgrade: expected a boolean, got a string", 0), taken("known-members", judge.Advisory, "member note, which no page names", 0))
	forced.Exchanges[0].Problems = []contract.Problem{
		{In: contract.InBody, Pointer: "/force_upgrade", Keyword: "type", Message: "expected a boolean, got a string", Line: 7},
		{In: contract.InBody, Pointer: "/note", Keyword: "additionalProperties", Message: "no page names it"},
	}

	moved := scenario("redirect/307-other-origin", 50, outcome(judge.SaidSuccess, second, "the upgrade is redirected to another origin: 307", "it does not send the credentials there", "", ""), []sent{
		{request: upgrade, status: 307, header: "Location: http://127.0.0.1:40002/v2/p1/graphs/g1/upgrade"},
		{after: second / 10, request: upgrade, status: 200, answer: accepted, origin: "http://127.0.0.1:40002"},
	}, taken("credentials-stay", judge.Deviates, "X-Auth-Token went to http://127.0.0.1:40002", 1))

	place := scenario("success/chunked", 60, outcome(judge.SaidSuccess, second, "the upgrade is accepted, in chunks", "it reports success", "", ""), []sent{
		{request: "POST upgrade?token=$GESCONFORM_TOKEN", status: 200, answer: accepted},
	}, taken("credentials-in-place", judge.Deviates, "the token is in the query", 0))

	printed := scenario("refused/403-GES.7041", 70, outcome(judge.SaidFailure, second, "the upgrade is refused: 403 GES.7041", "it reports failure, and shows GES.7041", "", "403 GES.7041 for $GESCONFORM_TOKEN\n"), []sent{
		{request: upgrade, status: 403, answer: `{"error_code":"GES.7041","error_msg":"No permission."}`},
	}, taken("credentials-unprinted", judge.Deviates, "the token is in stderr", -1), taken("error-code-shown", judge.Conforms, "", 0))
	printed.Client.Leaked = []string{"token"}

	early := scenario("busy/503-retry-after-2", 80, outcome(judge.SaidSuccess, second, "the upgrade is refused once with 503 and Retry-After: 2", "if it sends the upgrade again, it waits 2s", "", ""), []sent{
		{request: upgrade, status: 503, header: "Retry-After: 2", answer: `{"error_code":"GES.7016","error_msg":"Busy."}`}, {after: second / 4, request: upgrade, status: 200, answer: accepted}, poll(second, 200, done),
	}, taken("retry-after", judge.Deviates, "again after 0.25s", 1))
	early.Findings[0].Lawful = []string{"again after 2s or later", "not again"}
	early.Findings[0].Hint = "Retry-After is in seconds"
	early.Findings[0].Line, early.Findings[0].Origin = 40, &judge.Origin{Source: []string{"standard", "ours-d1"}}

	failed := scenario("job/failed", 90, outcome(judge.SaidSuccess, 2*second, "the upgrade is accepted, and its job fails", "it reports failure", "upgraded\n", ""), []sent{
		{request: upgrade, status: 200, answer: accepted}, poll(second, 200, running), poll(2*second, 200, `{"job_id":"j1","status":"failed"}`),
	}, taken("job-failure-seen", judge.Deviates, "success though the job has failed", 2))

	again := scenario("connection/reset-after-read", 100, outcome(judge.SaidFailure, second, "the connection is reset after the upgrade was read", "it does not send the upgrade again unread", "", ""), []sent{
		{request: upgrade, failure: exchange.Dropped}, {after: second / 2, request: upgrade, failure: exchange.Dropped},
	}, taken("no-blind-repeat", judge.Advisory, "the upgrade was sent again", 1))

	slash := scenario("job/id-with-slash", 110, outcome(judge.SaidFailure, second, "the job's id has a slash", "it escapes the slash", "", ""), []sent{
		{request: upgrade, status: 200, answer: `{"job_id":"a/b"}`}, {after: second, request: "GET jobs/a/b/status", status: 404, answer: `{"error_code":"APIG.0101","error_msg":"The API does not exist."}`},
	}, taken("job-id-escaped", judge.Advisory, "GET …/jobs/a/b/status", 1))

	read := scenario("polling/429", 120, outcome(judge.SaidFailure, second, "a read of the job is refused once: 429", "it goes on", "", "too many requests\n"), []sent{
		{request: upgrade, status: 200, answer: accepted}, poll(second/2, 429, `{"error_code":"APIG.0308","error_msg":"Throttled."}`),
	}, taken("survives-refused-read", judge.Advisory, "failure after 429 APIG.0308", 1))

	hang := scenario("hang/upgrade", 130, outcome(judge.SaidNothing, 130*second, "nothing is answered", "it ends within 130s", "", ""), []sent{{request: upgrade, failure: exchange.TimedOut}},
		taken("ends", judge.Advisory, "it had not ended after 130s", 0))
	hang.Client.TimedOut, hang.Client.Reason = true, "it had not ended 130s after its first request"

	fast := scenario("job/slow", 140, outcome(judge.SaidSuccess, 2*second, "the job takes a while", "it asks at most 200 times in a second", "", ""),
		append([]sent{{request: upgrade, status: 200, answer: accepted}}, many(260, func(i int) sent { return poll(time.Duration(i+1)*4*time.Millisecond, 200, running) })...),
		taken("poll-pace", judge.Advisory, "250 requests in a second", 250), taken("job-failure-seen", judge.Conforms, "", -1))

	unable := scenario("success/force_upgrade-false", 500, outcome(judge.SaidNotApplicable, second/10, "the upgrade with force_upgrade false is accepted", "it sends force_upgrade false, and reports success", "", "no such option\n"), nil,
		taken("request-lawful", judge.NotApplicable, "it cannot do this one: exit status 77", -1))
	died := scenario("malformed/not-http", 510, outcome(judge.SaidNothing, second/10, "the answer is not HTTP", "it reports failure", "", "Segmentation fault\n"), []sent{{request: upgrade, failure: exchange.Garbled}},
		taken("success-needs-job", judge.Error, "it died by SIGSEGV", -1))
	died.Client.Signal = "SIGSEGV"
	created := scenario("observed/202-with-job", 520, outcome(judge.SaidSuccess, second/10, "the upgrade is answered 202 with a job", "either way", "", ""), []sent{{request: upgrade, status: 202, answer: accepted}},
		taken("success-when-accepted", judge.Observed, "success after 202 with a job", 0))
	return []judge.Result{plain, refused, empty, members, forced, moved, place, printed, early, failed, again, slash, read, hang, fast, unable, died, created}
}

func many(n int, one func(int) sent) []sent {
	all := make([]sent, n)
	for i := range all {
		all[i] = one(i)
	}
	return all
}

// ClientRun returns a run with ClientResults.
func ClientRun(t *testing.T) result.Run {
	t.Helper()
	return result.Summarise(ClientContract(t), ClientHead(), ClientResults())
}

// ClientHead returns a run of a client without results.
func ClientHead() result.Run {
	return result.Run{
		ID: "run-1", Tool: result.Tool{Name: "gesconform", Version: "0.1.0"},
		Client:  &result.Client{Command: []string{"./upgrade.sh", "--wait", "30 s"}, Waits: true, ScenarioTimeout: 130 * time.Second, StartTimeout: time.Minute},
		Started: clientStarted, Ended: clientStarted.Add(140 * time.Second), Duration: 140 * time.Second,
		Plan: result.Plan{Cases: 18}, Notes: []string{"a warning"},
	}
}

// Scenarios returns the scenarios of ClientResults, and one that was not selected.
func Scenarios() []result.Scenario {
	all := []result.Scenario{{ID: "busy/503-retry-after-date", Requirement: "client.retry-after", Decides: []string{"client.retry-after", "client.request-lawful"}}}
	for _, r := range ClientResults() {
		s := result.Scenario{ID: r.Case, Requirement: r.Requirement}
		for _, f := range r.Findings {
			s.Decides = append(s.Decides, f.Requirement)
		}
		all = append(all, s)
	}
	return all
}
