package contract_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

var (
	errorClause   = []string{"    Error:\n      type: object"}
	successClause = []string{"    UpgradeGraphResponse:\n"}
	responses     = []string{"operationId: upgradeGraph\n", "      responses:\n"}
)

var answers = []struct {
	name   string
	status int
	header http.Header
	body   string
	want   string
	line   []string
}{
	{"accepted", 200, nil, `{"job_id":"1"}`, "", nil},
	{"more than the pages say", 200, nil, `{"job_id":"1","job_name":"x","Job_Id":"2"}`, "", nil},
	{"charset", 200, http.Header{"Content-Type": {"application/json;charset=UTF-8"}}, `{"job_id":"1"}`, "", nil},
	{"refused", 400, nil, `{"error_code":"GES.8011","error_msg":"m"}`, "", nil},
	{"by the gateway", 503, nil, `{"error_code":"APIG.0201","error_msg":"m","request_id":"r"}`, "", nil},
	{"of a class by default", 429, nil, `{"error_code":"APIGW.0308","error_msg":"m"}`, "", nil},
	{"unknown code", 400, nil, `{"error_code":"GES.9876","error_msg":"m"}`, "", nil},
	{"byte order mark", 200, nil, "\xef\xbb\xbf" + `{"job_id":"1"}`, "body  byte-order-mark json", under(responses, "        '200'", "content:")},
	{"deep", 200, nil, `{"job_id":"1","x":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`, "", nil},
	{"202", 202, nil, `{"job_id":"1"}`, "status  status status", responses},
	{"204", 204, nil, "", "status  status status", responses},
	{"302", 302, nil, "", "status  status status", responses},
	{"0", 0, nil, "", "status  status status", responses},
	{"HTML", 404, http.Header{"Content-Type": {"text/html"}}, `{"error_code":"GES.8011","error_msg":"m"}`, "header Content-Type media-type media-type", under(responses, "        '404'", "content:")},
	{"no type", 400, http.Header{}, `{"error_code":"GES.8011","error_msg":"m"}`, "header Content-Type media-type media-type", under(responses, "        '400'", "content:")},
	{"nothing", 200, nil, "", "body  syntax json", under(responses, "        '200'", "content:")},
	{"cut off", 200, nil, `{"job_id":"1"`, "body  syntax json", under(responses, "        '200'", "content:")},
	{"two values", 200, nil, `{"job_id":"1"}{}`, "body  trailing json", under(responses, "        '200'", "content:")},
	{"doubled", 200, nil, `{"job_id":"1","job_id":"1"}`, "body /job_id duplicate json", under(responses, "        '200'", "content:")},
	{"not UTF-8", 200, nil, `{"job_id":"` + "\xff" + `"}`, "body  utf8 json", under(responses, "        '200'", "content:")},
	{"too deep to read", 200, nil, `{"job_id":"1","x":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, "body  syntax json", under(responses, "        '200'", "content:")},
	{"empty object", 200, nil, `{}`, "body /job_id required schema-of-success", under(successClause, "required")},
	{"null", 200, nil, `null`, "body  nullable schema-of-success", under(successClause, "type")},
	{"list", 200, nil, `[]`, "body  type schema-of-success", under(successClause, "type")},
	{"empty id", 200, nil, `{"job_id":""}`, "body /job_id minLength schema-of-success", under(successClause, "minLength")},
	{"number", 200, nil, `{"job_id":7}`, "body /job_id scalar schema-of-success", under(successClause, "job_id:", "type")},
	{"camel case", 200, nil, `{"jobId":"1"}`, "body /job_id required schema-of-success", under(successClause, "required")},
	{"letter case", 200, nil, `{"Job_Id":"1"}`, "body /Job_Id letter-case schema-of-success", under(successClause, "required")},
	{"error for success", 200, nil, `{"error_code":"GES.8011","error_msg":"m"}`, "body /job_id required schema-of-success", under(successClause, "required")},
	{"no code", 400, nil, `{"error_msg":"m"}`, "body /error_code required schema-of-error", under(errorClause, "required")},
	{"camel case in a refusal", 401, nil, `{"errorCode":"GES.8011","error_msg":"m"}`, "body /error_code required schema-of-error", under(errorClause, "required")},
	{"letter case in a refusal", 401, nil, `{"ERROR_CODE":"GES.8011","error_msg":"m"}`, "body /ERROR_CODE letter-case schema-of-error", under(errorClause, "required")},
	{"empty message", 500, nil, `{"error_code":"GES.8011","error_msg":""}`, "body /error_msg minLength schema-of-error", under(errorClause, "error_msg:", "minLength")},
	{"null message", 500, nil, `{"error_code":"GES.8011","error_msg":null}`, "body /error_msg nullable schema-of-error", under(errorClause, "error_msg:", "type")},
	{"code in small letters", 400, nil, `{"error_code":"ges.8011","error_msg":"m"}`, "body /error_code pattern code-form", under(errorClause, "pattern")},
	{"code of five digits", 400, nil, `{"error_code":"GES.80111","error_msg":"m"}`, "body /error_code pattern code-form", under(errorClause, "pattern")},
	{"code as a number", 400, nil, `{"error_code":8011,"error_msg":"m"}`, "body /error_code scalar schema-of-error", under(errorClause, "error_code:", "type")},
}

func TestAnswers(t *testing.T) {
	c := load(t)
	op := c.Operation("upgradeGraph")
	for _, test := range answers {
		t.Run(test.name, func(t *testing.T) {
			a := jsonAnswer(test.status, test.body)
			if test.header != nil {
				a.Header = test.header
			}
			problems := c.JudgeAnswer(op, "POST", a)
			if test.want == "" {
				if len(problems) > 0 {
					t.Errorf("got %v", problems)
				}
				return
			}
			if len(problems) == 0 {
				t.Fatal("no problem found")
			}
			p := problems[len(problems)-1]
			got := fmt.Sprintf("%s %s %s %s", p.In, p.Name+p.Pointer, p.Keyword, p.Aspect)
			for _, other := range problems[:len(problems)-1] {
				if other.Keyword == p.Keyword {
					t.Errorf("got another problem of the same keyword: %v", other)
				}
			}
			if got != test.want || p.Line != lineOf(t, test.line...) {
				t.Errorf("got %s (line %d), want %s (line %d)", got, p.Line, test.want, lineOf(t, test.line...))
			}
			if c.RequirementJudging(op, p.Aspect) == nil {
				t.Errorf("no requirement judges %s", p.Aspect)
			}
		})
	}
}

func TestAnswersOfOddOperations(t *testing.T) {
	c := withOddities(t)
	op := c.Operation("odd")
	for _, test := range []struct {
		method string
		status int
		body   string
		want   contract.Aspect
	}{
		{"PUT", 200, `"anything"`, ""},
		{"PUT", 200, `"any`, contract.AspectJSON},
		{"PUT", 204, "", ""},
		{"PUT", 404, "[]", ""},
		{"PUT", 404, "{}", contract.AspectSchemaOfError},
		{"PUT", 500, "", contract.AspectStatus},
		{"HEAD", 404, "", ""},
	} {
		problems := c.JudgeAnswer(op, test.method, jsonAnswer(test.status, test.body))
		if len(problems) > 1 || test.want == "" && len(problems) > 0 || test.want != "" && (len(problems) == 0 || problems[0].Aspect != test.want) {
			t.Errorf("%s %d %s: got %v, want %q", test.method, test.status, test.body, problems, test.want)
		}
	}
}

