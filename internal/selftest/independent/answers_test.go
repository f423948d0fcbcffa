package independent_test

import (
	"fmt"
	"net/http"
)

const hidden = "no upgrade is accepted below destructive"

var wrongSuccesses = []row{
	{name: "202", turn: edited(taken, status(202)), foundFrom: oneUpgrade, why: hidden},
	{name: "201", turn: edited(taken, status(201)), foundFrom: oneUpgrade, why: hidden},
	{name: "204", turn: edited(taken, func(_ *call, r *reply) { r.status, r.body = 204, nil }), foundFrom: oneUpgrade, why: hidden},
	{name: "200 without a body", turn: edited(taken, text("")), foundFrom: oneUpgrade, why: hidden},
	{name: "200 {}", turn: edited(taken, text("{}")), foundFrom: oneUpgrade, why: hidden},
	{name: "200 null", turn: edited(taken, text("null")), foundFrom: oneUpgrade, why: hidden},
	{name: "job_id null", turn: edited(taken, set("job_id", nil)), foundFrom: oneUpgrade, why: hidden},
	{name: "job_id empty", turn: edited(taken, set("job_id", "")), foundFrom: oneUpgrade, why: hidden},
	{name: "job_id a number", turn: edited(taken, set("job_id", 17)), foundFrom: oneUpgrade, why: hidden},
	{name: "job_id an array", turn: edited(taken, mapped(func(b object) any { return object{"job_id": []any{b["job_id"]}} })), foundFrom: oneUpgrade, why: hidden},
	{name: "jobId", turn: edited(taken, rename("job_id", "jobId")), foundFrom: oneUpgrade, why: hidden},
	{name: "id", turn: edited(taken, rename("job_id", "id")), foundFrom: oneUpgrade, why: hidden},
	{name: "job_id in data", turn: edited(taken, mapped(func(b object) any { return object{"data": b} })), foundFrom: oneUpgrade, why: hidden},
	{name: "job_id alone", turn: edited(taken, mapped(func(b object) any { return b["job_id"] })), foundFrom: oneUpgrade, why: hidden},
	{name: "200 in an array", turn: edited(taken, mapped(func(b object) any { return []any{b} })), foundFrom: oneUpgrade, why: hidden},
	{name: "200 as text/plain", turn: edited(taken, header("Content-Type", "text/plain")), foundFrom: oneUpgrade, why: hidden},
	{name: "200 as text/json", turn: edited(taken, header("Content-Type", "text/json")), foundFrom: oneUpgrade, why: hidden},
	{name: "200 without Content-Type", turn: edited(taken, header("Content-Type", "")), foundFrom: oneUpgrade, why: hidden},
	{name: "200 of HTML", turn: edited(taken, and(text("<p>done</p>"), header("Content-Type", "text/html"))), foundFrom: oneUpgrade, why: hidden},
	{name: "200 cut short", turn: edited(taken, text(`{"job_id":"f99f60f1-bba6`)), foundFrom: oneUpgrade, why: hidden},
	{name: "200 with a comma too many", turn: edited(taken, mapped(func(b object) any { return fmt.Appendf(nil, `{"job_id":%q,}`, b["job_id"]) })), foundFrom: oneUpgrade, why: hidden},
	{name: "200 with single quotes", turn: edited(taken, mapped(func(b object) any { return fmt.Appendf(nil, `{'job_id':'%s'}`, b["job_id"]) })), foundFrom: oneUpgrade, why: hidden},
	{name: "200 of two values", turn: edited(taken, mapped(func(b object) any { return fmt.Appendf(nil, `{"job_id":%q}{}`, b["job_id"]) })), foundFrom: oneUpgrade, why: hidden},
	{name: "200 with job_id twice", turn: edited(taken, mapped(func(b object) any { return fmt.Appendf(nil, `{"job_id":"x","job_id":%q}`, b["job_id"]) })), foundFrom: oneUpgrade, why: hidden},
	{name: "200 not in UTF-8", turn: edited(taken, mapped(func(b object) any { return fmt.Appendf(nil, `{"job_id":%q,"note":"a`+"\xff"+`"}`, b["job_id"]) })), foundFrom: oneUpgrade, why: hidden},
	{name: "200 with an error and no job", turn: edited(taken, text(`{"error_code":"GES.7006","error_msg":"internal error"}`)), foundFrom: oneUpgrade, why: hidden},
	{name: "307 though taken on", turn: edited(taken, and(status(307), header("Location", "/elsewhere"))), foundFrom: oneUpgrade, why: hidden},
	{name: "500 though taken on", turn: edited(taken, and(status(500), text(`{"error_code":"GES.7006","error_msg":"internal error"}`))), foundFrom: oneUpgrade, why: hidden},
	{name: "503 though taken on", turn: edited(taken, and(status(503), text(`{"error_code":"GES.8602","error_msg":"engine unavailable"}`))), foundFrom: oneUpgrade, why: hidden},
	{name: "400 though taken on", turn: edited(taken, and(status(400), text(`{"error_code":"GES.0001","error_msg":"bad parameter"}`))), foundFrom: oneUpgrade, why: hidden},
}

