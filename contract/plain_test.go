package contract

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// plainOperation returns a document without extensions, and its operation, POST /p, with whatever fill sets.
func plainOperation(t *testing.T, fill func(op *Operation)) (*Contract, *Operation) {
	t.Helper()
	c, err := Parse("plain.yaml", []byte("openapi: 3.0.3\ninfo: {title: t, version: v}\npaths: {/p: {post: {operationId: p, responses: {'200': {description: d}}}}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	op := *c.Operation("p")
	fill(&op)
	return c, &op
}

// briefly writes the place, the keyword and, of an answer, the aspect of each problem; what is only advice is in brackets.
func briefly(problems []Problem) string {
	var all []string
	for _, p := range problems {
		text := strings.Join(slices.DeleteFunc([]string{string(p.In), p.Name, p.Pointer, p.Keyword, string(p.Aspect)}, func(s string) bool { return s == "" }), " ")
		if p.OnlyAdvice() {
			text = "(" + text + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func compiled(t *testing.T, text string) *Schema {
	t.Helper()
	s, _ := compileText(t, text)
	return s
}

func headerOf(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func TestParametersInEachPlace(t *testing.T) {
	c, op := plainOperation(t, func(op *Operation) {
		op.Parameters = []*Parameter{
			{Name: "limit", In: InQuery, Required: true, Style: StyleForm, Explode: true, Schema: compiled(t, `{"type":"integer","minimum":1}`)},
			{Name: "sort", In: InQuery, Style: StyleForm, Schema: compiled(t, `{"type":"array","items":{"enum":["a","b"]}}`)},
			{Name: "filter", In: InQuery, Style: StyleDeepObject, Explode: true, Schema: compiled(t, `{"type":"object","properties":{"since":{"type":"string","format":"date"}},"required":["since"]}`)},
			{Name: "quick", In: InQuery, Style: StyleForm, Explode: true, AllowEmptyValue: true, Schema: compiled(t, `{"type":"boolean"}`)},
			{Name: "where", In: InQuery, MediaType: "application/json", Schema: compiled(t, `{"type":"object"}`)},
			{Name: "X-List", In: InHeader, Style: StyleSimple, Schema: compiled(t, `{"type":"array","items":{"type":"integer"}}`)},
			{Name: "X-Any", In: InHeader, Style: StyleSimple},
			{Name: "crumb", In: InCookie, Style: StyleForm, Explode: true, Schema: compiled(t, `{"type":"string","minLength":2}`)},
		}
		op.Security = []Alternative{{}, {{Type: "apiKey", In: InQuery, Name: "key"}}}
	})
	for _, test := range []struct {
		query  string
		header http.Header
		want   string
	}{
		{"limit=7", nil, ""},
		{"", nil, "query limit required"},
		{"limit=0", nil, "query limit minimum"},
		{"limit=many", nil, "query limit scalar"},
		{"limit=1&limit=2", nil, "query limit repeated"},
		{"limit=%zz", nil, "query limit syntax"},
		{"limit=1&sort=a,b", nil, ""},
		{"limit=1&sort=a,c", nil, "query sort /1 enum"},
		{"limit=1&filter[since]=2026-01-01", nil, ""},
		{"limit=1&filter[since]=today", nil, "query filter /since format"},
		{"limit=1&filter[until]=2026-01-01", nil, "query filter /since required, (query filter /until unknown)"},
		{"limit=1&quick", nil, ""},
		{"limit=1&quick=", nil, ""},
		{"limit=1&quick=maybe", nil, "query quick scalar"},
		{"limit=1&where=%7B%7D", nil, ""},
		{"limit=1&where=%5B%5D", nil, "query where type"},
		{"limit=1&where=x", nil, "query where syntax"},
		{"limit=1&colour=red&key=k", nil, "(query colour unknown)"},
		{"limit=1&x[a]=1", nil, "(query x[a] unknown)"},
		{"limit=1", headerOf("X-List", "1, 2", "X-List", "3", "X-Any", ""), ""},
		{"limit=1", headerOf("X-List", "1, b"), "header X-List /1 scalar"},
		{"limit=1", headerOf("X-List", "1, 2", "X-List", "b"), "header X-List /2 scalar"},
		{"limit=1", headerOf("Cookie", "a=b; crumb=xy"), ""},
		{"limit=1", headerOf("Cookie", "a=b", "Cookie", "crumb=x"), "cookie crumb minLength"},
	} {
		r := &Request{Method: http.MethodPost, Path: "/p?" + test.query, Header: test.header}
		if got := briefly(c.JudgeRequest(op, r)); got != test.want {
			t.Errorf("%s %v: got %q, want %q", test.query, test.header, got, test.want)
		}
	}
	op.Parameters[7].Required = true
	if got := briefly(c.JudgeRequest(op, &Request{Method: http.MethodPost, Path: "/p?limit=1"})); got != "cookie crumb required" {
		t.Errorf("a cookie that is missing: got %q", got)
	}
}

// An object that is spread over the query takes whatever names it does not close itself to.
func TestSpreadParameters(t *testing.T) {
	for schema, want := range map[string]string{
		`{"type":"object","properties":{"a":{"type":"integer"}}}`:                                          "query o /a scalar, (query b unknown)",
		`{"type":"object","properties":{"a":{"type":"integer"}},"additionalProperties":{"type":"string"}}`: "query o /a scalar",
	} {
		c, op := plainOperation(t, func(op *Operation) {
			op.Parameters = []*Parameter{{Name: "o", In: InQuery, Style: StyleForm, Explode: true, Schema: compiled(t, schema)}}
		})
		if got := briefly(c.JudgeRequest(op, &Request{Method: http.MethodPost, Path: "/p?a=x&b=1"})); got != want {
			t.Errorf("%s: got %q, want %q", schema, got, want)
		}
	}
}

func TestPathParametersWithStyles(t *testing.T) {
	c, op := plainOperation(t, func(op *Operation) {
		op.Parameters = []*Parameter{{Name: "ids", In: InPath, Required: true, Style: StyleMatrix, Explode: true, Schema: compiled(t, `{"type":"array","items":{"type":"integer"},"maxItems":2}`)}}
	})
	for value, want := range map[string]string{";ids=1;ids=2": "", ";ids=1;ids=b": "path ids /1 scalar", ";ids=1;ids=2;ids=3": "path ids maxItems", "1": "path ids syntax", "a/b": "path ids slash"} {
		r := &Request{Method: http.MethodPost, Path: "/p", matched: op, values: map[string]string{"ids": value}}
		if got := briefly(c.JudgeRequest(op, r)); got != want {
			t.Errorf("%s: got %q, want %q", value, got, want)
		}
	}
}

// A document with requirements of its own says by them what of a query matters.
func TestQueriesOfDocumentsWithRequirements(t *testing.T) {
	c, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	op := c.Operation("listJobs")
	path := strings.NewReplacer("{project_id}", "p", "{graph_id}", "g").Replace(op.Path)
	r := &Request{Method: http.MethodGet, Path: path + "?limit=x&colour=red", Header: headerOf("X-Auth-Token", "t")}
	if got := briefly(c.JudgeRequest(op, r)); strings.Contains(got, "query") {
		t.Errorf("got %q", got)
	}
}

// A comma that is escaped is part of an item.
func TestEscapedPathParameters(t *testing.T) {
	c, err := Parse("plain.yaml", []byte(`openapi: 3.0.3
info: {title: t, version: v}
paths:
  /lists/{names}/of/{x}-{y}:
    get:
      operationId: p
      parameters:
        - {name: names, in: path, required: true, schema: {type: array, items: {type: string, pattern: '^[a-z],[a-z]$'}}}
        - {name: x, in: path, required: true, schema: {type: array, items: {type: integer}}}
        - {name: y, in: path, required: true, schema: {type: integer}}
      responses: {'200': {description: d}}
`))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/lists/a%2Cb,c%2cd/of/1,2-3": "", "/lists/a,b/of/1,2-3": "path names /0 pattern, path names /1 pattern", "/lists/a%2Cb/of/1,b-3": "path x /1 scalar",
	} {
		op, _, _ := c.Find(http.MethodGet, path)
		if got := briefly(c.JudgeRequest(op, &Request{Method: http.MethodGet, Path: path})); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestBodiesByMediaType(t *testing.T) {
	c, op := plainOperation(t, func(op *Operation) {
		s := compiled(t, `{"type":"object","required":["id"],"properties":{"id":{"type":"integer","maximum":9},"made":{"type":"string","readOnly":true}}}`)
		op.Body = &Body{Required: true, Clause: "/b", Content: []*MediaType{
			{Name: "application/*", Schema: s, Clause: "/b/any"},
			{Name: "application/json", Schema: s, Clause: "/b/json"},
			{Name: formType, Schema: s, Clause: "/b/form"},
			{Name: multipartType, Schema: s, Clause: "/b/multipart"},
			{Name: "text/plain", Schema: compiled(t, `{"type":"string","pattern":"^a*$"}`), Clause: "/b/text"},
		}}
	})
	for _, test := range []struct{ contentType, body, want string }{
		{"application/json", `{"id":1}`, ""},
		{"application/json", `{"id":10,"made":"x"}`, "body /id maximum, body /made readOnly"},
		{"application/merge-patch+json", `{"id":10}`, "body /id maximum"},
		{"application/cbor", "\xa0", ""},
		{formType, "id=9", ""},
		{formType, "id=10", "body /id maximum"},
		{formType, "id=%zz", "body syntax, body /id required"},
		{formType, "", "body /id required"},
		{multipartType + "; boundary=b", multipartOf([2]string{partOf("id"), "10"}), "body /id maximum"},
		{multipartType, "x", "body syntax"},
		{"text/plain; charset=utf-8", "aa", ""},
		{"text/plain", "ab", "body pattern"},
		{"text/plain", "", ""},
		{"image/png", "x", "header Content-Type content"},
		{"image/png", `{"id":10}`, "header Content-Type content, body /id maximum"},
		{"", `{"id":1}`, "header Content-Type required"},
		{"", "", "body required"},
		{"application/json", "", "body required"},
	} {
		r := &Request{Method: http.MethodPost, Path: "/p", Header: http.Header{}, Body: []byte(test.body)}
		if test.contentType != "" {
			r.Header.Set("Content-Type", test.contentType)
		}
		if got := briefly(c.JudgeRequest(op, r)); got != test.want {
			t.Errorf("%s: %q: got %q, want %q", test.contentType, test.body, got, test.want)
		}
	}
	op.Body.Content = op.Body.Content[2:]
	if got := briefly(c.JudgeRequest(op, &Request{Method: http.MethodPost, Path: "/p", Body: []byte(`{"id":10}`)})); got != "header Content-Type required" {
		t.Errorf("where no JSON is taken: got %q", got)
	}
}

func TestAnswersOfPlainDocuments(t *testing.T) {
	item := compiled(t, `{"type":"object","required":["id"],"properties":{"id":{"type":"integer"},"at":{"type":"string","format":"date-time"},"pw":{"type":"string","writeOnly":true},"made":{"type":"string","readOnly":true}}}`)
	fault := compiled(t, `{"type":"object","required":["title"],"properties":{"when":{"type":"string","format":"date"}}}`)
	c, op := plainOperation(t, func(op *Operation) {
		op.Responses = []*Response{
			{Status: "200", Content: []*MediaType{{Name: "application/json", Schema: item}, {Name: "application/v2+json", Schema: compiled(t, `{"type":"array"}`)}, {Name: "text/*", Schema: compiled(t, `{"type":"string","maxLength":3}`)}}},
			{Status: "201", Headers: []*Parameter{
				{Name: "Location", In: InHeader, Required: true, Style: StyleSimple, Schema: compiled(t, `{"type":"string","format":"uri-reference"}`)},
				{Name: "x-left", In: InHeader, Style: StyleSimple, Schema: compiled(t, `{"type":"integer"}`)},
				{Name: "X-Ids", In: InHeader, Style: StyleSimple, Schema: compiled(t, `{"type":"array","items":{"type":"integer"}}`)},
				{Name: "Content-Type", In: InHeader, Required: true, Schema: compiled(t, `{"type":"integer"}`)},
			}},
			{Status: "202", Content: []*MediaType{{Name: "*/*", Schema: item}}},
			{Status: "203", Content: []*MediaType{{Name: "text/plain"}}},
			{Status: "204", Content: []*MediaType{{Name: "application/json", Schema: item}}},
			{Status: "404", Content: []*MediaType{{Name: "application/problem+json", Schema: fault}}},
		}
	})
	const js, left = "application/json", "x"
	for _, test := range []struct {
		method string
		status int
		header http.Header
		body   string
		want   string
	}{
		{"POST", 200, headerOf("Content-Type", js), `{"id":1,"at":"2026-01-01T00:00:00Z","made":"m","more":1}`, ""},
		{"POST", 200, headerOf("Content-Type", js), `{"at":"now","pw":"p"}`, "body /id required schema-of-success, body /at format format, body /pw writeOnly write-only"},
		{"POST", 200, headerOf("Content-Type", "application/v2+json"), `[]`, ""},
		{"POST", 200, headerOf("Content-Type", "application/v2+json"), `{}`, "body type schema-of-success"},
		{"POST", 200, headerOf("Content-Type", "text/plain; charset=utf-8"), `abc`, ""},
		{"POST", 200, headerOf("Content-Type", "text/plain"), `abcd`, "body maxLength schema-of-success"},
		{"POST", 200, headerOf("Content-Type", "image/png"), `x`, "header Content-Type media-type media-type"},
		{"POST", 200, nil, `{"id":1}`, "header Content-Type media-type media-type"},
		{"POST", 200, nil, ``, "header Content-Type media-type media-type"},
		{"HEAD", 200, headerOf("Content-Type", "image/png"), ``, ""},
		{"POST", 201, headerOf("Location", "/p/1", "X-Left", "3", "X-Ids", "1, 2"), ``, ""},
		{"POST", 201, nil, ``, "header Location required headers"},
		{"HEAD", 201, nil, ``, ""},
		{"POST", 201, headerOf("Location", "a b", "X-Left", left, "X-Ids", "1, b"), ``, "header Location format headers, header x-left scalar headers, header X-Ids /1 scalar headers"},
		{"HEAD", 201, headerOf("X-Left", left), ``, "header x-left scalar headers"},
		{"POST", 202, headerOf("Content-Type", js), `{}`, "body /id required schema-of-success"},
		{"POST", 202, headerOf("Content-Type", "image/png"), `x`, ""},
		{"POST", 202, nil, ``, ""},
		{"POST", 200, headerOf("Content-Type", js, "Content-Encoding", "gzip"), "\x1f\x8b", ""},
		{"POST", 200, headerOf("Content-Type", js, "Content-Encoding", "identity"), "\x1f\x8b", "body utf8 json, body syntax json"},
		{"POST", 200, headerOf("Content-Type", "text/plain", "Content-Encoding", "gzip"), `abcd`, ""},
		{"POST", 203, nil, ``, ""},
		{"POST", 203, nil, `x`, "header Content-Type media-type media-type"},
		{"POST", 204, nil, ``, ""},
		{"POST", 206, nil, ``, "status status status"},
		{"POST", 302, nil, ``, "status status status"},
		{"POST", 403, nil, ``, "status status status-listed"},
		{"POST", 500, nil, ``, "status status status"},
		{"POST", 404, headerOf("Content-Type", "application/problem+json"), `{"when":"x"}`, "body /title required schema-of-error, body /when format format"},
		{"POST", 404, headerOf("Content-Type", js), `{"title":"t"}`, "header Content-Type media-type media-type"},
	} {
		a := &Answer{Status: test.status, Header: test.header, Body: []byte(test.body)}
		if got := briefly(c.JudgeAnswer(op, test.method, a)); got != test.want {
			t.Errorf("%s %d %v %s: got %q, want %q", test.method, test.status, test.header, test.body, got, test.want)
		}
	}
}

// Where the document describes HEAD itself, its headers are required.
func TestAnswersToDocumentedHead(t *testing.T) {
	c, op := plainOperation(t, func(op *Operation) {
		op.Method = http.MethodHead
		op.Responses = []*Response{{Status: "200", Headers: []*Parameter{{Name: "X-Total", In: InHeader, Required: true, Style: StyleSimple, Schema: compiled(t, `{"type":"integer"}`)}}}}
	})
	if got := briefly(c.JudgeAnswer(op, http.MethodHead, &Answer{Status: 200})); got != "header X-Total required headers" {
		t.Errorf("got %q", got)
	}
}

// An answer under `default` is documented, unless the operation lists what a success looks like.
func TestDefaultAnswers(t *testing.T) {
	other := &Response{Status: "default", Content: []*MediaType{{Name: "application/json", Schema: compiled(t, `{"type":"object"}`)}}}
	for _, test := range []struct {
		responses []*Response
		status    int
		want      string
	}{
		{[]*Response{other}, 200, "body type schema-of-success"},
		{[]*Response{other}, 418, "body type schema-of-error"},
		{[]*Response{{Status: "404"}, other}, 201, "body type schema-of-success"},
		{[]*Response{{Status: "200"}, other}, 201, "status status status"},
		{[]*Response{{Status: "2XX"}, other}, 201, ""},
		{[]*Response{{Status: "2XX"}, {Status: "4XX"}}, 418, ""},
		{[]*Response{{Status: "200"}, other}, 418, "body type schema-of-error"},
	} {
		c, op := plainOperation(t, func(op *Operation) { op.Responses = test.responses })
		a := &Answer{Status: test.status, Header: headerOf("Content-Type", "application/json"), Body: []byte(`[]`)}
		if got := briefly(c.JudgeAnswer(op, http.MethodPost, a)); got != test.want {
			t.Errorf("%d: got %q, want %q", test.status, got, test.want)
		}
	}
}

// What was cut has no format any more, and a header that was not kept is not known.
func TestAbridgedAnswersOfPlainDocuments(t *testing.T) {
	c, op := plainOperation(t, func(op *Operation) {
		op.Responses = []*Response{{
			Status:  "200",
			Headers: []*Parameter{{Name: "X-Kept", In: InHeader, Required: true, Style: StyleSimple, Schema: compiled(t, `{"type":"integer"}`)}},
			Content: []*MediaType{
				{Name: "application/json", Schema: compiled(t, `{"anyOf":[{"type":"object","properties":{"data":{"type":"string","format":"byte"},"n":{"type":"integer","format":"int32"}}}]}`)},
				{Name: "text/plain", Schema: compiled(t, `{"type":"string","pattern":"z$"}`)},
			},
		}}
	})
	for _, test := range []struct {
		contentType, kept string
		abridged          Abridged
		want              string
	}{
		{"application/json", "", Abridged{Length: 99, JSON: `{"data":"YWJjY"}`, FieldsLeftOut: 1}, ""},
		{"application/json", "", Abridged{Length: 99, JSON: `{"n":2147483648}`, FieldsLeftOut: 1}, "body anyOf schema-of-success"},
		{"application/json", "", Abridged{Length: 99, JSON: `{}`, FieldsCut: 1}, "header X-Kept required headers"},
		{"text/plain", "ab", Abridged{Length: 99, FieldsLeftOut: 1}, ""},
		{"text/plain", "ab", Abridged{Length: 2, FieldsLeftOut: 1}, "body pattern schema-of-success"},
	} {
		a := &Answer{Status: 200, Header: headerOf("Content-Type", test.contentType), Body: []byte(test.kept), Abridged: &test.abridged}
		if got := briefly(c.JudgeAnswer(op, http.MethodPost, a)); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.abridged, got, test.want)
		}
	}
}
