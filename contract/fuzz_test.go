package contract_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/contract"
)

func FuzzParse(f *testing.F) {
	f.Add(gesconform.OpenAPI)
	for _, test := range brokenDocuments {
		f.Add(edit(f, test.old, test.with))
	}
	f.Add([]byte("openapi: 3.0.3\ninfo: {title: t, version: v}\npaths: {/a/{b}: {get: {operationId: o, responses: {default: {description: d}}}}}"))
	f.Fuzz(func(t *testing.T, document []byte) {
		c, err := contract.Parse("f.yaml", document)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "load contract: f.yaml:") {
				t.Errorf("got %q", err)
			}
			return
		}
		// What is taken can be used.
		for _, op := range c.Operations() {
			c.JudgeRequest(op, &contract.Request{Method: op.Method, Path: op.Path, Body: []byte(goodBody)})
			for _, r := range op.Responses {
				c.JudgeAnswer(op, op.Method, jsonAnswer(200, goodBody))
				_ = r.Status
			}
		}
	})
}

func FuzzReadJSON(f *testing.F) {
	for _, s := range []string{goodBody, `null`, `[1,2.5e-7,"\ud800",{"a":{}}]`, `{"a":1,"a":2}`, "\xef\xbb\xbf{}", `{"` + "\xff" + `":1}`, `[1]x`, ` `, `{"a"`, `01`, `"\x00"`, strings.Repeat("[", 200)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		v, problems := contract.ReadJSON(body)
		broken := false
		for _, p := range problems {
			broken = broken || p.Keyword == "syntax"
			if p.Message == "" || p.In != contract.InBody {
				t.Errorf("got %+v", p)
			}
		}
		if v == nil && !broken {
			t.Error("neither a value nor a syntax problem")
		}
		text := strings.TrimPrefix(string(body), "\xef\xbb\xbf")
		if !utf8.ValidString(text) || strings.Count(text, "[")+strings.Count(text, "{") > 9000 {
			return
		}
		if valid := json.Valid([]byte(text)); valid == broken {
			t.Errorf("encoding/json says %v of %q, we %v", valid, body, problems)
		}
		if !broken {
			var decoded any
			if err := json.Unmarshal([]byte(text), &decoded); err == nil && kindOf(decoded) != v.Kind {
				t.Errorf("%q: got %s, want %s", body, v.Kind, kindOf(decoded))
			}
		}
	})
}

func kindOf(v any) contract.Kind {
	switch v.(type) {
	case nil:
		return contract.KindNull
	case bool:
		return contract.KindBoolean
	case float64:
		return contract.KindNumber
	case string:
		return contract.KindString
	case []any:
		return contract.KindArray
	default:
		return contract.KindObject
	}
}

func FuzzJudgeRequest(f *testing.F) {
	f.Add("POST", upgradePath, "X-Auth-Token", "t", "application/json", []byte(goodBody))
	f.Add("GET", "/v2//graphs/%2F", "Authorization", "SDK-HMAC-SHA256", "text/plain; x", []byte(`{"upgrade_version":null,"a":[]}`))
	f.Add("", "%", "", "", "", []byte{0xff})
	f.Fuzz(func(t *testing.T, method, path, name, value, contentType string, body []byte) {
		c := load(t)
		header := http.Header{}
		header.Add(name, value)
		header.Add("Content-Type", contentType)
		for _, op := range c.Operations() {
			problems := c.JudgeRequest(op, &contract.Request{Method: method, Path: path, Header: header, Body: body})
			for _, p := range append(problems, c.JudgeAnswer(op, method, &contract.Answer{Status: len(body) * 50, Header: header, Body: body})...) {
				if p.Message == "" || p.Keyword == "" || p.Clause != "" && p.Line == 0 {
					t.Errorf("got %+v", p)
				}
				if len(value) > 8 && name != "Content-Type" && strings.Contains(p.Message, value) && !strings.Contains(contentType+string(body)+string(gesconform.OpenAPI), value) {
					t.Errorf("%v repeats a header", p)
				}
				c.Condition(op, p)
			}
		}
		op, values, known := c.Find(method, path)
		if op != nil && (!known || len(values) != strings.Count(op.Path, "{")) {
			t.Errorf("got %v, %v", values, known)
		}
	})
}