// Real traces, as the runtimes print them.
var traces = map[string]string{
	"Java":                   "java.lang.NullPointerException: x\n\tat com.example.Graph.upgrade(Graph.java:42)\n\tat com.example.Main.main(Main.java:7)",
	"Java, a module":         "\tat java.base/java.lang.Thread.run(Thread.java:829)",
	"Java, an application":   "\tat app//com.example.Graph.upgrade(Graph.java:42)",
	"Java, native":           "\tat sun.reflect.NativeMethodAccessorImpl.invoke0(Native Method)",
	"Java, a constructor":    "\tat com.example.Graph.<init>(Graph.java:12)",
	"Java, a lambda":         "\tat com.example.Graph$$Lambda$14/0x0000.run(Unknown Source)",
	"Java, a cause":          "Caused by: java.sql.SQLException: connection refused",
	"Java, a thread":         `Exception in thread "main" java.lang.IllegalStateException`,
	"Kotlin":                 "\tat com.example.GraphKt.upgrade(Graph.kt:3)",
	"Go":                     "goroutine 17 [running]:\nmain.main()\n\t/src/main.go:12 +0x1d",
	"Go, a frame":            "\t/usr/local/go/src/net/http/server.go:3137 +0x5e",
	"Go, a panic":            "panic: runtime error: invalid memory address or nil pointer dereference",
	"Go, what was recovered": "http: panic serving: runtime error: index out of range [5] with length 3",
	"Python":                 "Traceback (most recent call last):\n  File \"/app/graph.py\", line 12, in upgrade\n    raise ValueError",
	"Python, a frame":        `  File "/app/graph.py", line 12, in upgrade`,
	"JavaScript":             "TypeError: x is undefined\n    at Object.<anonymous> (/app/graph.js:10:5)",
	"JavaScript, node":       "    at node:internal/main/run_main_module:23:47",
	"JavaScript, a module":   "    at async upgrade (file:///app/graph.mjs:3:9)",
	"JavaScript, Windows":    `    at new Graph (C:\app\graph.ts:1:1)`,
	".NET":                   "   at Ges.Graph.Upgrade(String version) in /src/Graph.cs:line 42",
	".NET, without a file":   "   at System.Web.Mvc.Controller.ExecuteCore()",
	".NET, the end":          "   --- End of inner exception stack trace ---",
	"PHP":                    "Stack trace:\n#0 /var/www/graph.php(12): upgrade()\n#1 {main}",
	"PHP, fatal":             "Fatal error: Uncaught Exception: x in /var/www/graph.php:12",
	"PHP, as HTML":           "<b>Fatal error</b>:  Uncaught Error in <b>/var/www/graph.php</b> on line <b>3</b>",
	"Ruby":                   "/app/graph.rb:12:in `upgrade'",
	"Ruby 3.4":               "/app/graph.rb:12:in 'Graph#upgrade'",
	"Rust":                   "thread 'main' panicked at src/main.rs:2:5:",
	"Rust, the trace":        "stack backtrace:\n   0: rust_begin_unwind",
}