var wrongErrors = []row{
	{name: "no error_code", turn: edited(refused, del("error_code"))},
	{name: "no error_msg", turn: edited(refused, del("error_msg"))},
	{name: "error_code empty", turn: edited(refused, set("error_code", ""))},
	{name: "error_msg empty", turn: edited(refused, set("error_msg", ""))},
	{name: "error_code null", turn: edited(refused, set("error_code", nil))},
	{name: "error_msg null", turn: edited(refused, set("error_msg", nil))},
	{name: "error_msg an array", turn: edited(refused, set("error_msg", []string{"a"}))},
	{name: "error_code a number", turn: edited(refused, set("error_code", 7016))},
	{name: "errorCode and errorMessage", turn: edited(refused, and(rename("error_code", "errorCode"), rename("error_msg", "errorMessage")))},
	{name: "code and message", turn: edited(refused, and(rename("error_code", "code"), rename("error_msg", "message")))},
	{name: "error_message", turn: edited(refused, rename("error_msg", "error_message"))},
	{name: "errors in error", turn: edited(refused, mapped(func(b object) any { return object{"error": b} }))},
	{name: "errors in an array", turn: edited(refused, mapped(func(b object) any { return []any{b} }))},
	{name: "code without a full stop", turn: edited(refused, set("error_code", "GES7016"))},
	{name: "code with a hyphen", turn: edited(refused, set("error_code", "GES-7016"))},
	{name: "code of five digits", turn: edited(refused, set("error_code", "GES.70161"))},
	{name: "code of three digits", turn: edited(refused, set("error_code", "GES.701"))},
	{name: "code in lower case", turn: edited(refused, set("error_code", "ges.7016"))},
	{name: "code of another service", turn: edited(refused, set("error_code", "AS.0001"))},
	{name: "code of words", turn: edited(refused, set("error_code", "INVALID_PARAMETER"))},
	{name: "code with space after", turn: edited(refused, set("error_code", "GES.7016 "))},
	{name: "errors without a body", turn: edited(refused, text(""))},
	{name: "errors of text", turn: edited(refused, and(text("bad request\n"), header("Content-Type", "text/plain; charset=utf-8")))},
	{name: "errors of HTML", turn: edited(refused, and(text("<h1>Error</h1>"), header("Content-Type", "text/html")))},
	{name: "errors as text/plain", turn: edited(refused, header("Content-Type", "text/plain"))},
	{name: "errors as problem+json", turn: edited(refused, header("Content-Type", "application/problem+json"))},
	{name: "errors without Content-Type", turn: edited(refused, header("Content-Type", ""))},
	{name: "errors as 200", turn: edited(refused, status(200))},
	{name: "errors as 422", turn: edited(kinds(badBodies...), status(422)), should: "answer.code-precise"},
	{name: "bad bodies as 500", turn: edited(kinds(badBodies...), status(500)), foundFrom: guarded, why: "the graph is looked for first"},
	{name: "bad JSON as text", turn: edited(kinds("syntax"), and(text("invalid character\n"), header("Content-Type", "text/plain"))), foundFrom: guarded, why: "the graph is looked for first"},
	{name: "missing version as text", turn: edited(kinds("missing"), and(text("need upgrade_version\n"), header("Content-Type", "text/plain"))), foundFrom: oneUpgrade, why: "a request without a version may start anything"},
	{name: "401 as text", turn: edited(kinds("no-token"), and(text("Unauthorized\n"), header("Content-Type", "text/plain")))},
	{name: "error in a string", turn: edited(refused, mapped(func(b object) any { return fmt.Sprint(b) }))},
	{name: "error cut short", turn: edited(refused, text(`{"error_code":"GES.7016","error_msg":"the bo`))},
	{name: "error_code twice", turn: edited(refused, mapped(func(b object) any {
		return fmt.Appendf(nil, `{"error_code":%q,"error_code":%q,"error_msg":"x"}`, b["error_code"], b["error_code"])
	}))},
}

