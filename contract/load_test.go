package contract_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/contract"
)

// brokenDocuments are openapi.yaml with one text replaced. The error must name the line
// of at in the broken document, and contain want.
var brokenDocuments = []struct {
	name, old, with string
	at              []string
	want            string
}{
	{"requirement twice", "id: upgrade.job-id\n", "id: upgrade.accepted\n", []string{"id: upgrade.accepted", "id: upgrade.accepted"}, "requirement upgrade.accepted: appears twice"},
	{"requirement id", "id: upgrade.job-id\n", "id: UPGRADE\n", []string{"id: UPGRADE"}, `requirement id "UPGRADE": expected the form`},
	{"unknown source of a requirement", "source: [upgrade-eu-2024-01, ours-d6]\n          ours: [minLength]\n          judges", "source: [nowhere]\n          judges", []string{"id: upgrade.job-id"}, `requirement upgrade.job-id: unknown source "nowhere"`},
	{"no source", "          source: [upgrade-eu-2024-01, ours-d6]\n          ours: [minLength]\n          judges", "          judges", []string{"id: upgrade.job-id"}, "requirement upgrade.job-id: has no source"},
	{"unknown source of a refusal", "when: [{in: body, keyword: unknown}]\n    level: MAY\n    answers: [{status: 400, codes: [GES.7016, GES.0001, GES.8000, GES.8005]}]\n    tolerated: [bad-request]\n    source: [ours-d7]", "when: [{in: body, keyword: unknown}]\n    level: MAY\n    answers: [{status: 400, codes: any}]\n    source: [rfc0]", []string{"\n  unknown-member:"}, `refusal unknown-member: unknown source "rfc0"`},
	{"unknown source of a code", "plane: gateway, source: gateway-codes}\n  APIGW.0103", "plane: gateway, source: nowhere}\n  APIGW.0103", []string{"  APIGW.0101: {"}, `error code APIGW.0101: unknown source "nowhere"`},
	{"source without a date", "#section-1, date: 2017-12-01}", "#section-1}", []string{"\n  rfc8259-1: "}, "source rfc8259-1: expected title, url and date"},
	{"RFC without a section", "rfc8259#section-1, ", "rfc8259, ", []string{"\n  rfc8259-1: "}, "source rfc8259-1: expected the section of the RFC in url and title"},
	{"RFC with another section", "rfc8259#section-1, ", "rfc8259#section-3, ", []string{"\n  rfc8259-1: "}, "source rfc8259-1: expected the section of the RFC in url and title"},
	{"decision without a reason", "ours-d4: {title: 'No permission: 403, or 400 GES.7041', reason: 'Both are published, and both tell a caller the same.'}", "ours-d4: {title: t}", []string{"\n  ours-d4: "}, "source ours-d4: expected title and reason of a decision of ours"},
	{"page with a reason", "#section-1, date: 2017-12-01}", "#section-1, date: 2017-12-01, reason: r}", []string{"\n  rfc8259-1: "}, "source rfc8259-1: expected no reason"},
	{"unknown decision", "source: [ours-d7]\n          refuses", "source: [ours-d99]\n          refuses", []string{"id: upgrade.unknown-members"}, `requirement upgrade.unknown-members: unknown source "ours-d99"`},
	{"not said what is ours", "          ours: [minLength]\n          judges: schema-of-success", "          judges: schema-of-success", []string{"id: upgrade.job-id"}, "requirement upgrade.job-id: has sources of both kinds: expected ours"},
	{"ours without a decision", "          source: [ours-d10]\n          refuses: [malformed-version]", "          source: [ours-d10]\n          ours: [all]\n          refuses: [malformed-version]", []string{"id: upgrade.version-form"}, "requirement upgrade.version-form: has sources of one kind: expected no ours"},
	{"all and more are ours", "          ours: [minLength]\n          judges: schema-of-success", "          ours: [all, minLength]\n          judges: schema-of-success", []string{"id: upgrade.job-id"}, "ours: expected [all] or a list without it"},
	{"parameter without a source", "      x-source: [job-2025-12, ours-d8]\n", "", []string{"    JobId:\n", "name: job_id"}, "has no x-source"},
	{"schema without a source", "    Graph:\n      type: object\n      x-source: [graph-2025-12]\n", "    Graph:\n      type: object\n", []string{"    Graph:\n", "type: object"}, "has no x-source"},
	{"unknown source of a schema", "    Graph:\n      type: object\n      x-source: [graph-2025-12]\n", "    Graph:\n      type: object\n      x-source: [nowhere]\n", []string{"x-source: [nowhere]"}, `x-source: unknown source "nowhere"`},
	{"unknown source of an example", "x-published: [upgrade-zh-2025-06]", "x-published: [nowhere]", []string{"x-published: [nowhere]"}, `x-published: unknown source "nowhere"`},
	{"no text", "          text: The 200 carries job_id, a string that is not empty.\n", "", []string{"id: upgrade.job-id"}, "requirement upgrade.job-id: has no text"},
	{"no level", "          level: MUST\n          text: The 200 carries", "          text: The 200 carries", []string{"id: upgrade.job-id"}, `level: expected MUST, SHOULD or MAY, got ""`},
	{"bad level", "          level: MUST\n          text: The 200 carries", "          level: must\n          text: The 200 carries", []string{"id: upgrade.job-id"}, `got "must"`},
	{"bad level of a refusal", "keyword: unknown}]\n    level: MAY", "keyword: unknown}]\n    level: PERHAPS", []string{"\n  unknown-member:"}, `refusal unknown-member: level: expected MUST, SHOULD or MAY, got "PERHAPS"`},
	{"two levels", "keyword: unknown}]\n    level: MAY", "keyword: unknown}]\n    level: MUST", []string{"id: upgrade.unknown-members"}, `is a MAY, but the refusal "unknown-member" is a MUST`},
	{"misspelt key", "          judges: schema-of-success", "          judge: schema-of-success", []string{"          judge: schema"}, `unknown key "judge", did you mean "judges"?`},
	{"misspelt key of a refusal", "    first: true\n    level: MUST\n    answers: [{status: 401, codes: [APIGW.0301, APIGW.0303, APIGW.0305, APIGW.0307, APIGW.0311, GES.0001, GES.8007]}]\n    tolerated: [bad-token]\n    source: [gateway-codes, iam-token", "    fist: true\n    level: MUST\n    answers: [{status: 401, codes: [APIGW.0301]}]\n    source: [gateway-codes, iam-token", []string{"fist: true"}, `unknown key "fist"`},
	{"misspelt key of when", "when: [{in: body, keyword: syntax}]", "when: [{in: body, keywords: syntax}]", []string{"keywords: syntax"}, `unknown key "keywords"`},
	{"no way", "          judges: schema-of-success\n", "", []string{"id: upgrade.job-id"}, "expected one of refuses, accepts, observes, judges and expects, got 0"},
	{"two ways", "          judges: schema-of-success\n", "          judges: schema-of-success\n          accepts: [a]\n", []string{"id: upgrade.job-id"}, "got 2"},
	{"no time", "          within: 30s\n        - id: upgrade.effect-at-once", "          within: 0s\n        - id: upgrade.effect-at-once", []string{"id: upgrade.effect\n"}, "requirement upgrade.effect: within: expected a duration above 0 and of at most 10m0s, got 0s"},
	{"too much time", "          within: 30s\n        - id: upgrade.effect-at-once", "          within: 1h\n        - id: upgrade.effect-at-once", []string{"id: upgrade.effect\n"}, "within: expected a duration above 0 and of at most 10m0s, got 1h0m0s"},
	{"time without a unit", "          within: 30s\n        - id: upgrade.effect-at-once", "          within: 30\n        - id: upgrade.effect-at-once", []string{"within: 30\n"}, "within: "},
	{"time for what is not observed", "          judges: schema-of-success\n", "          judges: schema-of-success\n          within: 30s\n", []string{"id: upgrade.job-id\n"}, "within: only what is observed may take time"},
	{"unknown aspect", "judges: schema-of-success", "judges: beauty", []string{"id: upgrade.job-id"}, `unknown aspect "beauty"`},
	{"unknown side", "          judges: schema-of-success\n", "          judges: schema-of-success\n          appliesTo: [moon]\n", []string{"id: upgrade.job-id"}, `expected server or client, got "moon"`},
	{"server's alone for the client", "          judges: schema-of-success\n", "          judges: schema-of-success\n          appliesTo: [client]\n", []string{"id: upgrade.job-id"}, `requirement upgrade.job-id: appliesTo: expected server, got ["client"]; only what a requirement expects can be seen of a client`},
	{"expected of nobody", "          appliesTo: [client]\n          expects: sends\n", "          expects: sends\n", []string{"id: client.sends"}, `requirement client.sends: expects: is about clients only; expected appliesTo: [client] beside it, got []`},
	{"expected of both", "          appliesTo: [client]\n          expects: sends\n", "          appliesTo: [client, server]\n          expects: sends\n", []string{"id: client.sends"}, `expected appliesTo: [client] beside it, got ["client" "server"]`},
	{"unknown behaviour", "expects: sends\n", "expects: beauty\n", []string{"id: client.sends"}, `requirement client.sends: expects: unknown behaviour "beauty", expected one of ["sends" "request-lawful" `},
	{"expected twice", "expects: poll-pace\n", "expects: sends\n", []string{"id: client.poll-pace"}, "requirement client.poll-pace: expects \"sends\", which client.sends already does"},
	{"expected and judged", "          expects: sends\n", "          expects: sends\n          judges: schema\n", []string{"id: client.sends"}, "requirement client.sends: expected one of refuses, accepts, observes, judges and expects, got 2"},
	{"a list of what is expected", "expects: sends\n", "expects: [sends, ends]\n", []string{"expects: [sends, ends]"}, "expects: expected text, got a list"},
	{"time for what is expected", "          expects: sends\n", "          expects: sends\n          within: 30s\n", []string{"id: client.sends"}, "requirement client.sends: within: only what is observed may take time"},
	{"formerly another's id", "          judges: schema-of-success\n", "          judges: schema-of-success\n          formerly: auth.valid\n", []string{"id: upgrade.job-id"}, "formerly: auth.valid is the id of another requirement"},
	{"wrong type of a field", "          judges: schema-of-success\n", "          judges: schema-of-success\n          refuses: {a: b}\n", []string{"refuses: {a: b}"}, "refuses: expected a list, got a mapping"},
	{"unknown code in a refusal", "answers: [{status: 400, codes: [GES.7001]}]", "answers: [{status: 400, codes: [GES.0666]}]", []string{"codes: [GES.0666]"}, `refusal upgrade-under-way: unknown error code "GES.0666"`},
	{"unknown code in what is second best", "codes: [GES.7037]", "codes: [GES.0666]", []string{"\n  not-stopped:"}, `second best not-stopped: unknown error code "GES.0666"`},
	{"second best without a reason", "    codes: [GES.7037]\n    reason: ", "    codes: [GES.7037]\n#", []string{"\n  not-stopped:"}, "second best not-stopped: expected statuses from 400 to 499, codes, and the reason"},
	{"second best without codes", "codes: [GES.7037]", "codes: any", []string{"\n  not-stopped:"}, "second best not-stopped: expected statuses from 400 to 499, codes, and the reason"},
	{"a success that is second best", "    status: 400 403 404 409 412 422 423\n", "    status: 400 200\n", []string{"\n  not-stopped:"}, "second best not-stopped: expected statuses from 400 to 499, codes, and the reason"},
	{"a reason for what is lawful", "answers: [{status: 400, codes: [GES.7001]}]", "answers: [{status: 400, codes: [GES.7001], reason: why}]", []string{"reason: why"}, "refusal upgrade-under-way: expected no reason for what is lawful"},
	{"unknown second best", "tolerated: [no-such-job, bad-id]", "tolerated: [no-such-thing]", []string{"tolerated: [no-such-thing]"}, `refusal unknown-job: unknown "no-such-thing", expected one of x-second-best`},
	{"bad status", "answers: [{status: 400, codes: [GES.7001]}]", "answers: [{status: 4X0, codes: [GES.7001]}]", []string{"status: 4X0"}, `expected three digits or a class such as 4XX, got "4X0"`},
	{"no codes", "answers: [{status: 400, codes: [GES.7001]}]", "answers: [{status: 400}]", []string{"answers: [{status: 400}]"}, "codes: expected a list of error codes, or any"},
	{"no answers", "    answers: [{status: 400, codes: [GES.7001]}]\n", "", []string{"\n  upgrade-under-way:"}, "refusal upgrade-under-way: expected when and answers"},
	{"unknown relation", "relation: upgrading}", "relation: sleeping}", []string{"relation: sleeping"}, `unknown relation "sleeping"`},
	{"unknown keyword", "when: [{in: body, keyword: syntax}]", "when: [{in: body, keyword: grammar}]", []string{"keyword: grammar"}, `unknown keyword "grammar"`},
	{"unknown part", "when: [{in: body, keyword: syntax}]", "when: [{in: soul, keyword: syntax}]", []string{"in: soul"}, `unknown part of a request "soul"`},
	{"keyword and relation", "relation: upgrading}", "relation: upgrading, keyword: syntax}", []string{"relation: upgrading"}, "expected a keyword or a relation"},
	{"unknown condition of an operation", "        - upgrade-under-way\n        - target", "        - upgrade-underway\n        - target", []string{"- upgrade-underway"}, `operation upgradeGraph: unknown refusal "upgrade-underway"`},
	{"condition twice", "        - upgrade-under-way\n        - target", "        - stopped-graph\n        - target", []string{"- stopped-graph", "- stopped-graph"}, `refusal "stopped-graph": appears twice`},
	{"unknown condition of a requirement", "refuses: [upgrade-under-way]", "refuses: [upgrade-underway]", []string{"id: upgrade.one-at-a-time"}, `unknown condition "upgrade-underway"`},
	{"refusal without a requirement", "          refuses: [upgrade-under-way]\n", "", []string{"        - upgrade-under-way"}, `operation upgradeGraph: no requirement refuses "upgrade-under-way"`},
	{"refusal with two requirements", "refuses: [upgrade-under-way]", "refuses: [target-not-later]", []string{"id: upgrade.target-later"}, `refuses "target-not-later", which upgrade.one-at-a-time already does`},
	{"requirement for a condition that the operation does not list", "        - upgrade-under-way\n        - target", "        - target", []string{"id: upgrade.one-at-a-time"}, `refuses "upgrade-under-way", which no operation it applies to lists`},
	{"refusal that no operation lists", "\n  unknown-job:\n", "\n  idle-one:\n    {when: [{in: body, keyword: not}], level: MAY, answers: [{status: 400, codes: any}], source: [samples]}\n  unknown-job:\n", []string{"idle-one"}, "refusal idle-one: no operation lists it"},
	{"refusals no list", "      x-requirements:\n        - id: graph.shown", "      x-nothing: 0\n      x-requirements: {}\n      x-more:\n        - id: graph.shown", []string{"x-requirements: {}"}, "x-requirements: expected a list"},
	{"graph state without a name", "'200': {name: running, ", "'200': {", []string{"'200': {"}, `graph state 200: expected a unique name, got ""`},
	{"two graph states of one name", "name: upgrading,", "name: running,", []string{"'201': {"}, `graph state 201: expected a unique name, got "running"`},
	{"graph state with half a refusal", "name: running, ", "name: running, code: GES.7001, ", []string{"'200': {"}, "graph state 200: expected relation and code, or neither"},
	{"graph state with another code", "relation: stopped, code: GES.7003, source: [graph-2025-12, error-codes-2021]}\n  '901'", "relation: stopped, code: GES.7036, source: [graph-2025-12, error-codes-2021]}\n  '901'", []string{"'900': {"}, `graph state 900: expected a code that is lawful for the relation stopped, got "GES.7036"`},
	{"graph state without a source", "name: running, source: [graph-2025-12]}", "name: running}", []string{"'200': {"}, "graph state 200: has no source"},
	{"code form", "  APIGW.0101: {", "  APIGW.101: {", []string{"  APIGW.101: {"}, `error code APIGW.101: expected the form`},
	{"code twice", "  APIGW.0103: {", "  APIGW.0101: {", []string{"APIGW.0101: {", "APIGW.0101: {"}, "appears twice"},
	{"code under both prefixes", "  APIGW.0103: {", "  APIG.0101: {", []string{"APIG.0101: {"}, "error code APIG.0101: appears twice, because it is an alias of APIGW.0101"},
	{"code form of no schema", "schema: '#/components/schemas/Error/properties/error_code'\n  aliases", "schema: '#/components/schemas/Error'\n  aliases", []string{"  schema: '#/components/schemas/Error'\n"}, `error code form: expected a schema of this document that has a pattern, got "#/components/schemas/Error"`},
	{"code form without a source", "  aliases: {APIG: APIGW}\n  source: [error-codes-2021, gateway-codes]\n", "  aliases: {APIG: APIGW}\n", []string{"\nx-error-code-form:"}, "error code form: has no source"},
	{"code form with another key", "  aliases: {APIG: APIGW}\n", "  alias: {APIG: APIGW}\n", []string{"  alias: {"}, `unknown key "alias", did you mean "aliases"?`},
	{"credential headers no list", "x-credential-headers: [", "x-credential-headers: X-Nothing\nx-other: [", []string{"x-credential-headers: X"}, "x-credential-headers: expected a list, got text"},
	{"broken YAML", "info:\n", "info: [\n", nil, "did not find expected"},
	{"key twice", "info:\n", "openapi: 3.0.3\ninfo:\n", []string{"openapi: 3.0.3", "openapi: 3.0.3"}, `"openapi" appears twice`},
	{"alias of itself", "info:\n  title: Graph", "info: &me\n  x-me: *me\n  title: Graph", nil, "expected at most 100 levels, got more"},
	{"merge of a number", "info:\n  title: Graph", "info:\n  <<: 7\n  title: Graph", []string{"<<: 7"}, "expected a mapping, or several, to merge, got a number"},
	{"infinite number", "    UpgradeGraphResponse:\n", "    X: {example: .inf}\n    UpgradeGraphResponse:\n", []string{"X: {example"}, "expected a number that JSON can write"},
	{"3.2", "openapi: 3.0.3", "openapi: 3.2.0", []string{"openapi: 3.2.0"}, `openapi: expected 3.0.x or 3.1.x, or swagger: '2.0', got "3.2.0"`},
	{"missing $ref", "schema: {$ref: '#/components/schemas/UpgradeGraphRequest'}", "schema: {$ref: '#/components/schemas/Nope'}", []string{"schemas/Nope"}, `$ref: this document has nothing at "#/components/schemas/Nope"`},
	{"$ref elsewhere", "schema: {$ref: '#/components/schemas/UpgradeGraphRequest'}", "schema: {$ref: 'other.yaml#/a'}", []string{"other.yaml"}, "$ref: this document has nothing at"},
	{"$ref to something that is not a schema", "schema: {$ref: '#/components/schemas/UpgradeGraphRequest'}", "schema: {$ref: '#/info'}", nil, ""},
	{"bad pattern", `pattern: '^[0-9]{1,9}(\.[0-9]{1,9}){1,3}$'`, `pattern: '^[0-9{1,9}('`, nil, "error parsing regexp"},
	{"bad x-pattern", `x-pattern: '^SDK-HMAC`, `x-pattern: '(^SDK-HMAC`, []string{"x-pattern: '(^SDK"}, "security scheme akSk: x-pattern: missing closing )"},
	{"no operationId", "      operationId: showGraph\n      summary", "      summary", []string{"    get:\n      summary: Show a graph"}, "has no operationId"},
	{"operationId twice", "operationId: showGraph\n      summary", "operationId: showJob\n      summary", nil, "showJob"},
	{"parameter in the query", "      operationId: showGraph\n      summary", "      operationId: showGraph\n      parameters: [{name: q, in: query, required: true, schema: {type: string}}]\n      summary", []string{"name: q"}, "parameter q: expected one that may be left out, since it is in the query"},
	{"parameter without a schema", "      operationId: showGraph\n      summary", "      operationId: showGraph\n      parameters: [{name: q, in: header, content: {application/json: {}}}]\n      summary", []string{"name: q"}, "parameter q: expected a schema"},
	{"list as a parameter", "      operationId: showGraph\n      summary", "      operationId: showGraph\n      parameters: [{name: q, in: header, schema: {type: array, items: {}}}]\n      summary", []string{"name: q"}, "expected a plain value, got an array"},
	{"half a segment", "  /v2/{project_id}/graphs/{graph_id}:\n", "  /v2/{project_id}/graphs/x{graph_id}:\n", []string{"    get:\n      operationId: showGraph"}, `must be a whole segment of the path, got "x{graph_id}"`},
	{"link to nowhere", "            job:\n              operationId: showJob", "            job:\n              operationId: showJobs", nil, "showJobs"},
	{"unknown security scheme", "  - akSk: []\n", "  - aksk: []\n", nil, `undefined security scheme "aksk"`},
	{"schemes together", "  - token: []\n  - akSk: []\n", "  - {token: [], akSk: []}\n", nil, "expected one scheme in each alternative, got 2"},
	{"scheme of another kind", "      type: apiKey\n      in: header\n      name: Authorization", "      type: http\n      scheme: basic", []string{"    akSk:\n", "type: http"}, "security scheme akSk: expected an apiKey in a header"},
	{"media type that is not JSON", "        content:\n          application/json:\n            schema: {$ref: '#/components/schemas/UpgradeGraphRequest'}", "        content:\n          text/plain:\n            schema: {$ref: '#/components/schemas/UpgradeGraphRequest'}", []string{"text/plain"}, "media type text/plain: expected application/json"},
	{"schema combined from itself", "    UpgradeGraphRequest:\n      type: object\n", "    UpgradeGraphRequest:\n      type: object\n      allOf: [{$ref: '#/components/schemas/UpgradeGraphRequest'}]\n", []string{"    UpgradeGraphRequest:\n"}, "is combined from itself"},
	{"unknown type", "        force_upgrade:\n          type: boolean", "        force_upgrade:\n          type: bool", nil, "unsupported 'type' value"},
	{"echo of nothing", "x-echoes: job_id", "x-echoes: jobid", []string{"x-echoes: jobid"}, `x-echoes: expected the name of a path parameter, got "jobid"`},
	{"echo no name", "x-echoes: job_id", "x-echoes: 7", []string{"x-echoes: 7"}, `x-echoes: expected the name of a path parameter, got ""`},
	{"path header of nothing", "{X-Project-Id: project_id}", "{X-Project-Id: project}", []string{"x-path-headers: {X-Project-Id: project}"}, `path header X-Project-Id: expected the name of a path parameter, got "project"`},
	{"path header in another case", "{X-Project-Id: project_id}", "{X-Project-ID: project_id}", []string{"x-path-headers: {X-Project-ID"}, "path header X-Project-ID: expected the name as X-Project-Id"},
	{"path headers no mapping", "{X-Project-Id: project_id}", "[X-Project-Id]", []string{"x-path-headers: ["}, "/x-path-headers: expected a mapping"},
	{"sources no mapping", "x-sources:\n", "x-sources: []\nx-other:\n", []string{"x-sources: []"}, "/x-sources: expected a mapping"},
	{"resource no mapping", "    named-by: graph_id\n", "    named-by: [graph_id]\n", []string{"named-by: [graph_id]"}, "x-resources/graph/named-by: expected a string, got an array"},
	{"resource of another key", "    named-by: graph_id\n", "    named-by: graph_id\n    named: x\n", []string{"    named: x"}, `x-resources/graph/named: expected no member "named"`},
	{"resource without a read", "    shown-by: showGraph\n", "", []string{"  graph:\n    named-by"}, `x-resources/graph/shown-by: expected the member "shown-by"`},
	{"resource shown by nothing", "shown-by: showGraph", "shown-by: showGraphs", []string{"  graph:\n    named-by"}, `resource graph: shown-by: unknown operation "showGraphs"`},
	{"resource shown by a change", "shown-by: showGraph", "shown-by: upgradeGraph", []string{"  graph:\n    named-by"}, "resource graph: shown-by: expected a GET, got POST"},
	{"resource named by nothing", "named-by: graph_id", "named-by: graph", []string{"  graph:\n    named-by"}, `resource graph: named-by: expected a path parameter of showGraph, got "graph"`},
	{"resource of nothing", "    of: graph\n", "    of: job\n", []string{"  job:\n    of"}, `resource job: of: expected another resource, got "job"`},
	{"resource without the member", "version: /graph/data_store_version", "version: /graph/version", []string{"  graph:\n    named-by"}, `resource graph: members.version: the success of showGraph has nothing at "/graph/version"`},
	{"resource changeable in no state", "version: /graph/data_store_version, state: /graph/status}", "version: /graph/data_store_version}", []string{"  graph:\n    named-by"}, "resource graph: changeable-in: expected members.state beside it"},
	{"resource without its source", "    source: [graph-2025-12]\n  job:", "    source: [none]\n  job:", []string{"  graph:\n    named-by"}, `resource graph: unknown source "none"`},
	{"source no mapping", "  rfc8259-1: {", "  rfc1: 7\n  rfc8259-1: {", []string{"rfc1: 7"}, "expected a mapping with title, url, date"},
}