// lawful texts resemble stack traces but are none.
var lawful = []string{
	"",
	"The graph does not exist or has been deleted.",
	"graph [demo] is not found",
	"at least 1 graph (see page 3)",
	"Failed at step upgrade(graph)",
	"Exception in the request: upgrade_version is missing",
	"Caused by: a parameter error",
	"Caused by: TimeoutError",
	"Don't panic: try again later",
	"kernel panic: node is restarted",
	"The stack trace is written to the log. Stack trace: disabled.",
	"A goroutine leads nowhere",
	"See https://support.example.com/usermanual-ges/graph.java.html",
	"Look at com.example.Graph for more",
	"File graph.py, line 3 of the schema is wrong",
	`File "vertex.csv", line 12: expected 3 columns`,
	"Fatal error: the disk is full",
	"thread pool exhausted",
	"Incorrect IAM authentication information: x-auth-token not found",
	"runtime error",
	"started at 12:30:05 (node 3)",
	"https://example.com/a.js:10",
	"at /v2/p/graphs/g/upgrade",
	"edge.rb:12",
	"ges-#1 (12): data.php",
	"at System.Collections",
}

func TestStackTraces(t *testing.T) {
	c := load(t)
	op := c.Operation("upgradeGraph")
	found := func(a *contract.Answer, in contract.In, want string) bool {
		for _, p := range c.JudgeAnswer(op, "POST", a) {
			if p.Aspect == contract.AspectNoStackTrace && p.In == in && strings.HasSuffix(p.Message, " of "+want) {
				return true
			}
		}
		return false
	}
	for name, trace := range traces {
		runtime, _, _ := strings.Cut(name, ",")
		runtime, _, _ = strings.Cut(runtime, " ")
		if runtime == "Kotlin" {
			runtime = "Java"
		}
		if !found(jsonAnswer(500, trace), contract.InBody, runtime) {
			t.Errorf("%s: not found in a body of plain text", name)
		}
		quoted := fmt.Sprintf(`{"error_code":"GES.8011","error_msg":%s}`, quoteJSON(t, trace))
		if !found(jsonAnswer(500, quoted), contract.InBody, runtime) {
			t.Errorf("%s: not found within JSON: %s", name, quoted)
		}
		a := jsonAnswer(302, "")
		a.Header.Set("X-Error", strings.ReplaceAll(trace, "\n", " "))
		if !found(a, contract.InHeader, runtime) && !strings.Contains(trace, "\n") {
			t.Errorf("%s: not found in a header", name)
		}
	}
	for _, text := range lawful {
		for _, body := range []string{text, fmt.Sprintf(`{"error_code":"GES.8011","error_msg":%s}`, quoteJSON(t, text))} {
			a := jsonAnswer(400, body)
			a.Header.Set("X-Message", text)
			for _, p := range c.JudgeAnswer(op, "POST", a) {
				if p.Aspect == contract.AspectNoStackTrace {
					t.Errorf("%q was taken for a stack trace: %v", text, p)
				}
			}
		}
	}
}

func TestErrorCode(t *testing.T) {
	for body, want := range map[string]string{
		`{"error_code":"GES.8011"}`: "GES.8011", `{"error_code":7}`: "", `{}`: "", `[]`: "", `"x"`: "", ``: "", `{`: "",
		`{"error_code":"GES.0001","error_code":"GES.0002"}`: "GES.0002", `{"ERROR_CODE":"GES.0001"}`: "",
	} {
		if got := (&contract.Answer{Body: []byte(body)}).ErrorCode(); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}