var wrongReads = []row{
	{name: "graph without id", turn: edited(shown, del("graph.id"))},
	{name: "graph without name", turn: edited(shown, del("graph.name"))},
	{name: "graph without status", turn: edited(shown, del("graph.status"))},
	{name: "graph without version", turn: edited(shown, del("graph.data_store_version"))},
	{name: "graph's version null", turn: edited(shown, set("graph.data_store_version", nil))},
	{name: "graph's version a number", turn: edited(shown, set("graph.data_store_version", 1.5))},
	{name: "graph's version in camel case", turn: edited(shown, rename("graph.data_store_version", "dataStoreVersion"))},
	{name: "graph's status a number", turn: edited(shown, set("graph.status", 200))},
	{name: "graph's status a word", turn: edited(shown, set("graph.status", "RUNNING"))},
	{name: "graph's name null", turn: edited(shown, set("graph.name", nil))},
	{name: "graph's id another", turn: edited(shown, set("graph.id", "00000000-0000-4000-8000-000000000000"))},
	{name: "graph not in graph", turn: edited(shown, mapped(func(b object) any { return b["graph"] }))},
	{name: "graph in an array", turn: edited(shown, mapped(func(b object) any { return object{"graph": []any{b["graph"]}} }))},
	{name: "graph as text/plain", turn: edited(shown, header("Content-Type", "text/plain"))},
	{name: "graph with 203", turn: edited(shown, status(203))},
	{name: "unknown graph 200 {}", turn: edited(func(c *call, _ *reply) bool { return c.op == "graph" && c.kind == "no-graph" }, and(status(200), text("{}")))},
	{name: "unknown graph 200 null", turn: edited(func(c *call, _ *reply) bool { return c.op == "graph" && c.kind == "no-graph" }, and(status(200), text(`{"graph":null}`)))},
	{name: "unknown job 200 {}", turn: edited(func(c *call, _ *reply) bool { return c.op == "job" && c.kind == "no-job" }, and(status(200), text("{}")))},
	{name: "unknown job 200 failed", turn: edited(func(c *call, _ *reply) bool { return c.op == "job" && c.kind == "no-job" }, and(status(200), text(`{"job_id":"x","status":"failed"}`)))},
	{name: "foreign graph shown to anybody", turn: func(k *knobs) { k.skip["foreign"] = true }},
	{name: "no token to read", turn: func(k *knobs) {
		k.before = func(c *call, _ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet {
				r.Header.Set("X-Auth-Token", goodToken)
			}
			return false
		}
	}},
}