func TestBrokenDocuments(t *testing.T) {
	for i, test := range brokenDocuments {
		if testing.Short() && i%4 != 0 {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			document := edit(t, test.old, test.with)
			_, err := contract.Parse("my/contract.yaml", document)
			if err == nil {
				t.Fatal("the document was loaded without an error")
			}
			got := err.Error()
			prefix := "load contract: my/contract.yaml:"
			if test.at != nil {
				prefix += fmt.Sprint(lineIn(t, document, test.at...)) + ": "
			}
			var line int
			if _, scanErr := fmt.Sscanf(got, "load contract: my/contract.yaml:%d: ", &line); scanErr != nil || line < 1 {
				t.Errorf("got %q, which names no line", got)
			}
			if !strings.HasPrefix(got, prefix) || !strings.Contains(got, test.want) || strings.Contains(got, "\n") {
				t.Errorf("got  %q\nwant %q … %q", got, prefix, test.want)
			}
		})
	}
}

func TestNotADocument(t *testing.T) {
	for _, test := range []struct{ name, document, want string }{
		{"nothing", "", ":1: expected an OpenAPI document, got nothing"},
		{"white space", " \n\n", ":1: expected an OpenAPI document, got nothing"},
		{"a comment", "# x\n", ":1: expected an OpenAPI document, got nothing"},
		{"a list", "- a\n- b\n", ":1: expected an OpenAPI document, got a list"},
		{"a text", "hello", ":1: expected an OpenAPI document, got text"},
		{"another mapping", "a: b\n", ":1: openapi: expected 3.0.x"},
		{"Swagger 1", "swagger: '1.2'\n", `:1: openapi: expected 3.0.x or 3.1.x, or swagger: '2.0', got swagger: "1.2"`},
		{"openapi no text", "openapi: [3]\n", ":1: openapi: expected 3.0.x"},
		{"no paths", "openapi: 3.0.3\ninfo: {title: t, version: '1'}\n", "paths"},
		{"control characters", "a: \x01\n", "expected text, got the control character U+0001"},
		{"not UTF-8", "a: \xff\n", ":1: expected text in UTF-8, got the byte 0xff"},
		{"two documents", string(gesconform.OpenAPI) + "\n---\na: b\n", "expected one document, got another"},
		{"broken second document", string(gesconform.OpenAPI) + "\n---\na: [\n", "did not find"},
		{"deep list", "openapi: 3.0.3\nx: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), ":2: expected at most 100 levels, got more"},
		{"endless list", "x: " + strings.Repeat("[", 3<<20), "exceeded max depth"},
		{"too large", strings.Repeat("#", 64<<20+1), ":1: expected at most 67108864 bytes, got more"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := contract.Parse("c.yaml", []byte(test.document))
			if err == nil || !strings.HasPrefix(err.Error(), "load contract: c.yaml:") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// Aliases of aliases must not be expanded: nine levels of nine are 400 million values. The
// error says how many were read.
func TestAliasBomb(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("x-0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n")
	for i := 1; i <= 9; i++ {
		fmt.Fprintf(&bomb, "x-%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9))
	}
	for _, test := range []struct{ name, old, with, want string }{
		{"anywhere", "openapi: 3.0.3\n", "openapi: 3.0.3\n" + bomb.String(), "expected at most 500000 values, aliases written out"},
		{"in an extension", "x-error-codes:\n", "x-error-codes:\n  GES.0000: {statuses: [*a9], meaning: m, plane: p, source: samples}\n", "expected the anchor of an alias before it"},
		{"in an extension, defined there", "x-error-codes:\n", "x-error-codes:\n" + strings.ReplaceAll(bomb.String(), "x-", "  GES.000"), "aliases written out"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := contract.Parse("bomb.yaml", edit(t, test.old, test.with))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	if _, err := contract.Load(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "load contract: ") {
		t.Errorf("load a missing file: got %v", err)
	}
	if _, err := contract.Load(t.TempDir()); err == nil {
		t.Error("load a directory: expected an error")
	}
	path := filepath.Join(t.TempDir(), "copy.yaml")
	if err := os.WriteFile(path, gesconform.OpenAPI, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := contract.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if c.Name() != path || c.Version() != load(t).Version() || c.SHA256() != load(t).SHA256() || len(c.SHA256()) != 64 {
		t.Errorf("got %q, %q, %q", c.Name(), c.Version(), c.SHA256())
	}
	again, _ := contract.Parse("x", append(bytes.Clone(gesconform.OpenAPI), '#'))
	if again == nil || again.SHA256() == c.SHA256() {
		t.Error("another document has the same digest")
	}
}

// The order of what is loaded must not depend on Go's order of map keys.
func TestLoadIsRepeatable(t *testing.T) {
	want := fmt.Sprintf("%+v", withOddities(t).Operation("odd").Parameters[0])
	for range 10 {
		c := withOddities(t)
		got := fmt.Sprintf("%+v", c.Operation("odd").Parameters[0])
		// The schema is a pointer, which differs; what is printed before it must not.
		if g, w := strings.Split(got, "Schema:")[0], strings.Split(want, "Schema:")[0]; g != w {
			t.Fatalf("got %s, then %s", w, g)
		}
	}
}

// The document that FuzzParse starts from must be valid, or it never gets far.
func TestSmallDocument(t *testing.T) {
	if _, err := contract.Parse("small.yaml", []byte(smallDocument)); err != nil {
		t.Error(err)
	}
}
